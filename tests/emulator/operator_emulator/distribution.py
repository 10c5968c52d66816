# SPDX-License-Identifier: Apache-2.0
"""Fixed or random durations: "20", "uniform:10:50", "exponential:20", "normal:50:10"."""

import math
from dataclasses import dataclass

from . import number


@dataclass(frozen=True)
class Distribution:
    name: str  # "fixed" or one of the names above
    parameters: tuple  # milliseconds

    @classmethod
    def parse(cls, value):
        """value: a number or a string. Raises ValueError."""
        name, *texts = str(value).split(":")
        if not texts:
            name, texts = "fixed", [name]
        if name not in _SAMPLERS:
            raise ValueError(f"no distribution {name!r}: one of {', '.join(_SAMPLERS)}")
        parameters = tuple(number.parse(text) for text in texts)
        if len(parameters) != _SAMPLERS[name][0]:
            raise ValueError(f"{name} takes {_SAMPLERS[name][0]} numbers")
        if not all(math.isfinite(each) and each >= 0 for each in parameters):
            raise ValueError("milliseconds must be finite and not negative")
        if name == "exponential" and parameters[0] == 0:
            raise ValueError("the mean of an exponential distribution must be positive")
        return cls(name, parameters)

    def sample_ms(self, random) -> float:
        """random: a random.Random. The result is never negative."""
        return max(0.0, _SAMPLERS[self.name][1](random, *self.parameters))

    def __str__(self):
        numbers = ":".join(f"{each:g}" for each in self.parameters)
        return numbers if self.name == "fixed" else f"{self.name}:{numbers}"


_SAMPLERS = {
    "fixed": (1, lambda random, value: value),
    "uniform": (2, lambda random, low, high: random.uniform(low, high)),
    "exponential": (1, lambda random, mean: random.expovariate(1 / mean)),
    "normal": (2, lambda random, mean, deviation: random.gauss(mean, deviation)),
}
