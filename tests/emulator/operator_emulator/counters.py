# SPDX-License-Identifier: Apache-2.0
"""Counts what the emulator has seen, for tests to assert on and wait for."""

import asyncio
import copy
from typing import Optional

from .fault import ENDPOINTS
from .reuse import Reuse


class Counters:
    """A call begins when the head of its request has been read. It ends replied (the whole reply
    was sent), broken (by a fault), or aborted (the client closed before the reply was sent)."""

    def __init__(self):
        self._waiting = []
        self._is_ended = False
        self._ivs = Reuse()
        self._nonces = Reuse()
        self.clear()

    def clear(self):
        """Sets all counters to zero except those of open connections and calls in progress."""
        connections = getattr(self, "_connections", {"open": 0, "refusing": 0})
        calls = getattr(self, "_calls", {"in_progress": 0})
        self._connections = {
            "opened": 0,
            "open": connections["open"],
            "refusing": connections["refusing"],
            "tls_failed": 0,
            "closed_idle": 0,
            "malformed": 0,
        }
        self._calls = {
            "begun": 0,
            "in_progress": calls["in_progress"],
            "most_in_progress": calls["in_progress"],
            "replied": 0,
            "broken": 0,
            "aborted": 0,
        }
        self._endpoints = {
            name: {"begun": 0, "broken": 0, "aborted": 0, "statuses": {}} for name in ENDPOINTS
        }
        self._envelopes = {"opened": 0, "reused": 0}
        self._callers = {}
        self._faults = {}

    def snapshot(self) -> dict:
        return copy.deepcopy(
            {
                "connections": self._connections,
                "calls": self._calls,
                "endpoints": self._endpoints,
                "envelopes": self._envelopes,
                "callers": self._callers,
                "faults": self._faults,
            }
        )

    def connection_opened(self):
        self._connections["opened"] += 1
        self._connections["open"] += 1
        self._changed()

    def connection_closed(self):
        self._connections["open"] -= 1
        self._changed()

    def refusing(self, is_so: bool):
        self._connections["refusing"] = int(is_so)
        self._changed()

    def connection_event(self, name: str):
        """name: tls_failed, closed_idle or malformed."""
        self._connections[name] += 1
        self._changed()

    def fault_applied(self, kind: str):
        _increment(self._faults, kind)
        self._changed()

    def call_begun(self, endpoint: str):
        self._calls["begun"] += 1
        self._calls["in_progress"] += 1
        busiest = max(self._calls["most_in_progress"], self._calls["in_progress"])
        self._calls["most_in_progress"] = busiest
        self._endpoints[endpoint]["begun"] += 1
        self._changed()

    def envelope_opened(self, iv: bytes, nonce: bytes):
        """Records the envelope of a request whose timestamp was accepted. Each IV and each nonce
        may be used only once."""
        self._envelopes["opened"] += 1
        if self._ivs.saw(iv) | self._nonces.saw(nonce):
            self._envelopes["reused"] += 1
        self._changed()

    def call_came_from(self, caller: Optional[str]):
        """caller: as Router.caller_name()."""
        _increment(self._callers, "unknown" if caller is None else caller or "none")
        self._changed()

    def call_replied(self, endpoint: str, status: int):
        self._calls["replied"] += 1
        _increment(self._endpoints[endpoint]["statuses"], str(int(status)))
        self._ended()

    def call_broken(self, endpoint: str):
        self._calls["broken"] += 1
        self._endpoints[endpoint]["broken"] += 1
        self._ended()

    def call_aborted(self, endpoint: str):
        self._calls["aborted"] += 1
        self._endpoints[endpoint]["aborted"] += 1
        self._ended()

    async def wait_until(self, condition, timeout_s: float) -> bool:
        """Waits until condition, a predicate on a snapshot, holds. Returns False on timeout, and
        after end_waits()."""
        if condition(self.snapshot()):
            return True
        if self._is_ended:
            return False
        waiter = (condition, asyncio.get_running_loop().create_future())
        self._waiting.append(waiter)
        try:
            return await asyncio.wait_for(waiter[1], timeout_s)
        except asyncio.TimeoutError:
            return False
        finally:
            self._waiting.remove(waiter)

    def end_waits(self):
        """Ends all waits, because the emulator shuts down."""
        self._is_ended = True
        for _, future in self._waiting:
            if not future.done():
                future.set_result(False)

    @property
    def is_ended(self) -> bool:
        return self._is_ended

    def _ended(self):
        self._calls["in_progress"] -= 1
        self._changed()

    def _changed(self):
        if not self._waiting:
            return
        snapshot = self.snapshot()
        for condition, future in self._waiting:
            if not future.done() and condition(snapshot):
                future.set_result(True)


def _increment(numbers: dict, name: str):
    numbers[name] = numbers.get(name, 0) + 1
