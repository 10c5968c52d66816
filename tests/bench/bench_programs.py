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

SERVICE = "//server:identity_server"

# Without and with TLS to the operator.
FLOOR = "floor"
TLS_FLOOR = "floor, TLS"


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
    # The floors that it is a part of, and the one that its cost is a ratio to.
    floors: tuple = ()
    against: str = FLOOR
    # Whether each call includes a call to the operator. If so, memory and latency under load are
    # measured, too.
    whole: bool = False
    # Whether the time from its start to the first response is measured.
    first_call: bool = False
    # The name of a program whose cost in the same round its own is also a ratio to.
    pair_with: str = ""
    both_cores: bool = False
    log_to_file: bool = False
    # Whether it demands a client certificate.
    mutual_tls: bool = False
    # Whether its metrics are scraped once a second, fifteen times as often as usual.
    scraped: bool = False
    # The operator that it calls, and the calls that it is sent.
    operator_tls: bool = False
    operator_delay_ms: int = 0
    method: str = "generate"
    connections: int = 4
    in_flight: int = 64


def bench_binary(name, *arguments):
    return lambda place: [BIN / "tests/bench" / name, *arguments]


# Every call pays for its line in the log; by default, most lines would be dropped at this load.
EVERY_LINE = "{ max_lines_per_second: 0 }"
LIBCURL = "request_timeout { seconds: 5 } transport: LIBCURL"


def service(binary=None, log=EVERY_LINE, admin=True, **fields):
    def command(place):
        port = {"admin_address": f'"{place.admin_address}"'} if admin else {}
        return [binary or BIN / "server/identity_server",
                f"--config={place.server_config(log=log, reflection='true', **port, **fields)}"]
    return command


def service_with_tls(place):
    folder = place.certificates()
    return service(
        callers='{ san: "bench" }', runtime_dir=f'"{place.folder}/published"',
        tls=f'{{ certificate_file: "{folder}/server.pem" private_key_file: "{folder}/server.key" '
            f'client_ca_file: "{folder}/ca.pem" }}')(place)


def post_loop(place):
    trusted = [f"--ca_file={place.certificates()}/ca.pem"] if place.operator_url.startswith("https:") else []
    return [BIN / "tests/bench/post_loop", f"--operator_url={place.operator_url}",
            f"--credentials_dir={place.credentials}", *trusted]


def _service_row(words, command, **what):
    return Program(f"service, {words}" if words else "service", SERVICE, "server", command, **what)


# Peers in other languages are in bench_peers.py.
PROGRAMS = [
    Program("gRPC echo", "//tests/bench:echo_server", "server", bench_binary("echo_server"),
            floors=(FLOOR, TLS_FLOOR), first_call=True),
    Program("libcurl POST", "//tests/bench:post_loop", "client", post_loop, floors=(FLOOR,)),
    Program("libcurl POST, TLS", "//tests/bench:post_loop", "client", post_loop, floors=(TLS_FLOOR,),
            against=TLS_FLOOR, operator_tls=True),
    Program("AES-GCM", "//tests/bench:seal_loop", "work", bench_binary("seal_loop"),
            floors=(FLOOR, TLS_FLOOR)),
    Program("gRPC echo, mTLS", "//tests/bench:echo_server", "server",
            lambda place: bench_binary("echo_server", f"--certificates={place.certificates()}")(place),
            mutual_tls=True),
    _service_row("", service(), whole=True, first_call=True, scraped=True),
    _service_row("libcurl", service(connection=LIBCURL), whole=True, first_call=True, scraped=True,
                 pair_with="service"),
    _service_row("TLS to the operator", service(), against=TLS_FLOOR, whole=True, first_call=True,
                 operator_tls=True),
    _service_row("libcurl, TLS to the operator", service(connection=LIBCURL), against=TLS_FLOOR,
                 operator_tls=True, pair_with="service, TLS to the operator"),
    _service_row("mTLS", service_with_tls, mutual_tls=True),
    _service_row("refresh", service(), method="refresh", pair_with="service"),
    _service_row("64 connections", service(), connections=64, pair_with="service"),
    _service_row("operator of 20 ms", service(), operator_delay_ms=20, in_flight=2000, pair_with="service"),
    _service_row("two cores", service(), both_cores=True, pair_with="service"),
    _service_row("no log and no scrapes", service(log="{ min_severity: ERROR }", admin=False),
                 pair_with="service"),
    _service_row("log in a file", service(), log_to_file=True, pair_with="service"),
]
