# SPDX-License-Identifier: Apache-2.0
"""The programs that tools/bench measures, and how each is started."""

import dataclasses
import os
from pathlib import Path
from typing import Callable

# In a test, its runfiles; else the checkout.
_RUNFILES = os.environ.get("TEST_SRCDIR")
ROOT = (Path(_RUNFILES, os.environ["TEST_WORKSPACE"]) if _RUNFILES
        else Path(__file__).resolve().parent.parent.parent)
BIN = ROOT if _RUNFILES else ROOT / "bazel-bin"


@dataclasses.dataclass(frozen=True)
class Program:
    """A program to measure. `command` returns its argument list for a Workplace.

    kind: server  the load generator calls it; it prints its address
          client  calls the operator stub, and measures itself
          work    has no peer, and measures itself
    """
    name: str
    target: str
    kind: str
    command: Callable[["Workplace"], list]
    floor: bool = False
    # Whether each call includes a call to the operator. If so, memory and latency under load are
    # measured, too.
    whole: bool = False
    both_cores: bool = False
    log_to_file: bool = False
    # Whether it demands a client certificate.
    mutual_tls: bool = False
    # Whether its metrics are scraped once a second, fifteen times as often as usual.
    scraped: bool = False


def bench_binary(name, *arguments):
    return lambda place: [BIN / "tests/bench" / name, *arguments]


# Every call pays for its line in the log; by default, most lines would be dropped at this load.
EVERY_LINE = "{ max_lines_per_second: 0 }"


def service(log=EVERY_LINE, admin=True, **fields):
    def command(place):
        port = {"admin_address": f'"{place.admin_address}"'} if admin else {}
        return [BIN / "server/identity_server", f"--config={place.server_config(log=log, **port, **fields)}"]
    return command


def service_with_tls(place):
    folder = place.certificates()
    return service(
        reflection="true", callers='{ san: "bench" }', runtime_dir=f'"{place.folder}/published"',
        tls=f'{{ certificate_file: "{folder}/server.pem" private_key_file: "{folder}/server.key" '
            f'client_ca_file: "{folder}/ca.pem" }}')(place)


def other_service(binary):
    return Program("service, beside", "//server:identity_server", "server",
                   lambda place: [binary, f"--config={place.server_config(reflection='true')}"], whole=True)


def post_loop(place):
    return [BIN / "tests/bench/post_loop", f"--operator_url={place.operator_url}",
            f"--credentials_dir={place.credentials}"]


# Add implementations in other languages here, too.
PROGRAMS = [
    Program("gRPC echo", "//tests/bench:echo_server", "server", bench_binary("echo_server"), floor=True),
    Program("libcurl POST", "//tests/bench:post_loop", "client", post_loop, floor=True),
    Program("AES-GCM", "//tests/bench:seal_loop", "work", bench_binary("seal_loop"), floor=True),
    Program("gRPC echo, reflection and health", "//tests/bench:echo_server", "server",
            bench_binary("echo_server", "--reflection")),
    Program("gRPC echo, mTLS", "//tests/bench:echo_server", "server",
            lambda place: bench_binary("echo_server", f"--certificates={place.certificates()}")(place),
            mutual_tls=True),
    Program("service", "//server:identity_server", "server", service(reflection="true"), whole=True,
            scraped=True),
    Program("service, no log and no scrapes", "//server:identity_server", "server",
            service(log="{ min_severity: ERROR }", admin=False, reflection="true")),
    Program("service, no reflection", "//server:identity_server", "server", service(reflection="false")),
    Program("service, log in a file", "//server:identity_server", "server", service(reflection="true"),
            log_to_file=True),
    Program("service, two cores", "//server:identity_server", "server", service(reflection="true"),
            both_cores=True),
    Program("service, mTLS", "//server:identity_server", "server", service_with_tls, mutual_tls=True),
]
