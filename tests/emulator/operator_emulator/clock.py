"""The operator's clock."""

import time


class Clock:
    """The machine's clock, ahead of it by offset_ms (behind, if negative)."""

    def __init__(self, offset_ms: int = 0):
        self.offset_ms = offset_ms

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self.offset_ms
