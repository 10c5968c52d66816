# SPDX-License-Identifier: Apache-2.0
"""Names the nearest known word for one that is misspelt."""

import difflib


def unknown(word: str, known) -> str:
    """word as it was written, with the nearest of the known words if one is near."""
    by_lower_case = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), by_lower_case, n=1, cutoff=0.6)
    return f"{word} (did you mean {by_lower_case[near[0]]}?)" if near else word
