"""What must hold at the end of a soak, whatever happened in it."""

from growth import growth
from tally import LONGEST_SECONDS, SLACK_SECONDS
from verdict import Verdict

GAUGES = ("calls_in_flight", "operator_requests_in_flight", "timers", "shared_refreshes")
# Between the halves of what comes after warm-up. malloc keeps what a peak took, in pieces.
MOST_GROWTH = {"resident_kib": 8 * 1024, "descriptors": 24, "threads": 0}


def verdicts(findings, judge_memory: bool = True) -> list:
    """judge_memory: False for a sanitizer, which keeps what is freed."""
    every_life = findings.lives + findings.audit_lives
    return [_ended(findings), _answered_once(findings), _expected_answers(findings),
            _in_time(findings), _exits(every_life), _log_is_json(every_life),
            _gauges(every_life), _calls_logged(every_life), _calls_agree(findings, every_life),
            _requests_known(findings), _requests_exact(findings), _retries(every_life),
            *_flat(findings.samples, judge_memory)]


def _ended(findings):
    return Verdict("everything that began came to an end", findings.hung or "it did",
                   findings.hung is None)


def _answered_once(findings):
    told = findings.tally.count()
    return Verdict("every call is answered once",
                   f"{findings.begun:,} calls, {findings.answered:,} answers, {told:,} told of",
                   0 < findings.begun == findings.answered == told)


def _expected_answers(findings):
    unexpected = findings.tally.unexpected()
    seen = ", ".join(f"{count} {what}" for what, count in sorted(unexpected.items()))
    return Verdict("no answer but the service's own, also when a replica ends and comes back",
                   seen or "none", not unexpected)


def _in_time(findings):
    longest = findings.tally.longest()
    return Verdict(f"no call takes over {LONGEST_SECONDS} s", f"{longest:.2f} s at most",
                   longest <= LONGEST_SECONDS + SLACK_SECONDS)


def _exits(lives):
    statuses = [life.status for life in lives]
    return Verdict("a replica that is told to end ends with 0",
                   f"{len(lives)} ended" + "".join(f", one with {status}" for status in statuses
                                                   if status != 0),
                   bool(lives) and not any(statuses))


def _log_is_json(lives):
    strange = [line.strip() for life in lives for line in life.strange_lines]
    return Verdict("the log is nothing but JSON", strange[0][:200] if strange else "it is",
                   not strange)


def _missing(promise, lives):
    """A verdict where the service has not said what it should; None: it has."""
    silent = sum(1 for life in lives if life.draining is None or life.stopped is None)
    if lives and not silent:
        return None
    return Verdict(promise, f"{silent or 'all'} of {len(lives)} lives left no draining and stopped "
                   "line in the log", False)


def _gauges(lives):
    promise = "the gauges return to zero"
    missing = _missing(promise, lives)
    if missing:
        return missing
    left = [f"{gauge} {event[gauge]} when {event['event']}"
            for life in lives for event in ([life.draining] if life.was_idle else []) + [life.stopped]
            for gauge in GAUGES if event[gauge] != 0]
    return Verdict(promise, ", ".join(sorted(set(left))) or "they do", not left)


def _total(lives, name):
    return sum(life.stopped[name] for life in lives)


def _calls_logged(lives):
    promise = "every call has its line in the log"
    missing = _missing(promise, lives)
    if missing:
        return missing
    logged = sum(life.calls_logged for life in lives)
    calls = _total(lives, "calls")
    return Verdict(promise, f"{calls:,} calls, {logged:,} lines", calls == logged)


def _calls_agree(findings, lives):
    promise = "the service knows of the calls that were answered, and of no others"
    missing = _missing(promise, lives)
    if missing:
        return missing
    calls, answered = _total(lives, "calls"), findings.tally.answered_by_service()
    return Verdict(promise, f"it knows of {calls:,}, of which it answered {answered:,}; "
                   f"{findings.begun:,} began", answered <= calls <= findings.begun)


def _requests_known(findings):
    promise = "the operator gets no request that the service does not know of"
    missing = _missing(promise, findings.lives)
    if missing:
        return missing
    known = _total(findings.lives, "operator_requests") + _total(findings.lives, "operator_resends")
    return Verdict(promise, f"the operator got {findings.operator_requests:,}, the service knows of "
                   f"{known:,}", 0 < findings.operator_requests <= known)


def _requests_exact(findings):
    promise = "where none is lost on the way both count the same"
    missing = _missing(promise, findings.audit_lives)
    if missing:
        return missing
    sent = _total(findings.audit_lives, "operator_requests")
    resent = _total(findings.audit_lives, "operator_resends")
    return Verdict(promise, f"the operator got {findings.audit_requests:,}, the service sent {sent:,}"
                   + (f" and {resent} again" if resent else ""),
                   0 < sent <= findings.audit_requests <= sent + resent)


def _retries(lives):
    promise = "retries stay within their budget"
    missing = _missing(promise, lives)
    if missing:
        return missing
    retries, calls = _total(lives, "retries"), _total(lives, "calls")
    return Verdict(promise, f"{retries:,} retries of {calls:,} calls", retries <= 0.2 * calls +
                   100 * len(lives))


def _flat(samples, judge_memory):
    for name, unit, scale in (("resident_kib", "MiB", 1024), ("descriptors", "descriptors", 1),
                              ("threads", "threads", 1)):
        promise = f"{unit if scale == 1 else 'memory'} at rest: flat after warm-up"
        grown = growth([getattr(sample, name) for sample in samples])
        if grown is None or (name == "resident_kib" and not judge_memory):
            yield Verdict(promise, "not judged", None)
            continue
        yield Verdict(promise, f"{grown.begin / scale:,.1f}, at last {grown.end / scale:,.1f} {unit}",
                      grown.amount <= MOST_GROWTH[name])
