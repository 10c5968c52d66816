# SPDX-License-Identifier: Apache-2.0
"""An HTTP proxy that opens tunnels."""

import base64
import re
import socket
import ssl
import threading

from tests.integration.socket_server import SocketServer

SECONDS = 30


class ConnectProxy(SocketServer):
    """Answers CONNECT on a free port of this host, with `status` if that is not 200. If
    `credentials`, "user:password", are given, others are answered with 407. `tls` is an emulator's
    --tls folder; without one, the proxy itself speaks no TLS. close() ends it."""

    def __init__(self, credentials: str = "", status: int = 200, tls=None):
        self._credentials = credentials
        self._status = status
        self._context = None
        if tls is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(tls / "server.pem")
        # The head of each CONNECT request so far.
        self.heads = []
        super().__init__()

    def serve(self, client):
        try:
            client.settimeout(SECONDS)
            if self._context is not None:
                client = self._context.wrap_socket(client, server_side=True)
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                byte = client.recv(1)
                if not byte:
                    return
                head += byte
            self.heads.append(head.decode())
            status = self._status_for(head)
            client.sendall(b"HTTP/1.1 %d Reason\r\nProxy-Note: not the operator's\r\n" % status +
                           (b"\r\n" if status == 200 else b"Content-Length: 0\r\n\r\n"))
            if status == 200:
                host, port = re.match(rb"CONNECT (\S+):(\d+) ", head).groups()
                self._tunnel(client, socket.create_connection((host.decode(), int(port))))
        except OSError:
            pass
        finally:
            client.close()

    def _status_for(self, head: bytes) -> int:
        if self._credentials:
            wanted = b"Basic " + base64.b64encode(self._credentials.encode())
            if b"\r\nProxy-Authorization: " + wanted + b"\r\n" not in head:
                return 407
        return self._status

    @staticmethod
    def _tunnel(client, server):
        def pump(source, sink):
            try:
                while data := source.recv(65536):
                    sink.sendall(data)
            except OSError:
                pass
            for end in (source, sink):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

        threading.Thread(target=pump, args=[server, client], daemon=True).start()
        pump(client, server)
