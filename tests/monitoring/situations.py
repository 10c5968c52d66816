# SPDX-License-Identifier: Apache-2.0
"""What goes wrong with a service, and exactly which alerts fire while it does."""

import dataclasses

from tests.monitoring.series import (DAY, FAR, JOB, NEAR, REPLICA, SERVICE, Clock, Once,
                                     Rate)


@dataclasses.dataclass(frozen=True)
class Situation:
    name: str
    # Changes to the healthy series: (name, some labels, state). A state of None means no samples.
    faults: list
    # The labels of every alert that fires at the end of the fault. None fires afterwards.
    fires: list
    # What the repair changes, other than that the faults are gone.
    repairs: list = dataclasses.field(default_factory=list)
    before: int = 30  # minutes
    minutes: int = 60
    after: int = 75

    def __str__(self):
        return self.name.replace(" ", "-")


def alert(alertname, severity="ticket", **labels):
    return {"alertname": alertname, "alertstate": "firing", "severity": severity, **JOB, **labels}


def replica_alert(alertname, severity="ticket", **labels):
    return alert(alertname, severity, instance=REPLICA["instance"], **labels)


def burn(*windows):
    severities = {"1h": "page", "6h": "page", "1d": "ticket", "3d": "ticket"}
    return [alert("IdentityErrorBudgetBurn", severities[window], window=window)
            for window in windows or severities]


# The six-hour window of the slowest alert must pass, too.
AFTER_BURN = 6 * 60 + 15
PUBLISHER = {"participant": "publisher"}
GENERATE = {"grpc_service": SERVICE, "grpc_method": "GenerateIdentity"}
ENDPOINTS = ["generate", "refresh"]


def handled(code, rate):
    """`rate` of the 300 generate calls a minute end with `code`, and the others are OK."""
    return [("grpc_server_handled_total", {**GENERATE, "grpc_code": "OK"}, Rate(300 - rate)),
            ("grpc_server_handled_total", {**GENERATE, "grpc_code": "InvalidArgument"}, Rate(0)),
            ("grpc_server_handled_total", {**GENERATE, "grpc_code": code}, Rate(rate))]


def failed(reason, rate):
    return ("identity_calls_total", {"method": "GenerateIdentity", "reason": reason}, Rate(rate))


def kept(reason, rate):
    return [("identity_calls_total", {"outcome": "REFRESHED"}, Rate(400 - rate)),
            ("identity_calls_total", {"outcome": "KEPT", "reason": reason}, Rate(rate))]


def attempts(address, code_class, rate):
    return ("operator_requests_total", {"address": address, "code_class": code_class}, Rate(rate))


def probe_fails(address):
    return [("synthetic_probe_success", {"address": address}, 0),
            ("synthetic_probe_total", {"address": address, "result": "failure"}, Rate(1)),
            ("synthetic_probe_last_success_timestamp_seconds", {"address": address}, 1800)]


def probe_alert(address):
    return replica_alert("IdentitySyntheticProbeFailing", **PUBLISHER, address=address)


USERS = [
    Situation("two percent of the calls fail", handled("Unavailable", 20), burn(),
              before=10, minutes=120, after=AFTER_BURN),
    Situation("seven calls in a thousand fail", handled("Internal", 6.6),
              burn("6h", "1d", "3d"), before=10, minutes=120, after=AFTER_BURN),
    Situation("four calls in a thousand fail", handled("DeadlineExceeded", 3.8),
              burn("1d", "3d"), before=10, minutes=120, after=AFTER_BURN),
    Situation("two calls in a thousand fail", handled("Unknown", 1.9), burn("3d"),
              before=10, minutes=120, after=AFTER_BURN),
    Situation("one call in two thousand fails", handled("Unavailable", 0.45), [],
              before=10, minutes=120),
    Situation("callers are over their share, cancel, or call what does not exist",
              [change for code in ["ResourceExhausted", "Canceled", "Unimplemented"]
               for change in handled(code, 100)], []),
    Situation("refreshes fail and keep the identity", kept("OPERATOR_TIMEOUT", 150),
              [alert("IdentityRefreshesKept", "page", **PUBLISHER)]),
    Situation("one refresh in ten fails and keeps the identity", kept("OPERATOR_TIMEOUT", 40), []),
    Situation("the web tier refreshes in the last minutes",
              [("refresh_margin_seconds_bucket", {"le": "900"}, Rate(250))],
              [alert("IdentityRefreshMarginShrinking", **PUBLISHER)], minutes=180),
    Situation("users return the next day with expired identities",
              [("refresh_margin_seconds_bucket", {"le": "0"}, Rate(300)),
               ("refresh_margin_seconds_bucket", {"le": "900"}, Rate(310))], [], minutes=180),
]

