# SPDX-License-Identifier: Apache-2.0
"""The active faults, and which of them apply to the next call or handshake."""

import asyncio
import random
from dataclasses import dataclass, field
from typing import Optional

from .fault import Fault, Slot


@dataclass
class _Entry:
    fault: Fault
    applied: int = 0
    removed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_used_up(self) -> bool:
        return self.fault.times is not None and self.applied >= self.fault.times


@dataclass
class ChosenFaults:
    """At most one fault per slot."""

    _by_slot: dict

    def get(self, slot: Slot) -> Optional[Fault]:
        entry = self._by_slot.get(slot)
        return entry and entry.fault

    def kinds(self) -> list:
        return [entry.fault.kind for entry in self._by_slot.values()]

    async def until_removed(self, slot: Slot):
        """Waits until the fault in this slot has been removed."""
        await self._by_slot[slot].removed.wait()


class FaultPlan:
    """If there are several faults in a slot, the one added first applies until it is used up. To
    get "503 twice, then 429 once", add two faults."""

    def __init__(self, counters, seed: int):
        self._counters = counters
        self._random = random.Random(seed)
        self._entries = {}
        self._next_id = 1

    def add(self, fault: Fault) -> int:
        number = self._next_id
        self._next_id += 1
        self._entries[number] = _Entry(fault)
        return number

    def remove(self, number: int) -> Optional[Fault]:
        """Returns None if there is no fault with that number."""
        entry = self._entries.pop(number, None)
        if entry is None:
            return None
        entry.removed.set()
        return entry.fault

    def numbers(self) -> list:
        return list(self._entries)

    def described(self) -> list:
        return [
            {"id": number, **entry.fault.described(), "applied": entry.applied}
            for number, entry in self._entries.items()
        ]

    def for_call(self, endpoint: str) -> ChosenFaults:
        """endpoint: one of fault.ENDPOINTS."""
        return self._choose(
            lambda fault: fault.slot not in (Slot.HANDSHAKE, Slot.LISTENER)
            and fault.endpoint in (None, endpoint)
        )

    def for_handshake(self) -> ChosenFaults:
        return self._choose(lambda fault: fault.slot is Slot.HANDSHAKE)

    def sample_s(self, distribution) -> float:
        return distribution.sample_ms(self._random) / 1000

    def _choose(self, concerns) -> ChosenFaults:
        chosen = {}
        for entry in self._entries.values():
            fault = entry.fault
            if fault.slot in chosen or entry.is_used_up or not concerns(fault):
                continue
            if fault.share < 1 and self._random.random() >= fault.share:
                continue
            entry.applied += 1
            chosen[fault.slot] = entry
            self._counters.fault_applied(fault.kind)
        return ChosenFaults(chosen)
