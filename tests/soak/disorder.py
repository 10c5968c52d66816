# SPDX-License-Identifier: Apache-2.0
"""Which faults happen when. A seed decides, so that a run can be repeated."""

import random

# Each is limited, because an operator that did it to every call would be down.
_FAULTS = [
    lambda draw: {"kind": "delay", "ms": f"exponential:{draw.choice([5, 50, 300])}"},
    lambda draw: {"kind": "delay", "ms": f"uniform:{draw.choice(['0:20', '500:2500'])}",
                  "share": 0.2},
    lambda draw: {"kind": "clock", "offset_ms": draw.choice([-120_000, -5_000, 5_000, 120_000])},
    lambda draw: {"kind": "wrong_nonce", "share": 0.1},
    lambda draw: {"kind": "wrong_key", "share": 0.1},
    lambda draw: {"kind": "reply", "code": draw.choice([500, 502, 503, 504]),
                  "share": draw.choice([0.1, 0.5, 1.0])},
    lambda draw: {"kind": "reply", "code": 429, "share": 0.3,
                  "headers": {"Retry-After": draw.choice(["0", "1", "soon", "3600"])}},
    lambda draw: {"kind": "reply", "code": draw.choice([302, 401, 404, 405, 413]), "share": 0.1,
                  "headers": {"Location": "http://127.0.0.1:9/"}},
    lambda draw: {"kind": "truncate", "cut": draw.randint(1, 40), "share": 0.2},
    lambda draw: {"kind": "garbage", "share": 0.1},
    lambda draw: {"kind": "reset", "at": draw.choice(["before_head", "in_head", "in_body"]),
                  "share": draw.choice([0.1, 0.5])},
    lambda draw: {"kind": "close", "at": draw.choice(["before_head", "in_head", "in_body"]),
                  "share": draw.choice([0.1, 0.5])},
    lambda draw: {"kind": "endless", "share": 0.03},
    lambda draw: {"kind": "drip", "bytes": 40, "every_ms": 5, "share": 0.1},
    lambda draw: {"kind": "not_http", "share": 0.1},
    lambda draw: {"kind": "idle_close", "ms": draw.randint(1, 50), "share": 0.5},
    lambda draw: {"kind": "refuse", "ms": draw.randint(300, 2500),
                  "drop_open": draw.random() < 0.5},
]
_TLS_FAULTS = [
    lambda draw: {"kind": "tls_delay", "ms": "exponential:100", "share": 0.5},
    lambda draw: {"kind": "tls_break", "how": draw.choice(["close", "reset", "garbage"]),
                  "share": 0.5},
]
# Faults after the operator has read and counted the request.
_COUNTED = {"delay", "clock", "wrong_nonce", "wrong_key", "reply", "truncate", "garbage"}

INCIDENTS = ("nothing", "operator dies", "replica restarts", "burst", "idle")


class Disorder:
    """Deals every kind once before dealing any again."""

    def __init__(self, seed: int):
        self._draw = random.Random(seed)
        self._decks = {}

    def _deal(self, deck: str, cards, count: int) -> list:
        dealt = []
        for _ in range(count):
            left = self._decks.get(deck)
            if not left:
                left = self._decks[deck] = self._draw.sample(list(cards), len(cards))
            dealt.append(left.pop())
        return dealt

    def faults(self, count: int, tls: bool) -> list:
        made = [make(self._draw) for make in self._deal("faults", _FAULTS, count)]
        if tls:
            made += [make(self._draw) for make in self._deal("tls", _TLS_FAULTS, 1)]
        return made

    def counted_faults(self) -> list:
        """A fault that happens after the operator has counted the request."""
        while True:
            fault = self._deal("counted", _FAULTS, 1)[0](self._draw)
            if fault["kind"] in _COUNTED:
                return [fault]

    def incidents(self, count: int) -> list:
        return self._deal("incidents", INCIDENTS, count)

    def site(self) -> int:
        """Index of one of the two operators."""
        return self._draw.randrange(2)

    def rate(self) -> int:
        return self._draw.choice([30, 100, 200, 300])

    def mix(self) -> dict:
        """Commands for the callers."""
        return {"refresh": self._draw.choice([0.3, 0.7]), "same": self._draw.choice([0, 0.3]),
                "cancel": self._draw.choice([0, 0.1]), "hasty": self._draw.choice([0, 0.2])}
