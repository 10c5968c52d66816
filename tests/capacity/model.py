# SPDX-License-Identifier: Apache-2.0
"""What a number of replicas carries, and what it takes: CPU time, memory and connections.

CPU time. A call costs `busy` on a core that is always busy. On one that is not, threads sleep
between calls, and waking them costs up to `wake` more: the more often, the more idle the core is.
`awake` is what a worker takes as soon as there are calls at all. With u for the share of the time
that the core is busy,

  cost = busy + wake * (1 - u) + awake / rate   and   u = rate * cost

so that cost = (busy + wake + awake / rate) / (1 + wake * rate). The cost is linear in the three
figures: the method of least squares finds them. TLS adds a constant each.

Memory is linear in the calls in flight and in the callers' connections. Each call in flight has a
connection to the operator, because HTTP/1.1 carries one request at a time; how many there are
follows from Little's law.
"""

import dataclasses
import math

MICRO = 1e-6
KIB_PER_MIB = 1024
# Calls do not come at even intervals: of a mean of n in flight, few moments have more than this
# many standard deviations more (Poisson).
PEAK_DEVIATIONS = 3


@dataclasses.dataclass(frozen=True)
class Options:
    """How the service is deployed. utilization: the share of its cores that the load may keep busy;
    callers: connections from clients to each replica."""

    operator_ms: float = 60
    cores: int = 2
    utilization: float = 0.6
    operator_tls: bool = True
    caller_tls: bool = True
    callers: int = 100
    zones: int = 3


@dataclasses.dataclass(frozen=True)
class Cost:
    """The figures of the model, for one worker on one core: microseconds of CPU time a call, cores,
    KiB of memory for each thing, and MiB of a process."""

    busy_us: float
    wake_us: float
    awake_cores: float
    operator_tls_us: float
    caller_tls_us: float
    base_mib: float
    # TLS with callers adds this, however many connections there are.
    caller_tls_mib: float
    call_kib: float
    tls_call_kib: float
    connection_kib: float
    tls_connection_kib: float

    def us_per_call(self, rate: float, workers: int = 1, operator_tls=False, caller_tls=False):
        """Of a process that answers `rate` calls a second."""
        busy = self._busy_us(operator_tls, caller_tls)
        each = rate / workers
        return ((busy + self.wake_us + self.awake_cores / MICRO / each)
                / (1 + self.wake_us * MICRO * each))

    def rate_at(self, utilization: float, operator_tls=False, caller_tls=False) -> float:
        """Calls a second that keep one core busy for this share of the time. 0 if it is busy for
        more as soon as there are calls at all."""
        busy = self._busy_us(operator_tls, caller_tls)
        left = max(0.0, utilization - self.awake_cores)
        return left / (busy + self.wake_us * (1 - utilization)) / MICRO

    def mib(self, in_flight: float, connections: float, operator_tls=False, caller_tls=False):
        """Peak memory of a process."""
        call = self.tls_call_kib if operator_tls else self.call_kib
        connection = self.tls_connection_kib if caller_tls else self.connection_kib
        return (self.base_mib + (self.caller_tls_mib if caller_tls else 0)
                + (in_flight * call + connections * connection) / KIB_PER_MIB)

    def _busy_us(self, operator_tls, caller_tls):
        return (self.busy_us + (self.operator_tls_us if operator_tls else 0)
                + (self.caller_tls_us if caller_tls else 0))


@dataclasses.dataclass(frozen=True)
class Plan:
    """A deployment for a total rate."""

    rate: float
    replicas: int
    # Cores that are busy in all replicas together.
    cores_busy: float
    # The share of its cores that each replica uses if the replicas of one zone are gone.
    without_a_zone: float
    # Calls in flight at each replica at the peak, and so connections to the operator.
    in_flight: int
    # Memory of each replica.
    mib: float

    @property
    def operator_connections(self) -> int:
        return self.replicas * self.in_flight

    @property
    def gib(self) -> float:
        return self.replicas * self.mib / KIB_PER_MIB


def peak_in_flight(rate: float, operator_ms: float) -> int:
    mean = rate * operator_ms / 1000
    return math.ceil(mean + PEAK_DEVIATIONS * math.sqrt(mean))


def plan(cost: Cost, rate: float, options: Options) -> Plan:
    """At least one replica in each zone, and a whole number of them. Raises ValueError if no number
    is enough."""
    tls = {"operator_tls": options.operator_tls, "caller_tls": options.caller_tls}
    most = options.cores * cost.rate_at(options.utilization, **tls)
    if most <= 0:
        raise ValueError(f"a core is busy for more than {options.utilization:.0%} of the time as soon "
                         "as there are calls: allow more with --utilization")
    replicas = max(options.zones, math.ceil(rate / most))
    left = max(1, replicas - math.ceil(replicas / options.zones)) if options.zones > 1 else replicas
    in_flight = peak_in_flight(rate / replicas, options.operator_ms)

    def busy(count):
        each = rate / count
        return each * cost.us_per_call(each, options.cores, **tls) * MICRO

    return Plan(rate=rate, replicas=replicas, cores_busy=replicas * busy(replicas),
                without_a_zone=busy(left) / options.cores, in_flight=in_flight,
                mib=cost.mib(in_flight, options.callers, **tls))
