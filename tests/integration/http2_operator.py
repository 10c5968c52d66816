# SPDX-License-Identifier: Apache-2.0
"""An operator that speaks HTTP/2, in front of an emulator."""

import ssl
import struct

from tests.integration.socket_server import SocketServer

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS, PING = 0, 1, 4, 6
END_STREAM, ACK, END_HEADERS = 1, 1, 4
# ":status: 200" in HPACK's static table (RFC 7541, appendix A).
STATUS_200 = b"\x88"


class Http2Operator(SocketServer):
    """Answers every request on a free port of this host as `emulator` answers a generate with that
    body. If HTTP/2 is not offered, does not answer. `tls` is an emulator's --tls folder. close()
    ends it."""

    def __init__(self, emulator, tls):
        self._emulator = emulator
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(tls / "server.pem")
        self._context.set_alpn_protocols(["h2", "http/1.1"])
        # The protocol of each connection so far, and how many requests came over HTTP/2.
        self.protocols = []
        self.requests = 0
        super().__init__()
        self.url = f"https://127.0.0.1:{self.port}"

    def serve(self, client):
        try:
            with self._context.wrap_socket(client, server_side=True) as stream:
                self.protocols.append(stream.selected_alpn_protocol())
                if self.protocols[-1] == "h2":
                    self._converse(stream)
        except (OSError, EOFError):
            pass

    def _converse(self, stream):
        file = stream.makefile("rb")
        assert file.read(len(PREFACE)) == PREFACE
        _send(stream, SETTINGS, 0, 0)
        bodies = {}
        while True:
            kind, flags, number, payload = _receive(file)
            if kind == SETTINGS and not flags & ACK:
                _send(stream, SETTINGS, ACK, 0)
            elif kind == PING and not flags & ACK:
                _send(stream, PING, ACK, 0, payload)
            elif kind == DATA:
                bodies[number] = bodies.get(number, b"") + payload
                if flags & END_STREAM:
                    self.requests += 1
                    _, body = self._emulator.post("generate", bodies.pop(number))
                    _send(stream, HEADERS, END_HEADERS, number, STATUS_200)
                    _send(stream, DATA, END_STREAM, number, body)


def _send(stream, kind, flags, number, payload=b""):
    stream.sendall(struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, number) +
                   payload)


def _receive(file):
    """Kind, flags, number of the stream and payload of the next frame."""
    head = file.read(9)
    if len(head) < 9:
        raise EOFError
    kind, flags, number = struct.unpack(">BBI", head[3:])
    return kind, flags, number, file.read(int.from_bytes(head[:3], "big"))
