"""Whether what must be used once only is used again."""


class Reuse:
    """Remembers the newest values only, so that an emulator can run for days."""

    def __init__(self, remembered: int = 10_000):
        self._remembered = remembered
        self._seen = {}  # in the order of their coming; the values are of no interest

    def saw(self, value: bytes) -> bool:
        """Whether it has been seen before."""
        if value in self._seen:
            return True
        self._seen[value] = None
        if len(self._seen) > self._remembered:
            del self._seen[next(iter(self._seen))]
        return False
