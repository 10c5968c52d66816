# SPDX-License-Identifier: Apache-2.0
"""The part that servers made of bare sockets share."""

import socket
import threading


class SocketServer:
    """Accepts connections on a free port of this host, and calls serve() for each on a thread of
    its own. close() ends it."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        # close() alone would not end a blocked accept().
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def serve(self, client: socket.socket):
        """Serves one connection, and closes it."""
        raise NotImplementedError

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=[client], daemon=True).start()
