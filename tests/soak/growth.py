# SPDX-License-Identifier: Apache-2.0
"""Whether a figure grows, judged by samples taken at rest."""

import statistics
from typing import NamedTuple, Optional

# Fewer samples show no trend.
LEAST_SAMPLES = 4


class Growth(NamedTuple):
    """begin, end: the typical value after warm-up and at the end."""

    begin: float
    end: float

    @property
    def amount(self) -> float:
        return self.end - self.begin


def growth(samples) -> Optional[Growth]:
    """The first third of the samples is warm-up, during which peaks are reached. Of the
    others, the medians of both halves are compared, because one sample may show a short peak.
    None if there are too few samples."""
    after = samples[len(samples) // 3:]
    if len(samples) < LEAST_SAMPLES:
        return None
    half = len(after) // 2
    return Growth(statistics.median(after[:half]), statistics.median(after[half:]))
