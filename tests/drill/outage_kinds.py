"""The ways in which a drill's operator can be down."""

# What an operator that is down does, as faults of the emulator's.
OUTAGES = {
    "refuse": {"kind": "refuse", "drop_open": True},
    "503": {"kind": "reply", "code": 503},
    "500": {"kind": "reply", "code": 500},
    "429": {"kind": "reply", "code": 429},
    "hang": {"kind": "delay", "ms": 60_000},
    "reset": {"kind": "reset", "at": "before_head"},
}
