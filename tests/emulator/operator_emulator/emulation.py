# SPDX-License-Identifier: Apache-2.0
"""One emulated operator: the state its connections share, and the operations of its control
port."""

import asyncio
from pathlib import Path
from typing import Optional

from . import state_file as state
from .callers import Caller, Callers
from .clock import Clock
from .config import Config
from .counters import Counters
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

    def __init__(
        self, config: Config, log: RequestLog, seed: int, state_file: Optional[Path] = None
    ):
        """Raises StateError."""
        self.log = log
        self.counters = Counters()
        self.plan = FaultPlan(self.counters, seed)
        self.connections = set()
        self.listeners = []
        self._timers = {}  # timers of refuse faults, by fault number
        self.scope = config.scope
        self.clock = Clock(config.clock_offset_ms)
        self.callers = Callers(config.callers)
        self._keys = TokenKeys(config.token_secret, self.callers.site_ids())
        self._opt_outs = OptOuts(self._keys, config.opt_outs, self.clock.now_ms())
        self._state_file = state_file
        if state_file is not None:
            self._change_opt_outs(state.load(state_file))
        self.identities = Identities(
            config.scope, self._keys, config.lifetimes, self._opt_outs, config.extra_identity_fields
        )
        api = TokenApi(config.scope, self.identities, self.counters)
        self.router = Router(api, self.callers, self.clock)

    def opt_outs(self) -> list:
        """(identifier, since when in ms) of each user who is opted out."""
        return self._opt_outs.all()

    def opt_out(self, identifiers):
        """Raises StateError."""
        now_ms = self.clock.now_ms()
        self._change_opt_outs([*self._opt_outs.changes, *((one, now_ms) for one in identifiers)])

    def opt_in(self, identifiers):
        """Raises StateError."""
        self._change_opt_outs([*self._opt_outs.changes, *((one, None) for one in identifiers)])

    def reset_opt_outs(self):
        """Leaves those of the configuration. Raises StateError."""
        self._change_opt_outs([])

    def _change_opt_outs(self, changes):
        before = self._opt_outs.changes
        self._opt_outs.changes = changes
        if self._state_file is None:
            return
        try:
            state.save(self._state_file, self._opt_outs.changes)
        except state.StateError:
            self._opt_outs.changes = before
            raise

    def add_caller(self, caller: Caller):
        self._keys.add_site(caller.site_id)
        self.callers.add(caller)

    def replace_caller(self, name: str, caller: Caller):
        self._keys.add_site(caller.site_id)
        self.callers.replace(name, caller)

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
