# SPDX-License-Identifier: Apache-2.0
"""The committed figures of instructions a call, and what a new count says about them."""

import json
import subprocess
from pathlib import Path

# Counts of the same program differ by 1 to 2 %: the fewer calls the server finds at once, the more
# often it asks.
TOLERANCE = 0.05

# Whose code runs within a call, whose compiler made ours, and what counts.
PACKAGES = ["g++-12", "libabsl-dev", "libc6", "libcurl4-openssl-dev", "libgrpc-dev", "libprotobuf-dev",
            "libssl-dev", "rapidjson-dev", "valgrind"]
COUNT_ANEW = "tools/bench --instructions=all --record"


def environment():
    """The versions of the packages, and whether the processor has AVX2: libraries choose code for
    it, also under valgrind."""
    listed = subprocess.run(["dpkg-query", "-W", "-f=${Package} ${Version}\n", *PACKAGES],
                            capture_output=True, text=True, check=False).stdout
    versions = dict(line.split() for line in listed.splitlines())
    has_avx2 = " avx2 " in Path("/proc/cpuinfo").read_text(encoding="utf-8")
    return {**{name: versions.get(name, "none") for name in PACKAGES}, "avx2": has_avx2}


def record(figures):
    """The text of the file to commit."""
    return json.dumps({"environment": environment(),
                       "instructions_per_call": {name: round(value) for name, value in figures.items()}},
                      indent=2) + "\n"


def verdict(committed, environment_now, name, counted):
    """(whether the figure holds, one sentence about it)."""
    expected = committed["instructions_per_call"][name]
    change = counted / expected - 1
    text = (f"{name}: {counted:,.0f} instructions a call, {abs(change):.1%} "
            f"{'more' if change > 0 else 'fewer'} than the committed {expected:,.0f}")
    others = sorted(key for key, value in environment_now.items()
                    if committed["environment"].get(key) != value)
    if others:
        return True, f"{text}; not held to it, because of other versions: {', '.join(others)}"
    if change > TOLERANCE:
        return False, (f"{text}. To see where they are spent: tools/bench --instructions={name} "
                       f"--annotate, here and in the version before. If they are worth it, commit "
                       f"the new figure: {COUNT_ANEW}")
    if change < -TOLERANCE:
        return False, f"{text}. So that this gain is not lost again, commit the new figure: {COUNT_ANEW}"
    return True, text
