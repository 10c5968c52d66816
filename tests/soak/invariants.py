# SPDX-License-Identifier: Apache-2.0
"""What must hold at the end of every soak."""

import functools

from tests.load.verdict import Verdict
from tests.soak.growth import growth
from tests.soak.replicas import MAX_IDLE_CONNECTIONS, PARTICIPANTS
from tests.soak.tally import LONGEST_SECONDS, SLACK_SECONDS

GAUGES = ("calls_in_flight", "operator_requests_in_flight", "timers", "shared_refreshes")
# Between the two halves of the time after warm-up. malloc keeps memory that peaks needed.
MOST_GROWTH_KIB = 8 * 1024
# Idle connections to operators, and the callers' own.
MOST_GROWTH_DESCRIPTORS = MAX_IDLE_CONNECTIONS + 4
# gRPC starts and ends threads for its timers as needed.
MOST_GROWTH_THREADS = 2
# A participant's budget of retries before any success, and for each success.
RETRY_BURST, RETRY_SHARE = 50, 0.1


def verdicts(findings) -> list:
    return [Verdict(promise, *check(findings)) for promise, check in CHECKS.items()]


def _by_totals(lives_of):
    """A check of the totals that each process logs at its end. It fails if any are missing."""
    def decorate(check):
        @functools.wraps(check)
        def checked(findings):
            lives = lives_of(findings)
            silent = sum(1 for life in lives if life.draining is None or life.stopped is None)
            if silent or not lives:
                return (f"{silent} of {len(lives)} lives left no draining and stopped line in the log",
                        False)
            return check(findings, lives)
        return checked
    return decorate


def _every_life(findings):
    return findings.lives + findings.audit_lives


def _total(lives, name):
    return sum(life.stopped[name] for life in lives)


def _ended(findings):
    return findings.hung or "it did", findings.hung is None


def _answered_once(findings):
    told = findings.tally.count()
    return (f"{findings.begun:,} calls, {findings.answered:,} answers, {told:,} told of",
            0 < findings.begun == findings.answered == told)


def _expected_answers(findings):
    unexpected = findings.tally.unexpected()
    seen = ", ".join(f"{count} {what}" for what, count in sorted(unexpected.items()))
    return seen or "none", not unexpected


def _in_time(findings):
    longest = findings.tally.longest()
    return f"{longest:.2f} s at most", longest <= LONGEST_SECONDS + SLACK_SECONDS


def _exits(findings):
    statuses = [life.status for life in _every_life(findings)]
    return (f"{len(statuses)} ended" + "".join(f", one with {status}" for status in statuses
                                               if status != 0),
            bool(statuses) and not any(statuses))


def _log_is_json(findings):
    strange = [line.strip() for life in _every_life(findings) for line in life.strange_lines]
    return strange[0][:200] if strange else "it is", not strange


@_by_totals(_every_life)
def _gauges(_, lives):
    ends = [event for life in lives
            for event in ([life.draining] if life.was_idle else []) + [life.stopped]]
    left = {f"{gauge} {event[gauge]} when {event['event']}"
            for event in ends for gauge in GAUGES if event[gauge] != 0}
    return ", ".join(sorted(left)) or "they do", not left


@_by_totals(_every_life)
def _calls_logged(_, lives):
    logged = sum(life.calls_logged for life in lives)
    calls = _total(lives, "calls") + _total(lives, "refused")
    return f"{calls:,} calls, {logged:,} lines", calls == logged


@_by_totals(_every_life)
def _calls_agree(findings, lives):
    calls = _total(lives, "calls") + _total(lives, "refused")
    answered = findings.tally.answered_by_service()
    return (f"it knows of {calls:,}, of which {answered:,} were answered; {findings.begun:,} began",
            answered <= calls <= findings.begun)


@_by_totals(lambda findings: findings.lives)
def _requests_known(findings, lives):
    known = _total(lives, "operator_requests")
    return (f"the operator got {findings.operator_requests:,}, the service knows of {known:,}",
            0 < findings.operator_requests <= known)


@_by_totals(lambda findings: findings.audit_lives)
def _requests_exact(findings, lives):
    sent, resent = _total(lives, "operator_requests"), _total(lives, "operator_resends")
    return (f"the operator got {findings.audit_requests:,}, the service sent {sent:,}"
            + (f", {resent} of them again" if resent else ""),
            0 < sent - resent <= findings.audit_requests <= sent)


@_by_totals(_every_life)
def _retries(_, lives):
    retries, calls = _total(lives, "retries"), _total(lives, "calls")
    most = RETRY_SHARE * calls + RETRY_BURST * len(PARTICIPANTS) * len(lives)
    return f"{retries:,} retries of {calls:,} calls", retries <= most


def _flat(name, unit, scale, most):
    def check(findings):
        grown = growth([getattr(sample, name) for sample in findings.samples])
        if grown is None or (name == "resident_kib" and findings.is_sanitized):
            return "not judged", None
        return (f"{grown.begin / scale:,.1f}, at last {grown.end / scale:,.1f} {unit}",
                grown.amount <= most)
    return check


# Each takes the findings and returns (what was seen, whether the promise holds).
CHECKS = {
    "everything that began comes to an end": _ended,
    "every call is answered once": _answered_once,
    "no answer but the service's own, also when a replica ends and comes back": _expected_answers,
    f"no call takes over {LONGEST_SECONDS} s": _in_time,
    "a replica that is told to end ends with 0": _exits,
    "the log is nothing but JSON": _log_is_json,
    "the gauges return to zero": _gauges,
    "every call has its line in the log": _calls_logged,
    "the service knows of the calls that were answered, and of no others": _calls_agree,
    "the operator gets no request that the service does not know of": _requests_known,
    "where none is lost on the way both count the same requests": _requests_exact,
    "retries stay within their budget": _retries,
    "memory at rest is flat": _flat("resident_kib", "MiB", 1024, MOST_GROWTH_KIB),
    "descriptors at rest are flat": _flat("descriptors", "open", 1, MOST_GROWTH_DESCRIPTORS),
    "threads at rest are flat": _flat("threads", "threads", 1, MOST_GROWTH_THREADS),
}
