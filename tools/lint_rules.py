# SPDX-License-Identifier: Apache-2.0
"""The rules that tools/lint holds the sources to, each with its exceptions beside it.

A rule is a pattern that must not occur in the files it is about. An exception names one file and
says why; one that is no longer needed is itself a finding, so the lists can only shrink.
"""

import dataclasses
import re

# The product's own C++, as opposed to its tests'.
PRODUCT = r"(server|client)/.*\.(cc|h)$"
PRODUCT_AND_TESTS = r"(server|client|tests)/.*\.(cc|h)$"


@dataclasses.dataclass(frozen=True)
class Rule:
    """What must not occur, where, and what to do instead."""

    name: str
    pattern: str  # searched for in each line
    advice: str
    where: str  # matches the paths of the files that the rule is about ...
    outside: str = r"(?!)"  # ... unless this matches too
    # Blank out C++ comments and string literals, and Markdown's fenced blocks, first.
    code_only: bool = True
    exceptions: dict = dataclasses.field(default_factory=dict)  # path -> reason

    def is_about(self, path):
        return bool(re.match(self.where, path)) and not re.match(self.outside, path)


def _include(headers):
    return r'^\s*#\s*include\s*[<"](?:%s)' % headers


# Bazel and clang's layering_check prove the layers among our own headers. They cannot see into
# /usr/include, where every system header lies open to every file.
_LAYERS = [
    Rule("grpc-header",
         # gRPC's C core by name: grpc/health/v1 is a proto of our own.
         _include(r"grpcpp/|grpc/(?:grpc\w*|slice\w*|status|byte_buffer\w*|support/.*)\.h"
                  r"|[\w/]+\.grpc\.pb\.h"),
         "gRPC is known to server/rpc and server/app only",
         where=PRODUCT, outside=r"server/(rpc|app)/|client/", code_only=False),
    Rule("curl-header", _include(r"curl/"),
         "libcurl is known to server/http only",
         where=PRODUCT_AND_TESTS, outside=r"server/http/|tests/(http|fakes|bench)/", code_only=False),
    Rule("http-parser-header", _include(r"http_parser\.h"),
         "HTTP is parsed in server/http only",
         where=PRODUCT_AND_TESTS, outside=r"server/http/|tests/(http|fakes|bench)/", code_only=False),
    Rule("prometheus-header", _include(r"prometheus/"),
         "what happens is told to server/telemetry/metrics.h; prometheus-cpp is known there only",
         where=PRODUCT_AND_TESTS, outside=r"(server|tests)/telemetry/", code_only=False),
    Rule("openssl-header", _include(r"openssl/"),
         "OpenSSL is known to server/crypto, secrets, http and app, and client/doctor only",
         where=PRODUCT, outside=r"server/(crypto|secrets|http|app)/|client/doctor/",
         code_only=False),
]

_LANGUAGE = [
    Rule("clock", r"\babsl::Now\s*\(|\bsystem_clock::now\b",
         "time is an argument, or comes from a clock that the constructor was given",
         where=PRODUCT, outside=r"server/call/system_clock\.h"),
    Rule("sleep", r"\bsleep_(?:for|until)\b|\bSleepFor\b|\b(?:u|nano)?sleep\s*\(",
         "wait for the event, with a bound",
         where=PRODUCT_AND_TESTS, outside=r"tests/bench/",
         exceptions={
             "server/app/server.cc": "the drain's delay, which no event ends",
         }),
    Rule("std-vocabulary", r"\bstd::(?:string_view|optional)\b",
         "absl::string_view, absl::optional: Debian's Abseil does not convert to std's",
         where=PRODUCT),
    Rule("regex", r"\bstd::(?:basic_|w)?regex\b",
         "its running time depends on the input: write the rule out",
         where=PRODUCT),
    Rule("environment", r"\b(?:secure_)?getenv\b",
         "what the server does is in its configuration alone",
         # NO_COLOR says whether a person wants colours.
         where=PRODUCT, outside=r"client/cli/main\.cc"),
    Rule("proto-dump", r"\b(?:Short|Utf8)?DebugString\s*\(",
         "messages hold tokens and DII: write chosen fields",
         where=PRODUCT),
    Rule("stdout", r"\bstd::cout\b",
         "only a main.cc writes to stdout; the log goes to stderr",
         where=PRODUCT, outside=r".*/main\.cc$"),
]

_TEXT = [
    Rule("machine-path", r"(?<![\w.$}{*~-])/(?:work|root|Users|home/\w+|tmp/(?:s|wt))/",
         "a path that only one machine has",
         where=r".*", code_only=False),
    Rule("unfinished", r"\b(?:TO" r"DO|FIX" r"ME)\b",
         "finish it, or say what is missing in docs/known-limits.md",
         where=r".*", code_only=False),
]

RULES = _LAYERS + _LANGUAGE + _TEXT

# A file holds one noun; what grows past this holds two. A BUILD file lists its folder, and npm
# writes its lock file.
MAX_LINES = 300
MAX_LINES_WHERE = r"(server|client|tools)/(?!.*\b(BUILD|package-lock\.json)$)"

FORMATTED_WHERE = PRODUCT_AND_TESTS

# A line of prose that is a paragraph makes every change of a word a change of the paragraph.
_PROSE = [
    Rule("columns",
         # What stands beyond; a table's row cannot be wrapped, a URL should not be.
         r"(?<=^(?!\s*\|)(?!.*://).{100}).+$",
         "more than 100 columns: wrap it",
         where=r".*\.(md|proto|txtpb)$"),
]

_WAITS = [
    Rule("civil-clock-wait",
         r"\b(?:WaitForNotification|Await|Wait|(?:Reader)?LockWhen)With(?:Timeout|Deadline)\s*\(",
         "Abseil's timed waits end at a moment of the civil clock, and hang if it is set back: "
         "wait by the steady clock (poll, std::condition_variable::wait_for)",
         where=PRODUCT),
    Rule("python-sleep", r"\btime\.sleep\s*\(|\bfrom time import .*\bsleep\b",
         "wait for the event, with a bound",
         where=r"(?:.*\.py|tools/[^.]*)$",
         exceptions={
             "tests/drill/overload.py": "how long the load lasts is what is measured",
             "tests/drill/outage.py": "paces a script of events by the clock",
             "tests/soak/run.py": "paces its progress lines over hours",
         }),
]

RULES += _PROSE + _WAITS

LICENCE = "SPDX-License-Identifier: Apache-2.0"
# A shebang, and what a program wants on the first line, may stand before it.
LICENCE_WITHIN = 3
_LICENSED = re.compile(
    r"(?!.*/testdata/)(.*/)?(BUILD|WORKSPACE|[^/]*\.(cc|h|py|sh|proto|bzl|ts|js|mjs|go|java))$")


def is_licensed(path, text):
    """Whether the file is a source that says its licence: by its name, or as a script."""
    return bool(_LICENSED.match(path)) or text.startswith("#!")
