# SPDX-License-Identifier: Apache-2.0
"""What is measured, and what for: "fit" points give the model its figures, "check" points do not."""

import dataclasses


@dataclasses.dataclass(frozen=True, eq=False)
class Setup:
    """uses: the total rate, 0 for the maximum, or the calls in flight at all replicas together, and
    what the point is for. connections: from callers to each replica. operator_ms: 0 for the usual
    one."""

    uses: dict
    replicas: int = 1
    workers: int = 1
    operator_tls: bool = False
    caller_tls: bool = False
    connections: int = 8
    operator_ms: int = 0

    def facts(self) -> dict:
        return {name: getattr(self, name) for name in (
            "replicas", "workers", "operator_tls", "caller_tls", "connections")}

    def words(self) -> str:
        sides = [side for side, on in (("operator", self.operator_tls), ("callers", self.caller_tls))
                 if on]
        return (f"{self.replicas} × {self.workers} worker{'s' * (self.workers > 1)}, "
                f"{self.connections} connections each"
                + (f", TLS to {' and '.join(sides)}" if sides else ""))


FIT, CHECK = "fit", "check"
# With it, one replica keeps less than half of a slow core busy, and four leave room for the load.
TOTAL_RATE = 6000
TOTAL_IN_FLIGHT = 2000

_TLS_RATES = {1000: FIT, 3000: CHECK, 0: FIT}

CPU = (
    Setup({500: FIT, 1000: FIT, 2000: CHECK, 4000: FIT, 8000: CHECK, 0: FIT}),
    Setup(_TLS_RATES, operator_tls=True),
    Setup(_TLS_RATES, caller_tls=True),
    Setup(dict.fromkeys(_TLS_RATES, CHECK), operator_tls=True, caller_tls=True),
    *(Setup({TOTAL_RATE: CHECK}, replicas=replicas) for replicas in (1, 2, 4)),
    Setup({TOTAL_RATE: CHECK}, workers=2),
    Setup({2000: CHECK}, operator_ms=100),
)

MEMORY = (
    Setup({50: FIT, 1000: FIT, 2000: CHECK, 4000: FIT}),
    Setup({500: FIT, 1000: CHECK}, operator_tls=True),
    Setup({50: FIT}, connections=500),
    Setup({50: CHECK}, connections=250),
    Setup({50: FIT}, connections=100, caller_tls=True),
    Setup({50: CHECK}, connections=250, caller_tls=True),
    Setup({50: FIT}, connections=500, caller_tls=True),
    *(Setup({TOTAL_IN_FLIGHT: CHECK}, replicas=replicas) for replicas in (2, 4)),
)
