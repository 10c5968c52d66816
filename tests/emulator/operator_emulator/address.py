# SPDX-License-Identifier: Apache-2.0
"""HOST:PORT addresses, as used in flags and printed output."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Address:
    host: str
    port: int  # 0: any free port

    @classmethod
    def parse(cls, text: str):
        """Raises ValueError. An IPv6 host must be in brackets."""
        host, colon, port = text.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not colon or not host or not port.isdecimal() or int(port) > 65535:
            raise ValueError(f"{text!r} is not HOST:PORT")
        return cls(host, int(port))

    def __str__(self):
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"
