# SPDX-License-Identifier: Apache-2.0
"""Upgrades a TCP connection to TLS, or fails as planned."""

import asyncio
import os
import ssl

from aiohttp.base_protocol import BaseProtocol

from .fault import Slot
from .http_connection import HttpConnection
from .reply_writer import reset

_HANDSHAKE_TIMEOUT_S = 60


class TlsAcceptor(BaseProtocol):
    """Reads nothing before the handshake, which needs the client's first bytes. If the handshake
    must break, it breaks after those bytes have arrived."""

    def __init__(self, emulation, context: ssl.SSLContext):
        super().__init__(asyncio.get_running_loop())
        self._emulation = emulation
        self._context = context
        self._first_bytes = self._loop.create_future()
        self._task = None

    def connection_made(self, transport):
        super().connection_made(transport)
        self._emulation.connections.add(self)
        self._task = self._loop.create_task(self._accept(transport))

    def data_received(self, data):
        if not self._first_bytes.done():
            self._first_bytes.set_result(None)

    def connection_lost(self, error):
        super().connection_lost(error)
        self._task.cancel()

    def abort(self):
        self._task.cancel()
        if self.transport is not None:
            self.transport.abort()

    async def _accept(self, transport):
        # Not in connection_made: the transport starts reading after it, even if paused there.
        transport.pause_reading()
        faults = self._emulation.plan.for_handshake()
        fault = faults.get(Slot.HANDSHAKE)
        try:
            if fault is not None and fault.kind == "tls_delay":
                await asyncio.sleep(self._emulation.plan.sample_s(fault["ms"]))
            if fault is not None and fault.kind == "tls_break":
                # Closing with unread bytes would send a reset.
                transport.resume_reading()
                await self._first_bytes
                _BREAKS[fault["how"]](transport)
                self._emulation.counters.connection_event("tls_failed")
                return
            await self._handshake(transport)
        finally:
            self._emulation.connections.discard(self)

    async def _handshake(self, transport):
        connection = HttpConnection(self._emulation, tcp_transport=transport)
        try:
            tls = await self._loop.start_tls(
                transport,
                connection,
                self._context,
                server_side=True,
                ssl_handshake_timeout=_HANDSHAKE_TIMEOUT_S,
            )
        except OSError:  # ssl.SSLError, a reset, or a timeout: not an error of the emulator
            self._emulation.counters.connection_event("tls_failed")
            transport.abort()
            return
        connection.connection_made(tls)


def _close(transport):
    transport.close()


def _garbage(transport):
    # No TLS record begins with this byte.
    transport.write(b"\0" + os.urandom(63))
    transport.close()


_BREAKS = {"close": _close, "reset": reset, "garbage": _garbage}