PROCESS = [
    Situation("the only replica is gone", [("up", {}, 0)],
              [alert("IdentityNoServer", "page"), replica_alert("IdentityReplicaDown")]),
    Situation("the only replica is not found any more", [("up", {}, None)],
              [alert("IdentityNoServer", "page")]),
    Situation("the only replica is not serving", [("serving", {"name": SERVICE}, 0)],
              [alert("IdentityNoServer", "page"), replica_alert("IdentityReplicaNotServing", name=SERVICE)]),
    Situation("a replica restarts again and again",
              [("process_start_time_seconds", {}, Clock(30))],
              [replica_alert("IdentityCrashLoop", "page")]),
    Situation("the self-probe fails", [("self_probe_failures_total", {}, Rate(0.5))],
              [replica_alert("IdentitySelfProbeFailing")]),
    Situation("the self-probe does not run any more",
              [("self_probe_last_timestamp_seconds", {}, 1800)],
              [replica_alert("IdentitySelfProbeFailing")]),
    Situation("a single self-probe fails", [("self_probe_failures_total", {}, Rate(0.01))], []),
    Situation("descriptors run out", [("open_fds", {}, 3100)],
              [replica_alert("IdentityFewDescriptorsLeft")]),
    Situation("an event loop is blocked again and again",
              [("event_loop_stall_seconds_bucket", {"loop": "http", "le": bound}, Rate(50))
               for bound in ["0.01", "0.05", "0.1"]],
              [replica_alert("IdentityEventLoopStalled", loop="http")]),
    Situation("lines of the log are lost", [("log_lines_dropped_total", {"reason": "reader"}, Rate(9))],
              [replica_alert("IdentityLogLinesDropped", reason="reader")]),
    Situation("nobody reads the log", [("log_write_began_timestamp_seconds", {}, 1800)],
              [replica_alert("IdentityLogNotRead")]),
    Situation("the log is written slowly", [("log_write_began_timestamp_seconds", {}, Clock(3))], []),
]

