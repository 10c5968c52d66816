# SPDX-License-Identifier: Apache-2.0
"""Reads what callgrind writes: instructions by library and by function."""

import collections
import dataclasses
import re
from pathlib import Path

# "fn=(12) name" defines the name of number 12, and "fn=(12)" refers to it.
_NAME = re.compile(r"^(\w+)=\((\d+)\)(?: (.*))?$")
# A line of costs: the position, relative to the previous one or not, and the instructions.
_COST = re.compile(r"^(?:[+-]?\d+|\*|0x[0-9a-f]+) (\d+)$")


@dataclasses.dataclass(frozen=True)
class Profile:
    total: int
    # Instructions of the code itself, without what it calls. A function that is known only by its
    # address is "library: address".
    by_library: collections.Counter
    by_function: collections.Counter


def read_profile(path):
    names = {}
    library = function = None
    by_library, by_function = collections.Counter(), collections.Counter()
    total = 0
    of_callee = False
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            named = _NAME.match(line)
            if named:
                kind, number, name = named.groups()
                # Names of files share their numbers with other kinds, which do not matter here.
                table = kind[-2:]
                if name is not None:
                    names[table, number] = name
                if kind == "ob":
                    library = _library(names["ob", number])
                elif kind == "fn":
                    function = names["fn", number]
                continue
            if line.startswith("calls="):
                # The next line is the cost of the call, which is counted where it is spent.
                of_callee = True
                continue
            cost = _COST.match(line)
            if cost and not of_callee:
                by_library[library] += int(cost[1])
                by_function[_label(library, function)] += int(cost[1])
            elif line.startswith("totals:"):
                total = int(line.split()[1])
            of_callee = False
    return Profile(total, by_library, by_function)


def _library(path):
    """libgrpc.so.29 for its path; the packages' revisions do not matter."""
    return re.sub(r"(\.so\.\d+)[.\d]*$", r"\1", Path(path).name)


def _label(library, function):
    # Callgrind marks the inner calls of a recursive function.
    function = re.sub(r"'\d+$", "", function)
    if function.startswith("0x"):
        return f"{library}: {int(function, 16):#x}"
    # Parameters of functions and templates make lines of 500 characters.
    short = function.replace("(anonymous namespace)::", "")
    while (shorter := re.sub(r"<[^<>]*>|\([^()]*\)", "", short)) != short:
        short = shorter
    return short.replace("operator()", "").strip() or function


def shares(profile, calls, functions=40):
    """Two tables, as text: instructions a call by library, and by function."""
    def table(title, counted, most):
        lines = [title]
        for name, count in counted.most_common(most):
            lines.append(f"{count / calls:>10,.0f}  {count / profile.total:>6.1%}  {name[:100]}")
        return lines
    return "\n".join(table("by library", profile.by_library, 15) + [""]
                     + table("by function, without what it calls", profile.by_function, functions))
