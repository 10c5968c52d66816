# SPDX-License-Identifier: Apache-2.0
"""One emulated operator: the state its connections share, and the operations of its control
port."""

import asyncio

from .callers import Callers
from .clock import Clock
from .config import Config
from .counters import Counters
from .dii import Identifier
from .fault import Fault, FaultError, Slot
from .fault_plan import FaultPlan
from .identities import Identities
from .opt_outs import OptOuts
from .request_log import RequestLog
from .router import Router
from .token_api import TokenApi
from .token_keys import TokenKeys


class Emulation:
    """connections: the open connections, each with an abort(). listeners: set by the server."""

    def __init__(self, config: Config, log: RequestLog, seed: int):
        self.log = log
        self.counters = Counters()
        self.plan = FaultPlan(self.counters, seed)
        self.connections = set()
        self.listeners = []
        self._timers = {}  # timers of refuse faults, by fault number
        self._clock = Clock(config.clock_offset_ms)
        callers = Callers(config.callers)
        keys = TokenKeys(config.token_secret, callers.site_ids())
        self._opt_outs = OptOuts(keys)
        for identifier in config.opt_outs:
            self.opt_out(identifier)
        identities = Identities(
            config.scope, keys, config.lifetimes, self._opt_outs, config.extra_identity_fields
        )
        self.router = Router(TokenApi(config.scope, identities, self.counters), callers, self._clock)

    def opt_out(self, identifier: Identifier):
        self._opt_outs.add(identifier, self._clock.now_ms())

    def opt_in(self, identifier: Identifier):
        self._opt_outs.remove(identifier)

    def abort_connections(self):
        for connection in list(self.connections):
            connection.abort()

    def add_fault(self, fault: Fault) -> int:
        """Returns the fault's number. Raises FaultError."""
        if fault.slot is not Slot.LISTENER:
            return self.plan.add(fault)
        if self._timers:
            raise FaultError("connections are refused already")
        number = self.plan.add(fault)
        for listener in self.listeners:
            listener.close()
        if fault["drop_open"]:
            self.abort_connections()
        self.counters.fault_applied(fault.kind)
        self.counters.refusing(True)
        self._timers[number] = asyncio.create_task(self._refuse(number, fault["ms"]))
        return number

    async def remove_fault(self, number: int) -> bool:
        """Returns False if there is no fault with that number."""
        if self.plan.remove(number) is None:
            return False
        timer = self._timers.pop(number, None)
        if timer is not None:
            timer.cancel()
            await self._open_listeners()
        return True

    async def _refuse(self, number: int, ms):
        """If ms is None, connections are refused until the fault is removed."""
        if ms is None:
            return
        await asyncio.sleep(ms / 1000)
        del self._timers[number]
        self.plan.remove(number)
        await self._open_listeners()

    async def _open_listeners(self):
        for listener in self.listeners:
            await listener.open()
        self.counters.refusing(False)
