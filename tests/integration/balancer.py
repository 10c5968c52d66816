# SPDX-License-Identifier: Apache-2.0
"""A load balancer in front of an emulator, which fails in ways that an emulator cannot."""

import enum
import re
import socket
import threading

SECONDS = 30


class Mode(enum.Enum):
    """What a balancer does with a new connection."""

    FORWARD = "forward"
    # Takes it, and everything that the peer sends, and never says a word.
    HANG = "hang"
    # Answers every request with 503 itself.
    BUSY = "busy"


class Balancer:
    """Forwards the connections to `host` and `port` to `target`, an emulator. close() ends it."""

    def __init__(self, target, host: str = "127.0.0.1", port: int = 0):
        self._target = (target.host, target.port)
        self.mode = Mode.FORWARD
        # Of this host's connections, all that were ever accepted, and the requests seen on them.
        self.accepted = 0
        self._connections = []
        self._lock = threading.Lock()
        self._listener = None
        self.host, self.port = host, port
        self.listen()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def listen(self):
        self._listener = socket.create_server((self.host, self.port), backlog=1000)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def refuse(self):
        """New connections are refused, and open ones are reset, until listen()."""
        # close() alone would not end a blocked accept().
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            connections, self._connections = self._connections, []
        for connection in connections:
            connection.close()

    close = refuse

    def forget(self):
        """Open connections stay open, and nothing passes on them any more."""
        with self._lock:
            for connection in self._connections:
                connection.forgotten = True

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self.accepted += 1
                connection = _Connection(client, self.mode)
                self._connections.append(connection)
            if self.mode is Mode.FORWARD:
                connection.forward_to(self._target)
            threading.Thread(target=connection.serve, daemon=True).start()


class _Connection:
    def __init__(self, client, mode):
        self.forgotten = False
        self._mode = mode
        self._client = client
        self._server = None

    def close(self):
        for end in (self._client, self._server):
            try:
                if end is not None:
                    end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def forward_to(self, target):
        self._server = socket.create_connection(target, SECONDS)
        threading.Thread(target=self._pump, args=[self._server, self._client], daemon=True).start()

    def serve(self):
        if self._mode is Mode.BUSY:
            self._answer_busy()
        else:
            self._pump(self._client, self._server)

    def _pump(self, source, sink):
        try:
            while data := source.recv(65536):
                if sink is not None and not self.forgotten:
                    sink.sendall(data)
        except OSError:
            pass
        if not self.forgotten:
            self.close()

    def _answer_busy(self):
        received = b""
        try:
            while data := self._client.recv(65536):
                received += data
                head, end, body = received.partition(b"\r\n\r\n")
                length = re.search(rb"(?i)content-length: *(\d+)", head)
                if end and length and len(body) >= int(length[1]):
                    received = body[int(length[1]):]
                    self._client.sendall(b"HTTP/1.1 503 Service Unavailable\r\n"
                                         b"Content-Length: 0\r\n\r\n")
        except OSError:
            pass
