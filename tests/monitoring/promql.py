# SPDX-License-Identifier: Apache-2.0
"""The series and labels that a PromQL expression names."""

import re

_CLAUSE = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\b\s*(\(([^)]*)\))?")
_SELECTOR = re.compile(r"(?<![\w.$\"])([A-Za-z_:][\w:]*)\s*(\{[^}]*\}|\()?")
_MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
_OPERATORS = {"and", "or", "unless", "bool", "offset"}


def selectors(expression):
    """[(name, {label: value})] of every series that is selected. Of a matcher that is a regular
    expression or a negation, the value is what is in the quotes."""
    found = []
    for name, rest in _SELECTOR.findall(_CLAUSE.sub(" ", expression)):
        if rest == "(" or name in _OPERATORS:
            continue
        found.append((name, {label: value for label, _, value in _MATCHER.findall(rest)}))
    return found


def grouping_labels(expression):
    """The labels that are named in `by (...)`, `on (...)` and the like."""
    return {label for _, labels in _CLAUSE.findall(expression)
            for label in re.findall(r"\w+", labels)}
