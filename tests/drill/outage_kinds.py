# SPDX-License-Identifier: Apache-2.0
"""The ways in which the operator of a drill can be down."""

from typing import NamedTuple


class Outage(NamedTuple):
    """fault: as the emulator's control port expects it."""

    words: str
    fault: dict


OUTAGES = {
    "refuse": Outage("connections refused", {"kind": "refuse", "drop_open": True}),
    "503": Outage("503 to each request", {"kind": "reply", "code": 503}),
    "500": Outage("500 to each request", {"kind": "reply", "code": 500}),
    "429": Outage("429 to each request", {"kind": "reply", "code": 429}),
    "hang": Outage("no request answered", {"kind": "delay", "ms": 60_000}),
    "reset": Outage("connections reset", {"kind": "reset", "at": "before_head"}),
}
