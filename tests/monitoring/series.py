# SPDX-License-Identifier: Apache-2.0
"""Series for `promtool test rules`: what a healthy server exports, and how a fault changes it."""

import dataclasses

JOB = {"job": "identity-server"}
REPLICA = {**JOB, "instance": "replica-1"}
SERVICE = "uid2.identity.v1.IdentityService"
NEAR, FAR = "https://near.example", "https://far.example"
DAY = 86400

CODES = ["OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "PermissionDenied",
         "ResourceExhausted", "FailedPrecondition", "Unimplemented", "Internal", "Unavailable"]
REASONS = ["OPERATOR_REJECTED_API_KEY", "OPERATOR_REJECTED_SECRET", "CLOCK_SKEW",
           "OPERATOR_UNREACHABLE", "OPERATOR_TIMEOUT", "OPERATOR_ERROR", "OPERATOR_THROTTLED",
           "OPERATOR_CALLS_SUSPENDED", "DEADLINE_TOO_SHORT", "OPERATOR_REPLY_INVALID",
           "OPERATOR_PROTOCOL", "OVERLOADED", "EMAIL_INVALID"]


@dataclasses.dataclass(frozen=True)
class Rate:
    """A counter that grows by this much per minute."""
    per_minute: float


@dataclasses.dataclass(frozen=True)
class Clock:
    """A gauge that is the time of `ago` seconds before."""
    ago: float = 0


@dataclasses.dataclass(frozen=True)
class Once:
    """A counter that grows by one, at once."""


@dataclasses.dataclass
class Series:
    name: str
    labels: dict
    healthy: object  # a Rate, a Clock, None for no samples, or the value of a gauge
    phases: list = dataclasses.field(default_factory=list)

    def matches(self, name, labels):
        return self.name == name and labels.items() <= self.labels.items()

    def selector(self):
        labels = ",".join(f'{key}="{value}"' for key, value in self.labels.items())
        return f"{self.name}{{{labels}}}"

    def values(self):
        """One sample a minute, through all phases: pairs of minutes and what holds in them."""
        minute, total, words = 0, 0, []
        for minutes, state in self.phases:
            if state is None:
                words.append(f"_x{minutes}")
            elif isinstance(state, Rate):
                words.append(f"{total}+{state.per_minute}x{minutes - 1}")
                total += state.per_minute * minutes
            elif isinstance(state, Once):
                total += 1
                words.append(f"{total}+0x{minutes - 1}")
            elif isinstance(state, Clock):
                words.append(f"{minute * 60 - state.ago}+60x{minutes - 1}")
            else:
                words.append(f"{state}+0x{minutes - 1}")
            minute += minutes
        return " ".join(words)


def _calls():
    for method, rate in [("GenerateIdentity", 300), ("RefreshIdentity", 600)]:
        rpc = {"grpc_type": "unary", "grpc_service": SERVICE, "grpc_method": method}
        yield "grpc_server_started_total", rpc, Rate(rate)
        for code in CODES:
            # A few invalid calls are normal.
            share = {"OK": 0.98, "InvalidArgument": 0.02}.get(code, 0)
            yield "grpc_server_handled_total", {**rpc, "grpc_code": code}, Rate(rate * share)
    for reason in ["DRAINING", "OVERLOADED", "CALLER_LIMIT"]:
        yield "shed_total", {"reason": reason}, Rate(0)
    for caller, rate in [("web", 800), ("batch", 50)]:
        yield "caller_calls_total", {"caller": caller, "outcome": "ISSUED", "reason": ""}, Rate(rate)
        yield ("caller_calls_total", {"caller": caller, "outcome": "", "reason": "CALLER_LIMIT"},
               Rate(0))
    generate = {"method": "GenerateIdentity", "participant": "publisher", "dii": "email"}
    yield "identity_calls_total", {**generate, "outcome": "ISSUED", "reason": ""}, Rate(294)
    refresh = {"method": "RefreshIdentity", "participant": "publisher", "dii": ""}
    for outcome, rate in [("REFRESHED", 400), ("NOT_DUE", 178), ("LOGIN_REQUIRED", 10)]:
        yield "identity_calls_total", {**refresh, "outcome": outcome, "reason": ""}, Rate(rate)
    for reason in REASONS:
        yield "identity_calls_total", {**generate, "outcome": "", "reason": reason}, Rate(0)
        yield "identity_calls_total", {**refresh, "outcome": "KEPT", "reason": reason}, Rate(0)
    for bound, rate in [("0", 40), ("900", 60), ("+Inf", 400)]:
        yield ("refresh_margin_seconds_bucket", {"participant": "publisher", "le": bound},
               Rate(rate))
    yield "refresh_margin_seconds_count", {"participant": "publisher"}, Rate(400)


