# SPDX-License-Identifier: Apache-2.0
"""A DNS server for one name, whose addresses change as those of a headless Kubernetes service do."""

from dnslib import QTYPE, RCODE, RR, A
from dnslib.server import BaseResolver, DNSLogger, DNSServer

NAME = "identity.test"


class NameServer(BaseResolver):
    """Answers queries for NAME with the IPv4 addresses in `addresses`. Must be ended by close()."""

    def __init__(self, *addresses: str):
        # Replace the list to change it: queries are answered on another thread.
        self.addresses = addresses
        self._server = DNSServer(self, address="127.0.0.1", port=0,
                                 logger=DNSLogger("truncated,error"))
        self._server.start_thread()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def target(self, port: int) -> str:
        """The gRPC target of this port at the addresses."""
        own_port = self._server.server.server_address[1]
        return f"dns://127.0.0.1:{own_port}/{NAME}:{port}"

    def resolve(self, request, handler):
        """Called by dnslib with each query."""
        reply = request.reply()
        if not request.q.qname.matchGlob(NAME):
            reply.header.rcode = RCODE.NXDOMAIN
        elif request.q.qtype == QTYPE.A:
            reply.add_answer(*(RR(request.q.qname, QTYPE.A, rdata=A(address), ttl=0)
                               for address in self.addresses))
        return reply

    def close(self):
        self._server.stop()
        self._server.server.server_close()
