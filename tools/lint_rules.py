# SPDX-License-Identifier: Apache-2.0
"""The rules that tools/lint checks, each with its exceptions.

A rule is a pattern that must not occur in the files to which the rule applies. An exception names
one file and the reason. An exception that is no longer needed is itself a finding.
"""

import dataclasses
import re

# The C++ code of the product, without its tests.
PRODUCT = r"(server|client)/.*\.(cc|h)$"
PRODUCT_AND_TESTS = r"(server|client|tests)/.*\.(cc|h)$"


@dataclasses.dataclass(frozen=True)
class Rule:
    """What must not occur, in which files, and what to do instead."""

    name: str
    pattern: str  # searched for in each line
    advice: str
    where: str  # matches the paths of the files to which the rule applies ...
    outside: str = r"(?!)"  # ... unless this matches, too
    # Whether to ignore C++ comments and string literals, and Markdown's fenced blocks.
    code_only: bool = True
    exceptions: dict = dataclasses.field(default_factory=dict)  # path -> reason

    def is_about(self, path):
        return bool(re.match(self.where, path)) and not re.match(self.outside, path)


def _include(headers):
    return r'^\s*#\s*include\s*[<"](?:%s)' % headers


# Bazel and Clang's layering_check enforce the layers for our own headers. They do not check
# /usr/include, where every file can include every system header.
_LAYERS = [
    Rule("grpc-header",
         # Lists the headers of gRPC's C core by name, because grpc/health/v1 is our own proto.
         _include(r"grpcpp/|grpc/(?:grpc\w*|slice\w*|status|byte_buffer\w*|support/.*)\.h"
                  r"|[\w/]+\.grpc\.pb\.h"),
         "only server/rpc and server/app may use gRPC",
         where=PRODUCT, outside=r"server/(rpc|app)/|client/", code_only=False),
    Rule("curl-header", _include(r"curl/"),
         "only server/http may use libcurl",
         where=PRODUCT_AND_TESTS, outside=r"server/http/|tests/(http|fakes|bench)/", code_only=False),
    Rule("http-parser-header", _include(r"http_parser\.h"),
         "only server/http may parse HTTP",
         where=PRODUCT_AND_TESTS, outside=r"server/http/|tests/(http|fakes|bench)/", code_only=False),
    Rule("prometheus-header", _include(r"prometheus/"),
         "only server/telemetry may use prometheus-cpp; use server/telemetry/metrics.h",
         where=PRODUCT_AND_TESTS, outside=r"(server|tests)/telemetry/", code_only=False),
    Rule("microhttpd-header", _include(r"microhttpd\.h"),
         "only server/app/admin_port may use libmicrohttpd",
         where=PRODUCT_AND_TESTS, outside=r"server/app/admin_port\.", code_only=False),
    Rule("openssl-header", _include(r"openssl/"),
         "only server/crypto, secrets and app, what handles TLS in server/http, and client/cpp and "
         "doctor may use OpenSSL",
         where=PRODUCT,
         outside=r"server/(crypto|secrets|app|http/(curl|tls))/|client/(cpp|doctor)/"
                 r"|server/http/connection_failure\."
                 r"|server/http/wire/(tls_\w+|socket_bio)\.",
         code_only=False),
]

_LANGUAGE = [
    Rule("clock", r"\babsl::Now\s*\(|\bsystem_clock::now\b",
         "take the time as an argument, or from a clock that is passed to the constructor",
         where=PRODUCT, outside=r"server/call/system_clock\.h"),
    Rule("sleep", r"\bsleep_(?:for|until)\b|\bSleepFor\b|\b(?:u|nano)?sleep\s*\(",
         "wait for the event, with a time limit",
         where=PRODUCT_AND_TESTS, outside=r"tests/bench/",
         exceptions={
             "server/app/server.cc": "the drain's delay, which no event ends",
         }),
    Rule("std-vocabulary", r"\bstd::(?:string_view|optional)\b",
         "use absl::string_view and absl::optional: Debian's Abseil does not convert them to std's",
         where=PRODUCT),
    Rule("regex", r"\bstd::(?:basic_|w)?regex\b",
         "its running time depends on the input: write the rule as code",
         where=PRODUCT),
    Rule("environment", r"\b(?:secure_)?getenv\b",
         "only the configuration file may affect what the server does",
         # identityctl's settings, and whether a person wants colors; process.cc says which
         # variables it removes.
         where=PRODUCT, outside=r"client/cli/environment\.cc|server/app/process\.cc"),
    Rule("proto-dump", r"\b(?:Short|Utf8)?DebugString\s*\(",
         "messages contain tokens and DII: write selected fields only",
         where=PRODUCT),
    Rule("stdout", r"\bstd::cout\b",
         "only a main.cc may write to stdout; the log goes to stderr",
         where=PRODUCT, outside=r".*/main\.cc$"),
]

_TEXT = [
    Rule("machine-path", r"(?<![\w.$}{*~-])/(?:work|root|Users|home/\w+|tmp/(?:s|wt))/",
         "this path exists on one machine only",
         where=r".*", code_only=False),
    Rule("unfinished", r"\b(?:TO" r"DO|FIX" r"ME)\b",
         "finish it, or describe what is missing in docs/known-limits.md",
         where=r".*", code_only=False),
]

RULES = _LAYERS + _LANGUAGE + _TEXT

# A file holds one noun; a longer file probably holds two. The limit does not apply to BUILD files,
# which list their folder, to the lock file, which npm writes, and to the tests' data.
MAX_LINES = 300
MAX_LINES_WHERE = (r"(server|client|tools)/(?!.*\b(BUILD|package-lock\.json)$)"
                   r"|tests/.*\.(cc|c|h|py|ts|mjs|rs|go|java|sh)$")

FORMATTED_WHERE = PRODUCT_AND_TESTS

# If a paragraph were one line, a change of one word would show as a change of the paragraph.
_PROSE = [
    Rule("columns",
         # Matches what exceeds the limit. A table's row cannot be wrapped; a URL should not be.
         r"(?<=^(?!\s*\|)(?!.*://).{100}).+$",
         "more than 100 columns: wrap the line",
         where=r".*\.(md|proto|txtpb)$"),
]

_WAITS = [
    Rule("civil-clock-wait",
         r"\b(?:WaitForNotification|Await|Wait|(?:Reader)?LockWhen)With(?:Timeout|Deadline)\s*\(",
         "Abseil's timed waits use the civil clock, and hang if it is set back: use a wait that uses "
         "the steady clock (poll, std::condition_variable::wait_for)",
         where=PRODUCT),
    Rule("python-sleep", r"\btime\.sleep\s*\(|\bfrom time import .*\bsleep\b",
         "wait for the event, with a time limit",
         where=r"(?:.*\.py|tools/[^.]*)$",
         exceptions={
             "tests/drill/overload.py": "the duration of the load is part of the measurement",
             "tests/drill/outage.py": "paces a script of events by the clock",
             "tests/soak/run.py": "paces its progress lines over hours",
         }),
]

RULES += _PROSE + _WAITS

LICENCE = "SPDX-License-Identifier: Apache-2.0"
# A shebang, or a line that a program requires to be first, may precede it.
LICENCE_WITHIN = 3
_LICENSED = re.compile(
    r"(?!.*/testdata/)(.*/)?(BUILD|WORKSPACE|[^/]*\.(cc|h|py|sh|proto|bzl|ts|js|mjs|go|java))$")


def is_licensed(path, text):
    """Whether the file must state its license, because of its name or because it is a script."""
    return bool(_LICENSED.match(path)) or text.startswith("#!")
