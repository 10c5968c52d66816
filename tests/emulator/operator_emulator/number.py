# SPDX-License-Identifier: Apache-2.0
"""A number in a flag or in JSON."""


def parse(value) -> float:
    """value: a number or its text. Raises ValueError, which says so in plain words."""
    try:
        return float(value)
    except (ValueError, TypeError, OverflowError):
        raise ValueError(f"{value!r} is not a number") from None


def parse_whole(value, minimum: int, maximum: int) -> int:
    """The same for a whole number within limits."""
    try:
        number = int(value) if isinstance(value, str) else value
    except ValueError:
        number = None
    if type(number) is not int or not minimum <= number <= maximum:
        raise ValueError(f"{value!r} is not a whole number from {minimum} to {maximum}")
    return number
