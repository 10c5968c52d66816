# SPDX-License-Identifier: Apache-2.0
"""Parses the flags, and reports each startup error in one line."""

import argparse
import asyncio
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Optional, TextIO

from . import background
from . import config as configuration
from . import fault
from .address import Address
from .announcement import OUTPUTS
from .config_table import Table
from .listener import ListenError
from .scope import Scope
from .server import Serving, serve
from .state_file import StateError
from .suggestion import unknown
from .tls_identity import CERTIFICATES

_START_FAILED = 2


class _Parser(argparse.ArgumentParser):
    """Reports an error in one line, without the usage before it."""

    def error(self, message: str):
        self.exit(_START_FAILED, f"emulator: {message}; --help lists the flags\n")


def main(arguments=None) -> int:
    flags = _parsed_flags(arguments)
    if flags.background:
        return background.run(lambda: _serve(flags))
    return _serve(flags)


def _parsed_flags(arguments):
    parser = _parser()
    flags, others = parser.parse_known_args(arguments)
    if others:
        known = re.findall(r"--[a-z-]+", parser.format_help())
        words = [unknown(other.partition("=")[0], known) for other in others]
        parser.error(f"unrecognized: {', '.join(words)}")
    return flags


def _serve(flags) -> int:
    try:
        log = _log(flags)
    except OSError as error:
        print(f"emulator: {flags.log_file}: {error.strerror}", file=sys.stderr)
        return _START_FAILED
    serving = Serving(
        listen=tuple(flags.listen or [Address("127.0.0.1", 0)]),
        control=flags.control,
        tls_folder=flags.tls,
        tls_certificate=flags.tls_certificate,
        faults=tuple(flags.fault),
        seed=flags.seed,
        state_file=flags.state_file,
        log=log,
        output=flags.output or ("env" if flags.background else "text"),
        explain=flags.explain,
        is_in_background=flags.background,
    )
    try:
        config = _with_flags(configuration.load(flags.config, flags.scope), flags)
        asyncio.run(serve(config, serving))
    except (configuration.ConfigError, ListenError, StateError, fault.FaultError) as error:
        print(f"emulator: {error}", file=sys.stderr)
        return _START_FAILED
    return 0


def _log(flags) -> Optional[TextIO]:
    """Raises OSError."""
    if flags.log_file:
        return open(flags.log_file, "a", encoding="utf-8")
    return None if flags.quiet or flags.background else sys.stderr


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="emulator.py",
        description="Emulates a UID2 / EUID operator over real HTTP. When ready, prints one line"
        " for each address, and serves until SIGTERM or SIGINT.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--config",
        metavar="FILE",
        default=configuration.DEFAULT_FILE,
        help="TOML file with scope, keys, lifetimes, and opt-outs"
        " (default: emulator.toml in the same directory as emulator.py)",
    )
    _add_operator_flags(parser)
    _add_serving_flags(parser)
    return parser


def _add_operator_flags(parser):
    group = parser.add_argument_group("operator (these flags override the configuration file)")
    group.add_argument(
        "--scope",
        type=_parsed(_scope),
        metavar="UID2|EUID",
        help="identity space that the operator serves",
    )
    for name in ("identity", "refresh-from", "refresh"):
        group.add_argument(
            f"--{name}-ms",
            type=int,
            metavar="MS",
            help=f"sets lifetimes_ms.{name.replace('-', '_')}",
        )
    group.add_argument(
        "--clock-offset-ms",
        type=int,
        metavar="MS",
        help="how far the operator's clock is ahead of this machine's (negative: behind)",
    )
    group.add_argument(
        "--state-file",
        metavar="FILE",
        type=Path,
        help="keep opt-outs that are added or removed at run time in FILE, over restarts",
    )


def _add_serving_flags(parser):
    group = parser.add_argument_group("serving")
    group.add_argument(
        "--listen",
        metavar="HOST:PORT",
        type=_parsed(Address.parse),
        action="append",
        help="address to listen on; may be repeated; port 0 picks a free port"
        " (default: 127.0.0.1:0)",
    )
    group.add_argument(
        "--tls",
        metavar="FOLDER",
        type=Path,
        help="serve HTTPS, and write the certificate of a throwaway CA to FOLDER/ca.pem",
    )
    group.add_argument(
        "--tls-certificate",
        choices=CERTIFICATES,
        default=CERTIFICATES[0],
        help=f"server certificate to present (default: {CERTIFICATES[0]})",
    )
    group.add_argument(
        "--control",
        metavar="HOST:PORT",
        type=_parsed(Address.parse),
        help="serve /faults, /counters, /opt_outs, /settings, and /keys on this address",
    )
    group.add_argument(
        "--fault",
        metavar="KIND,name=value,...",
        type=_parsed(fault.parse),
        action="append",
        default=[],
        help="fault to inject from the start; may be repeated (README.md lists the kinds)",
    )
    group.add_argument(
        "--seed",
        type=int,
        default=1,
        metavar="N",
        help="random seed for fault shares and distributions (default: 1)",
    )
    group.add_argument(
        "--quiet", action="store_true", help="do not log requests to stderr"
    )
    group.add_argument(
        "--log-file",
        metavar="FILE",
        help="append a line per request to FILE instead of stderr",
    )
    _add_output_flags(parser)


def _add_output_flags(parser):
    group = parser.add_argument_group("output")
    group.add_argument(
        "--output",
        choices=OUTPUTS,
        help="what to print once listening: text (the default), json (one line with addresses and"
        " keys), or env (commands for a shell that set UID_SERVER_BASE_URL, UID_API_KEY,"
        " UID_CLIENT_SECRET, EMULATOR_CONTROL_URL, EMULATOR_CA_FILE, and EMULATOR_PID)",
    )
    group.add_argument(
        "--background",
        action="store_true",
        help="once listening, print as with --output=env (or as --output says), and go on in the"
        ' background, until: kill "$EMULATOR_PID"',
    )
    group.add_argument(
        "--explain", action="store_true", help="with text, print what to try next, too"
    )


def _parsed(parse):
    """Wraps parse for argparse, which shows an error's text only if it is an ArgumentTypeError."""

    def convert(text: str):
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return convert


def _scope(text: str) -> Scope:
    try:
        return Scope[text.upper()]
    except KeyError:
        raise ValueError(f"{text!r} is neither UID2 nor EUID") from None


def _with_flags(config: configuration.Config, flags) -> configuration.Config:
    """Raises ConfigError."""
    given = {
        name: getattr(flags, f"{name}_ms")
        for name in ("identity", "refresh_from", "refresh")
        if getattr(flags, f"{name}_ms") is not None
    }
    offset = {} if flags.clock_offset_ms is None else {"clock_offset_ms": flags.clock_offset_ms}
    return replace(
        config,
        lifetimes=configuration.read_lifetimes(Table(given, "lifetimes_ms"), config.lifetimes),
        clock_offset_ms=configuration.read_clock_offset(Table(offset), config.clock_offset_ms),
    )
