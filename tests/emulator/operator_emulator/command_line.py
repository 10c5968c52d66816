"""Flags, and what goes wrong at start, in one line each."""

import argparse
import asyncio
import sys
from dataclasses import replace

from . import config as configuration
from .address import Address
from .request_log import RequestLog
from .scope import Scope
from .server import ListenError, serve

_START_FAILED = 2


def main(arguments=None) -> int:
    flags = _parser().parse_args(arguments)
    try:
        config = _with_flags(configuration.load(flags.config, flags.scope), flags)
        asyncio.run(serve(config, flags.listen, RequestLog(flags.quiet)))
    except (configuration.ConfigError, ListenError) as error:
        print(f"emulator: {error}", file=sys.stderr)
        return _START_FAILED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="emulator.py",
        description="Speaks the UID2 / EUID operator's protocol over real HTTP. When ready, prints"
        " one line with its address and serves until SIGTERM or SIGINT.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--config",
        metavar="FILE",
        default=configuration.DEFAULT_FILE,
        help="TOML: scope, keys, lifetimes, opt-outs (default: emulator.toml beside emulator.py)",
    )
    parser.add_argument(
        "--listen",
        metavar="HOST:PORT",
        type=_address,
        default=Address("127.0.0.1", 0),
        help="port 0 takes a free one (default: 127.0.0.1:0)",
    )
    parser.add_argument(
        "--scope", type=_scope, metavar="UID2|EUID", help="instead of the file's scope"
    )
    for name in ("identity", "refresh-from", "refresh"):
        parser.add_argument(
            f"--{name}-ms",
            type=int,
            metavar="MS",
            help=f"instead of the file's lifetimes_ms.{name.replace('-', '_')}",
        )
    parser.add_argument(
        "--clock-offset-ms",
        type=int,
        metavar="MS",
        help="how far the operator's clock is ahead of this machine's (negative: behind)",
    )
    parser.add_argument("--quiet", action="store_true", help="no line a request on stderr")
    return parser


def _address(text: str) -> Address:
    try:
        return Address.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _scope(text: str) -> Scope:
    try:
        return Scope[text.upper()]
    except KeyError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither UID2 nor EUID") from None


def _with_flags(config: configuration.Config, flags) -> configuration.Config:
    lifetimes = config.lifetimes
    for name in ("identity", "refresh_from", "refresh"):
        value = getattr(flags, f"{name}_ms")
        if value is not None:
            lifetimes = replace(lifetimes, **{name: value})
    configuration.check_lifetimes(lifetimes)
    offset = flags.clock_offset_ms
    if offset is None:
        offset = config.clock_offset_ms
    return replace(config, lifetimes=lifetimes, clock_offset_ms=offset)
