# SPDX-License-Identifier: Apache-2.0
"""Promises, and whether they were kept, as text."""

from typing import NamedTuple, Optional


class Verdict(NamedTuple):
    """kept: None if there was no way to tell."""

    promise: str
    seen: str
    kept: Optional[bool]


_WORDS = {True: ("kept", "32"), False: ("BROKEN", "31"), None: ("untold", "33")}


def judgement(verdicts, colours: bool) -> str:
    """One line for each verdict."""
    lines = []
    for verdict in verdicts:
        word, colour = _WORDS[verdict.kept]
        padded = f"{word:<8}"
        lines.append((f"\033[{colour}m{padded}\033[0m" if colours else padded) +
                     f"{verdict.promise}: {verdict.seen}")
    return "\n".join(lines)


def any_broken(verdicts) -> bool:
    return any(verdict.kept is False for verdict in verdicts)