OPERATOR = [
    Situation("the operator is down", [
        *handled("Unavailable", 300), *kept("OPERATOR_CALLS_SUSPENDED", 400),
        ("identity_calls_total", {"outcome": "ISSUED"}, Rate(0)),
        failed("OPERATOR_CALLS_SUSPENDED", 270), failed("OPERATOR_UNREACHABLE", 30),
        attempts(NEAR, "2xx", 0), attempts(NEAR, "none", 35),
        attempts(FAR, "2xx", 0), attempts(FAR, "none", 35),
        ("local_throttle_ratio", {}, 0.9), ("operator_ejected", {}, 1),
        ("retry_tokens", {"budget": "operator"}, 0), *probe_fails(NEAR), *probe_fails(FAR),
    ], [
        *burn(), alert("IdentityOperatorOutage", "page", **PUBLISHER),
        alert("IdentityRefreshesKept", "page", **PUBLISHER),
        alert("IdentitySyntheticProbeFailing", "page", **PUBLISHER),
        replica_alert("IdentityRetryBudgetEmpty", **PUBLISHER, budget="operator"),
        *(replica_alert("IdentityOneOperatorAddressLeft", **PUBLISHER, endpoint=endpoint)
          for endpoint in ENDPOINTS),
        *(replica_alert("IdentityCallsSuspended", **PUBLISHER, address=address, endpoint=endpoint)
          for address in [NEAR, FAR] for endpoint in ENDPOINTS),
        *(alert("IdentityOperatorDegraded", **PUBLISHER, address=address, code_class="none")
          for address in [NEAR, FAR]),
        *(probe_alert(address) for address in [NEAR, FAR]),
    ], after=AFTER_BURN),
    Situation("one address answers with errors, and the other one serves", [
        attempts(NEAR, "2xx", 0), attempts(NEAR, "5xx", 20), attempts(FAR, "2xx", 350),
        ("operator_ejected", {"address": NEAR}, 1), *probe_fails(NEAR),
    ], [
        alert("IdentityOperatorDegraded", **PUBLISHER, address=NEAR, code_class="5xx"),
        *(replica_alert("IdentityOneOperatorAddressLeft", **PUBLISHER, endpoint=endpoint)
          for endpoint in ENDPOINTS),
        probe_alert(NEAR),
    ]),
    Situation("the operator asks to slow down", [attempts(NEAR, "429", 50)],
              [alert("IdentityOperatorThrottles", **PUBLISHER)]),
    *(Situation(f"the operator rejects the {what}",
                [*handled("FailedPrecondition", 300), failed(reason, 294),
                 ("identity_calls_total", {"outcome": "ISSUED"}, Rate(0))],
                [*burn(), alert("IdentityOperatorRejectsCredentials", "page", **PUBLISHER,
                                reason=reason)], after=AFTER_BURN)
      for what, reason in [("API key", "OPERATOR_REJECTED_API_KEY"),
                           ("secret", "OPERATOR_REJECTED_SECRET")]),
    Situation("the clock is wrong and the operator minds",
              [*handled("FailedPrecondition", 300), failed("CLOCK_SKEW", 294),
               ("identity_calls_total", {"outcome": "ISSUED"}, Rate(0))],
              [*burn(), replica_alert("IdentityOperatorRejectsClock", "page")],
              after=AFTER_BURN),
    Situation("the clock is wrong and the service corrects for it",
              [("operator_clock_offset_seconds", {"address": NEAR}, -95)],
              [replica_alert("IdentityClockOffset", **PUBLISHER, address=NEAR)]),
    Situation("a proxy answers instead of the operator", [failed("OPERATOR_PROTOCOL", 30)],
              [alert("IdentityOperatorReplyInvalid", **PUBLISHER, reason="OPERATOR_PROTOCOL")]),
    Situation("a web tier mixes up identities",
              [("refresh_replies_not_opened_total", {}, Rate(3))],
              [alert("IdentityRefreshRepliesNotOpened", **PUBLISHER)]),
    Situation("a proxy changes all replies of the operator",
              [failed("OPERATOR_REPLY_INVALID", 294), ("refresh_replies_not_opened_total", {}, Rate(3))],
              [alert("IdentityOperatorReplyInvalid", **PUBLISHER, reason="OPERATOR_REPLY_INVALID")]),
    Situation("no user is logged in when the operator fails", [
        *((name, {}, Rate(0)) for name in ["grpc_server_handled_total", "identity_calls_total",
                                           "operator_requests_total"]),
        *probe_fails(NEAR), *probe_fails(FAR),
    ], [
        alert("IdentitySyntheticProbeFailing", "page", **PUBLISHER),
        probe_alert(NEAR), probe_alert(FAR),
    ]),
    Situation("the synthetic probe has stopped",
              [("synthetic_probe_last_success_timestamp_seconds", {"address": FAR}, 1800)],
              [replica_alert("IdentitySyntheticProbeStopped", **PUBLISHER, address=FAR)],
              minutes=180),
]

OVER_SHARE = ("shed_total", {"reason": "CALLER_LIMIT"}, Rate(60))
NO_CALLS = [(name, {}, Rate(0)) for name in [
    "grpc_server_started_total", "grpc_server_handled_total", "identity_calls_total",
    "caller_calls_total", "operator_requests_total"]]

