# SPDX-License-Identifier: Apache-2.0
"""Detects reuse of values that must be used only once."""


class Reuse:
    """Remembers only the newest values, so that an emulator can run for days."""

    def __init__(self, remembered: int = 10_000):
        self._remembered = remembered
        self._seen = {}  # an ordered set: only the keys matter

    def saw(self, value: bytes) -> bool:
        """Remembers value. Returns whether it was seen before."""
        if value in self._seen:
            return True
        self._seen[value] = None
        if len(self._seen) > self._remembered:
            del self._seen[next(iter(self._seen))]
        return False
