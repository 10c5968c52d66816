# SPDX-License-Identifier: Apache-2.0
"""A client with full control over the bytes it sends."""

import socket

import pytest


class RawPeer:
    """Sends and expects exact bytes. A context manager."""

    def __init__(self, emulator):
        self._socket = socket.create_connection((emulator.host, emulator.port), timeout=20)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._socket.close()

    def send(self, data: bytes):
        self._socket.sendall(data)

    def read(self, count: int) -> bytes:
        """Reads `count` bytes, or fewer if the connection closes."""
        data = bytearray()
        while len(data) < count:
            chunk = self._socket.recv(min(count - len(data), 1 << 16))
            if not chunk:
                break
            data += chunk
        return bytes(data)

    def expect(self, reply: bytes):
        assert self.read(len(reply)) == reply

    def expect_close(self):
        """Expects FIN, with no bytes before it."""
        assert self.read(1) == b""

    def expect_reset(self):
        """Expects RST, with no bytes before it."""
        with pytest.raises(ConnectionResetError):
            self.read(1)

    def expect_end(self):
        """Expects FIN or RST, with no bytes before it."""
        try:
            self.expect_close()
        except ConnectionResetError:
            pass

    def read_to_end(self) -> bytes:
        return self.read(1 << 30)
