# SPDX-License-Identifier: Apache-2.0
"""The table of a drill, as text."""

import collections

from tests.drill.recording import share_below

ROWS = 6  # around the beginning and the end of the outage


def _rows(recording):
    """Every second around the beginning and end of the outage, and every tenth of the others."""
    seconds = recording.seconds
    edges = (0, recording.recovery)
    return [second for second in seconds
            if any(-2 <= second.second - edge < ROWS for edge in edges) or second.second % 10 == 0]


def table(recording) -> str:
    lines = ["second        calls/s  answered  operator's   p50 ms   p99 ms   max ms  other answers"]
    for second in _rows(recording):
        others = collections.Counter({answer: count for answer, count in second.answers.items()
                                      if answer not in ("ISSUED", "REFRESHED")})
        took = second.took or [0]
        lines.append(
            f"{second.second:>6}  {'down' if second.is_outage else '    '}  {second.rate(second.offered):>5.0f}"
            f"  {second.rate(second.answered):>8.0f}  {second.rate(second.operator_requests):>10.0f}"
            f"  {share_below(took, 0.5):>7.1f}  {share_below(took, 0.99):>7.1f}  {max(took):>7.1f}"
            "  " + ", ".join(f"{count} {answer}" for answer, count in others.most_common(4)))
    return "\n".join(lines)

