# SPDX-License-Identifier: Apache-2.0
"""Linear least squares for a few unknowns, none of which is negative."""


def solve(rows: list, values: list) -> list:
    """The coefficients with which the rows come closest to the values, each by its relative error.
    Raises ValueError if the rows do not determine them."""
    rows = [[cell / value for cell in row] for row, value in zip(rows, values)]
    kept = list(range(len(rows[0])))
    while kept:
        found = _solve([[row[column] for column in kept] for row in rows])
        least = min(found)
        if least >= 0:
            return [found[kept.index(column)] if column in kept else 0.0
                    for column in range(len(rows[0]))]
        # What would be negative is nothing at all: the others are found without it.
        kept.pop(found.index(least))
    raise ValueError("no figure would be positive: measure again, undisturbed")


def _solve(rows) -> list:
    """Where each value is 1: the normal equations, by Gaussian elimination."""
    size = len(rows[0])
    equations = [[sum(row[i] * row[j] for row in rows) for j in range(size)]
                 + [sum(row[i] for row in rows)] for i in range(size)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda i: abs(equations[i][column]))
        equations[column], equations[pivot] = equations[pivot], equations[column]
        head = equations[column]
        if abs(head[column]) < 1e-12 * max(1.0, max(map(abs, head))):
            raise ValueError(f"too few different points for {size} figures: measure again")
        for i in range(size):
            if i != column:
                factor = equations[i][column] / head[column]
                equations[i] = [a - factor * b for a, b in zip(equations[i], head)]
    return [equations[i][size] / equations[i][i] for i in range(size)]
