# SPDX-License-Identifier: Apache-2.0
"""A listening port that can be closed and reopened without losing its number."""

import asyncio
import errno
import os
import socket
from dataclasses import replace

from .address import Address

_BACKLOG = 1024


class ListenError(Exception):
    """The message says in one line which address could not be used, and why."""


class Listener:
    """A second socket, which never listens, stays bound to the port as long as this object lives.
    While the listener is closed, connections are refused, and the port cannot be assigned to
    another process."""

    def __init__(self, address: Address, make_protocol):
        """make_protocol: creates the protocol of a new connection. Raises ListenError."""
        self._make_protocol = make_protocol
        self._server = None
        try:
            self._holder = _bound(address)
        except OSError as error:
            raise listen_error(address, error, "--listen") from None
        self.address = Address(address.host, self._holder.getsockname()[1])

    async def open(self):
        """Raises ListenError."""
        if self._server is not None:
            return
        try:
            listening = _bound(self.address)
            self._server = await asyncio.get_running_loop().create_server(
                self._make_protocol, sock=listening, backlog=_BACKLOG
            )
        except OSError as error:
            raise listen_error(self.address, error, "--listen") from None

    def close(self):
        if self._server is not None:
            self._server.close()
            self._server = None

    def release(self):
        """Closes the listener and frees the port."""
        self.close()
        self._holder.close()


def listen_error(address: Address, error: OSError, flag: str) -> ListenError:
    """flag: the one that names the address."""
    # asyncio rewords bind errors, so take the system's text. Resolver errors have no system errno.
    reason = os.strerror(error.errno) if (error.errno or 0) > 0 else error.strerror
    return ListenError(f"cannot listen on {address}: {reason}{_hint(address, error, flag)}")


def _hint(address: Address, error: OSError, flag: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f" (by another emulator?): pass {flag}={replace(address, port=0)} for any free port, or"
            f" see who has it with: ss -ltnp 'sport = :{address.port}'"
        )
    if error.errno == errno.EACCES:
        return f": ports below 1024 are root's; pass {flag}={replace(address, port=0)}, say"
    if error.errno == errno.EADDRNOTAVAIL:
        return f": not an address of this machine; pass {flag}=127.0.0.1:{address.port}, say"
    return ""


def _bound(address: Address) -> socket.socket:
    family, kind, protocol, _, target = socket.getaddrinfo(
        address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(target)
    except OSError:
        bound.close()
        raise
    return bound
