# SPDX-License-Identifier: Apache-2.0
"""Counts the answers that callers get."""

import collections
import threading

# The service's own answers: outcomes and error reasons.
REASONS = frozenset({
    "ISSUED", "REFRESHED", "NOT_DUE", "OPTED_OUT", "LOGIN_REQUIRED", "INSUFFICIENT_CONSENT",
    "OPERATOR_REJECTED_API_KEY", "OPERATOR_REJECTED_SECRET", "CLOCK_SKEW", "OPERATOR_UNREACHABLE",
    "OPERATOR_TIMEOUT", "OPERATOR_ERROR", "OPERATOR_THROTTLED", "OPERATOR_CALLS_SUSPENDED",
    "OPERATOR_REPLY_INVALID", "OPERATOR_PROTOCOL", "OVERLOADED", "CALLER_LIMIT"})
# Answers of the service, or of gRPC itself, to callers that leave early.
HURRIED = frozenset({"cancelled", "deadline_exceeded", "DEADLINE_TOO_SHORT"})
# The longest that the service may take for a call, and an allowance for a busy machine.
LONGEST_SECONDS = 5
SLACK_SECONDS = 2


class Tally:
    """Thread-safe."""

    def __init__(self):
        self._lock = threading.Lock()
        self._answers = collections.Counter()
        self._unexpected = collections.Counter()
        self._longest = 0.0

    def add(self, call):
        with self._lock:
            self._answers[call.answer] += 1
            self._longest = max(self._longest, call.took)
            if not _is_expected(call):
                self._unexpected[f"{call.answer} of a {call.manner} {call.method}"] += 1

    def count(self) -> int:
        with self._lock:
            return sum(self._answers.values())

    def answered_by_service(self) -> int:
        """The number of answers that only a replica can have given."""
        with self._lock:
            return sum(count for answer, count in self._answers.items()
                       if answer in REASONS or answer.startswith("KEPT:"))

    def most_common(self, count: int) -> list:
        with self._lock:
            return self._answers.most_common(count)

    def unexpected(self) -> dict:
        with self._lock:
            return dict(self._unexpected)

    def longest(self) -> float:
        with self._lock:
            return self._longest


def _is_expected(call) -> bool:
    if call.answer in HURRIED:
        return call.manner != "plain"
    return call.answer in REASONS or call.answer.startswith("KEPT:")
