"""The listening process: from a Config to a served port."""

import asyncio
import os
import resource
import signal

from .address import Address
from .callers import Callers
from .clock import Clock
from .config import Config
from .http_connection import HttpConnection
from .identities import Identities
from .opt_outs import OptOuts
from .request_log import RequestLog
from .router import Router
from .token_api import TokenApi
from .token_keys import TokenKeys

_BACKLOG = 1024


class ListenError(Exception):
    """The text says in one line which address could not be had, and why."""


def make_router(config: Config) -> Router:
    callers = Callers(config.callers)
    clock = Clock(config.clock_offset_ms)
    keys = TokenKeys(config.token_secret, callers.site_ids())
    opt_outs = OptOuts(keys)
    for identifier in config.opt_outs:
        opt_outs.add(identifier, clock.now_ms())
    identities = Identities(
        config.scope, keys, config.lifetimes, opt_outs, config.extra_identity_fields
    )
    return Router(TokenApi(config.scope, identities), callers, clock)


async def serve(config: Config, address: Address, log: RequestLog):
    """Announces itself on stdout, then serves until SIGTERM or SIGINT. Raises ListenError."""
    _raise_open_file_limit()
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    router = make_router(config)
    connections = set()
    try:
        server = await loop.create_server(
            lambda: HttpConnection(router, connections, log),
            address.host,
            address.port,
            backlog=_BACKLOG,
        )
    except OSError as error:
        # asyncio words bind errors of its own; a resolver's have no errno of the system.
        reason = os.strerror(error.errno) if (error.errno or 0) > 0 else error.strerror
        raise ListenError(f"cannot listen on {address}: {reason}") from None
    port = server.sockets[0].getsockname()[1]
    print(f"operator emulator listening on http://{Address(address.host, port)}", flush=True)
    await stop.wait()
    server.close()
    for connection in list(connections):
        connection.abort()
    await server.wait_closed()


def _raise_open_file_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
