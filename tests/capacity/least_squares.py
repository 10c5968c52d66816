# SPDX-License-Identifier: Apache-2.0
"""Linear least squares for a few unknowns, none of which is negative."""

import numpy


def solve(rows: list, values: list) -> list:
    """The coefficients with which the rows come closest to the values, each by its relative error.
    Raises ValueError if the rows do not determine them."""
    relative = numpy.array(rows, dtype=float) / numpy.array(values, dtype=float)[:, None]
    kept = list(range(relative.shape[1]))
    while kept:
        found, _, rank, _ = numpy.linalg.lstsq(relative[:, kept], numpy.ones(len(rows)), rcond=None)
        if rank < len(kept):
            raise ValueError(f"too few different points for {len(kept)} figures: measure again")
        if found.min() >= 0:
            result = [0.0] * relative.shape[1]
            for column, figure in zip(kept, found):
                result[column] = float(figure)
            return result
        # What would be negative is nothing at all: the others are found without it.
        kept.pop(int(found.argmin()))
    raise ValueError("no figure would be positive: measure again, undisturbed")
