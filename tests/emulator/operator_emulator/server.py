# SPDX-License-Identifier: Apache-2.0
"""The process: listeners, control port, signals."""

import asyncio
import resource
import signal
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from . import control, next_steps, tls_identity
from .address import Address
from .config import Config
from .emulation import Emulation
from .http_connection import HttpConnection
from .listener import Listener, ListenError
from .request_log import RequestLog
from .tls_acceptor import TlsAcceptor


@dataclass(frozen=True)
class Serving:
    """Command-line settings that are not part of the configuration."""

    listen: tuple  # of Address
    control: Optional[Address]
    tls_folder: Optional[Path]
    tls_certificate: str
    faults: tuple
    seed: int
    state_file: Optional[Path]
    quiet: bool
    explain: bool  # print what to try next


async def serve(config: Config, serving: Serving):
    """Prints its addresses on stdout, then serves until SIGTERM or SIGINT. Raises ListenError,
    StateError."""
    _raise_open_file_limit()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    emulation = Emulation(config, RequestLog(serving.quiet), serving.seed, serving.state_file)
    context = _tls_context(serving)

    def make_protocol():
        if context is None:
            return HttpConnection(emulation)
        return TlsAcceptor(emulation, context)

    emulation.listeners = [Listener(address, make_protocol) for address in serving.listen]
    for listener in emulation.listeners:
        await listener.open()
    runner = control_address = None
    if serving.control is not None:
        runner, control_address = await control.start(emulation, serving.control)
    for fault in serving.faults:
        emulation.add_fault(fault)
    _announce(config, emulation.listeners, serving, control_address)
    await stop.wait()
    for listener in emulation.listeners:
        listener.release()
    emulation.abort_connections()
    emulation.counters.end_waits()
    if runner is not None:
        await runner.cleanup()


def _announce(config: Config, listeners, serving: Serving, control_address: Optional[Address]):
    has_tls = serving.tls_folder is not None
    scheme = "https" if has_tls else "http"
    ca_file = serving.tls_folder / tls_identity.CA_FILE if has_tls else None
    for listener in listeners:
        print(f"operator emulator listening on {scheme}://{listener.address}")
    if control_address is not None:
        print(f"control on http://{control_address}")
    if has_tls:
        print(f"CA certificate in {ca_file}")
    if serving.explain:
        url = f"{scheme}://{listeners[0].address}"
        control_url = None if control_address is None else f"http://{control_address}"
        print(next_steps.text(config, url, control_url, ca_file), end="")
    # One flush for all lines: a reader that waits for one of them gets them all.
    print(end="", flush=True)


def _tls_context(serving: Serving) -> Optional[ssl.SSLContext]:
    if serving.tls_folder is None:
        return None
    try:
        return tls_identity.make_context(serving.tls_folder, serving.tls_certificate)
    except OSError as error:
        raise ListenError(f"cannot write to {serving.tls_folder}: {error.strerror}") from None


def _raise_open_file_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
