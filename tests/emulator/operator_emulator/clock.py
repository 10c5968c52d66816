# SPDX-License-Identifier: Apache-2.0
"""The operator's clock."""

import time


class Clock:
    """Runs ahead of the machine's clock by offset_ms (behind it, if negative)."""

    def __init__(self, offset_ms: int = 0):
        self.offset_ms = offset_ms

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self.offset_ms
