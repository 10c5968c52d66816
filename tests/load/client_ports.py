# SPDX-License-Identifier: Apache-2.0
"""Who is connected to a server, according to the kernel."""

import pathlib

# In /proc/net/tcp.
_ESTABLISHED = "01"


def client_ports(address: str) -> set:
    """The ports of the clients that are connected to this address of 127.0.0.1 now."""
    # The server's ends: gRPC's sockets are of IPv6, with addresses of IPv4 inside.
    own = f"0100007F:{int(address.split(':')[1]):04X}"
    table = pathlib.Path("/proc/net/tcp6").read_text(encoding="ascii").splitlines()
    return {line[2] for line in map(str.split, table) if line[1].endswith(own)
            and line[3] == _ESTABLISHED}