def _operator():
    participant = {"participant": "publisher"}
    for address in [NEAR, FAR]:
        target = {**participant, "address": address}
        for endpoint in ["generate", "refresh"]:
            attempt = {**target, "endpoint": endpoint, "attempt": "1"}
            for code_class in ["2xx", "4xx", "429", "5xx", "none", "cancelled", "not_sent"]:
                rate = 350 if address == NEAR and code_class == "2xx" else 0
                yield "operator_requests_total", {**attempt, "code_class": code_class}, Rate(rate)
            yield "local_throttle_ratio", {**target, "endpoint": endpoint}, 0
            yield "operator_ejected", {**target, "endpoint": endpoint}, 0
        yield "operator_clock_offset_seconds", target, 0.2
        yield "synthetic_probe_success", target, 1
        yield "synthetic_probe_last_success_timestamp_seconds", target, Clock()
        for result, rate in [("success", 1), ("failure", 0)]:
            yield "synthetic_probe_total", {**target, "result": result}, Rate(rate)
    # The second one fills only with traffic.
    for budget, tokens in [("operator", 50), ("provoked", 0)]:
        yield "retry_tokens", {**participant, "budget": budget}, tokens
    yield "refresh_replies_not_opened_total", participant, Rate(0)


def _process():
    yield "up", {}, 1
    for name in ["overall", SERVICE]:
        yield "serving", {"name": name}, 1
    yield "draining", {}, 0
    yield "process_start_time_seconds", {}, -5 * DAY
    yield "self_probe_failures_total", {}, Rate(0)
    yield "self_probe_success", {}, 1
    yield "self_probe_last_timestamp_seconds", {}, Clock()
    yield "open_fds", {}, 100
    yield "max_fds", {}, 4352
    for loop in ["http", "grpc"]:
        for bound in ["0.01", "0.05", "0.1", "0.5", "1", "+Inf"]:
            yield "event_loop_stall_seconds_bucket", {"loop": loop, "le": bound}, Rate(60)
    for reason in ["reader", "rate"]:
        yield "log_lines_dropped_total", {"reason": reason}, Rate(0)
    yield "log_write_began_timestamp_seconds", {}, 0


def _secrets():
    for result in ["success", "failure"]:
        yield "credential_reload_total", {"participant": "publisher", "result": result}, Rate(0)
        yield "certificate_reload_total", {"result": result}, Rate(0)
        yield "trust_store_reload_total", {"result": result}, Rate(0)
    yield "credential_reload_failing", {"participant": "publisher"}, 0
    yield "certificate_reload_failing", {}, 0
    yield "trust_store_reload_failing", {}, 0
    yield "credential_loaded_timestamp_seconds", {"participant": "publisher"}, -5 * DAY
    yield "certificate_loaded_timestamp_seconds", {}, -5 * DAY
    yield "tls_cert_not_before_seconds", {"kind": "server"}, -5 * DAY
    yield "tls_cert_not_after_seconds", {"kind": "server"}, 85 * DAY
    for kind in ["client_ca", "operator_ca"]:
        yield "tls_cert_not_after_seconds", {"kind": kind}, 300 * DAY


def healthy(replica="replica-1"):
    """All series of a healthy server with two operator addresses, as Prometheus stores them."""
    target = {**JOB, "instance": replica}
    return [Series(name, {**target, **labels}, state)
            for part in [_calls(), _operator(), _process(), _secrets()]
            for name, labels, state in part]


def find(series, name, labels):
    """Those that have this name and these labels; that there are none is a mistake in the test."""
    found = [one for one in series if one.matches(name, labels)]
    assert found, f"no series {name} with {labels}"
    return found