LOAD = [
    Situation("a replica is overloaded",
              [*handled("Unavailable", 60), failed("OVERLOADED", 60),
               ("shed_total", {"reason": "OVERLOADED"}, Rate(60))],
              [*burn(), replica_alert("IdentityOverload", "page")], after=AFTER_BURN),
    Situation("one caller calls too often",
              [*handled("ResourceExhausted", 60), OVER_SHARE,
               ("caller_calls_total", {"caller": "batch", "reason": "CALLER_LIMIT"}, Rate(60))],
              [replica_alert("IdentityCallerOverShare", caller="batch")]),
    Situation("clients that are not authenticated call too often",
              [*handled("ResourceExhausted", 60), OVER_SHARE, ("caller_calls_total", {}, None)],
              [replica_alert("IdentityCallerOverShare")]),
    Situation("no client can connect any more", NO_CALLS, [alert("IdentityCallsStopped", "page")],
              before=90, minutes=30),
    Situation("calls have stopped hours ago", NO_CALLS, [], before=90, minutes=180),
    Situation("the web tier has a certificate with another name",
              handled("PermissionDenied", 300), [alert("IdentityCallersNotAllowed")]),
    Situation("the web tier sends nonsense",
              [*handled("InvalidArgument", 150), failed("EMAIL_INVALID", 150)],
              [alert("IdentityInvalidRequests", grpc_method="GenerateIdentity")]),
]

SECRETS = [
    Situation("changed credentials are refused, then corrected",
              [("credential_reload_failing", {}, 1)],
              [replica_alert("IdentityCredentialReloadFailing", **PUBLISHER)]),
    Situation("changed credentials are refused for two days",
              [("credential_reload_failing", {}, 1)],
              [replica_alert("IdentityCredentialReloadFailing", **PUBLISHER)], minutes=48 * 60),
    Situation("one of two files is replaced a few minutes before the other",
              [("credential_reload_failing", {}, 1)], [], minutes=9),
    Situation("changed credentials are used",
              [("credential_reload_total", {"result": "success"}, Once()),
               ("credential_loaded_timestamp_seconds", {}, 30 * 60)], []),
    Situation("changed certificates are refused, then corrected",
              [("certificate_reload_failing", {}, 1)],
              [replica_alert("IdentityCertificateReloadFailing")]),
    Situation("a changed file of certificate authorities is refused, then corrected",
              [("trust_store_reload_failing", {}, 1)],
              [replica_alert("IdentityTrustStoreReloadFailing")]),
]


def certificate(name, begins, ends, *severities):
    """A server certificate that is valid between these times."""
    return Situation(name, [("tls_cert_not_after_seconds", {"kind": "server"}, ends),
                            ("tls_cert_not_before_seconds", {"kind": "server"}, begins)],
                     [replica_alert("IdentityServerCertificateEnding", severity, kind="server")
                      for severity in severities])


CERTIFICATES = [
    certificate("a certificate for 90 days has 31 left", -59 * DAY, 31 * DAY),
    certificate("a certificate for 90 days has 29 left", -61 * DAY, 29 * DAY, "ticket"),
    certificate("a certificate for 90 days has 8 left", -82 * DAY, 8 * DAY, "ticket", "page"),
    certificate("a certificate for ten days has six left", -4 * DAY, 6 * DAY, "ticket"),
    certificate("a certificate for a day has ten hours left", -14 * 3600, 10 * 3600),
    certificate("a certificate for a day has seven hours left", -17 * 3600, 7 * 3600, "ticket"),
    certificate("a certificate has expired", -90 * DAY, -1, "ticket", "page"),
    *(Situation(f"a {kind} has {days} days left",
                [("tls_cert_not_after_seconds", {"kind": kind}, days * DAY)],
                [replica_alert("IdentityCertificateAuthorityEnding", severity, kind=kind)
                 for severity in severities])
      for kind in ["client_ca", "operator_ca"]
      for days, severities in [(31, []), (20, ["ticket"]), (2, ["ticket", "page"])]),
]
