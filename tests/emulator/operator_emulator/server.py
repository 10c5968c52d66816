# SPDX-License-Identifier: Apache-2.0
"""The process: listeners, control port, signals."""

import asyncio
import resource
import signal
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Optional, TextIO

from . import background, control, tls_identity
from .address import Address
from .announcement import Announcement
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
    log: Optional[TextIO]  # gets a line per request
    output: str  # one of announcement.OUTPUTS
    explain: bool  # print what to try next
    is_in_background: bool


async def serve(config: Config, serving: Serving):
    """Prints its addresses on stdout, then serves until SIGTERM or SIGINT. Raises ListenError,
    StateError."""
    _raise_open_file_limit()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    emulation = Emulation(config, RequestLog(serving.log), serving.seed, serving.state_file)
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
    announcement = _announcement(config, emulation.listeners, serving, control_address)
    # One write for all lines: a reader that waits for one of them gets them all.
    print(announcement.in_form(serving.output, serving.explain), end="", flush=True)
    if serving.is_in_background:
        background.detach()
    await stop.wait()
    for listener in emulation.listeners:
        listener.release()
    emulation.abort_connections()
    emulation.counters.end_waits()
    if runner is not None:
        await runner.cleanup()


def _announcement(
    config: Config, listeners, serving: Serving, control_address: Optional[Address]
) -> Announcement:
    has_tls = serving.tls_folder is not None
    scheme = "https" if has_tls else "http"
    return Announcement(
        config,
        urls=[f"{scheme}://{listener.address}" for listener in listeners],
        control_url=None if control_address is None else f"http://{control_address}",
        ca_file=serving.tls_folder / tls_identity.CA_FILE if has_tls else None,
    )


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
