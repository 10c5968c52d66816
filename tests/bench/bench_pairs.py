# SPDX-License-Identifier: Apache-2.0
"""Ratios of two programs, each measured in the same rounds: noise that lasts longer than a round
cancels out."""

import dataclasses
import statistics


@dataclasses.dataclass(frozen=True)
class Ratio:
    median: float
    lower_quartile: float
    upper_quartile: float
    rounds: int
    # Rounds in which the first program cost less.
    below_one: int

    def __str__(self):
        return (f"{self.median:.2f} (quartiles {self.lower_quartile:.2f} to {self.upper_quartile:.2f}; "
                f"below 1 in {self.below_one} of {self.rounds} rounds)")


def paired(first, second):
    """The ratio of two lists of costs, round by round."""
    ratios = [one / other for one, other in zip(first, second, strict=True)]
    lower, _, upper = (statistics.quantiles(ratios, n=4, method="inclusive")
                       if len(ratios) > 1 else ratios * 3)
    return Ratio(statistics.median(ratios), lower, upper, len(ratios), sum(ratio < 1 for ratio in ratios))
