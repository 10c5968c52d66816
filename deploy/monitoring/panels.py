# SPDX-License-Identifier: Apache-2.0
"""What the dashboard shows: rows in the order of the questions of whoever is on call."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Panel:
    title: str
    unit: str  # one of Grafana's
    # What it shows, and what is normal.
    description: str
    # PromQL, and what a line is called.
    queries: list
    # "stat" shows the last value as a number.
    kind: str = "timeseries"
    stacked: bool = False
    width: int = 8  # of 24


TARGET = 'job="$job", namespace=~"$namespace", instance=~"$instance"'
OURS = f'{TARGET}, participant=~"$participant"'
SERVICE = "uid2.identity.v1.IdentityService"
RPC = f'{TARGET}, grpc_service="{SERVICE}"'
FAILED = "Unavailable|Internal|Unknown|DeadlineExceeded|FailedPrecondition"

# Who has to act on a reason.
CALLERS = ("REQUEST_MALFORMED|DII_.*|EMAIL_.*|PHONE_.*|IDENTITY_.*|PARTICIPANT_.*|CONSENT_.*|"
           "CALLER_.*|DEADLINE_TOO_SHORT|CANCELLED")
# DEADLINE_EXCEEDED: the operator has not answered before the caller's deadline.
OPERATORS = ("OPERATOR_UNREACHABLE|OPERATOR_TIMEOUT|OPERATOR_ERROR|OPERATOR_THROTTLED|"
             "OPERATOR_CALLS_SUSPENDED|OPERATOR_REPLY_INVALID|OPERATOR_PROTOCOL|DEADLINE_EXCEEDED")


def rate(series, by, window="$__rate_interval"):
    return f"sum by ({by}) (rate({series}[{window}]))"


def quantile(share, series, by):
    return f"histogram_quantile({share}, {rate(series, f'{by}, le')})"


def total_rate(series, window):
    return f"sum(rate({series}[{window}]))"


def _failed_share(window):
    failed = total_rate(f'grpc_server_handled_total{{{RPC}, grpc_code=~"{FAILED}"}}', window)
    valid = total_rate(f'grpc_server_handled_total{{{RPC}, grpc_code=~"OK|{FAILED}"}}', window)
    return f"{failed} / {valid}"


def _kept_share(window):
    def series(outcomes):
        return f'identity_calls_total{{{OURS}, outcome=~"{outcomes}"}}'
    return (f"{total_rate(series('KEPT'), window)} / "
            f"{total_rate(series('REFRESHED|KEPT|LOGIN_REQUIRED'), window)}")


def _reasons(matcher):
    return [(rate(f'identity_calls_total{{{OURS}, reason!="", {matcher}}}',
                  "participant, reason, outcome") + " > 0", "{{participant}} {{reason}} {{outcome}}")]


USERS = [
    Panel("Availability, last hour", "percentunit",
          "The share of the valid calls that were answered. Normal: 99.9 % or more. Empty without "
          "traffic.", [(f"1 - {_failed_share('1h')}", "answered")], kind="stat", width=6),
    Panel("Burn rate, last hour", "none",
          "How many times faster than allowed the error budget of 0.1 % is used up. Normal: below "
          "1. At 14.4 somebody is paged.", [(f"{_failed_share('1h')} / 0.001", "burn rate")],
          kind="stat", width=6),
    Panel("Refreshes that failed and kept the identity", "percentunit",
          "The share of the refreshes that were due. Normal: 0. Users notice nothing yet, but lose "
          "their identities within minutes to hours.", [(_kept_share("10m"), "kept")],
          kind="stat", width=6),
    Panel("Replicas that serve", "none",
          "Replicas whose health is SERVING. Normal: all replicas.",
          [(f'sum(serving{{{TARGET}, name="{SERVICE}"}})', "serving")], kind="stat", width=6),
    Panel("Calls by outcome", "reqps",
          "Normal: ISSUED and REFRESHED follow the traffic of the site, most refreshes are NOT_DUE, "
          "there is no KEPT, and few errors.",
          [(rate(f'identity_calls_total{{{OURS}, outcome!=""}}', "outcome") + " > 0",
            "{{outcome}}"),
           (rate(f'identity_calls_total{{{OURS}, outcome=""}}', "method") + " > 0",
            "error {{method}}")],
          stacked=True),
    Panel("Failed calls by reason", "reqps",
          "Why calls end with an error. Normal: a few that callers got wrong. docs/runbook.md says "
          "what to do about each reason.",
          [(rate(f'identity_calls_total{{{OURS}, outcome="", reason!=""}}', "reason") + " > 0",
            "{{reason}}")], stacked=True),
    Panel("Response times", "s",
          "From the arrival of a call to its answer. Normal: the operator's time plus a few "
          "milliseconds; below 1 ms for refreshes that are not due.",
          [(quantile(share, f"grpc_server_handling_seconds_bucket{{{RPC}}}", "grpc_method"),
            f"{{{{grpc_method}}}} p{share * 100:.0f}") for share in (0.5, 0.99)]),
]

FAULT = [
    Panel("The operator's", "reqps",
          "Failed calls and kept refreshes that the operator or the way to it has caused. Normal: "
          "0. UNREACHABLE: no connection; TIMEOUT: no answer; DEADLINE_EXCEEDED: none before the "
          "caller's deadline; ERROR: 5xx; SUSPENDED: held back because most fail.",
          _reasons(f'reason=~"{OPERATORS}"'), stacked=True),
    Panel("Ours", "reqps",
          "Failed calls and kept refreshes that this service must fix: its credentials, its clock, "
          "too few replicas, or a bug. Normal: 0.",
          _reasons(f'reason!~"{OPERATORS}|{CALLERS}"'), stacked=True),
    Panel("The callers'", "reqps",
          "Calls that the web tier got wrong or gave up. Normal: a small share; a sudden rise "
          "suggests a new release of the web tier.", _reasons(f'reason=~"{CALLERS}"'),
          stacked=True),
    Panel("Calls by code", "reqps",
          "Normal: almost only OK. The codes are those that callers get.",
          [(rate(f"grpc_server_handled_total{{{RPC}}}", "grpc_code") + " > 0", "{{grpc_code}}")],
          stacked=True),
    Panel("Errors by caller", "reqps",
          "Which client's calls end with an error; empty unless clients are authenticated. Normal: "
          "near 0 for each caller.",
          [(rate(f'caller_calls_total{{{TARGET}, outcome=""}}', "caller, reason") + " > 0",
            "{{caller}} {{reason}}")], stacked=True),
    Panel("Refresh margin", "s",
          "How long before the advertising token's expiry refreshes come. Normal: one to three "
          "hours for the median. A median near 0 means that the web tier refreshes too late.",
          [(quantile(share, f"refresh_margin_seconds_bucket{{{OURS}}}", "participant"),
            f"{{{{participant}}}} p{share * 100:.0f}") for share in (0.1, 0.5)]),
]

OPERATOR = [
    Panel("Operator requests", "reqps",
          "Attempts, by what came back: none is no reply at all. Normal: only 2xx, and a few 4xx "
          "that callers provoke.",
          [(rate(f"operator_requests_total{{{OURS}}}", "participant, address, code_class") + " > 0",
            "{{participant}} {{address}} {{code_class}}")], stacked=True),
    Panel("Operator response times", "s",
          "How long attempts take. Normal: tens of milliseconds, without jumps. request_timeout is "
          "the upper bound.",
          [(quantile(share, f"operator_request_seconds_bucket{{{OURS}}}", "participant, address"),
            f"{{{{participant}}}} {{{{address}}}} p{share * 100:.0f}") for share in (0.5, 0.99)]),
    Panel("Operator requests in flight", "none",
          "Normal: requests per second times the response time. It grows if the operator is slow.",
          [(f"sum by (participant, address) (operator_inflight{{{OURS}}})",
            "{{participant}} {{address}}")]),
    Panel("Retries", "reqps", "Attempts after a call's first one. Normal: near 0.",
          [(rate(f"retries_total{{{OURS}}}", "participant, reason") + " > 0",
            "{{participant}} {{reason}}")], stacked=True),
    Panel("Retry budget", "none",
          "The tokens of the replica that has least. Normal: full (budget_max_tokens, 50). At 0, "
          "failed attempts are not repeated.",
          [(f"min by (participant, budget) (retry_tokens{{{OURS}}})",
            "{{participant}} {{budget}}")]),
    Panel("Attempts held back", "percentunit",
          "The probability with which attempts are not sent because their address fails most of "
          "them. Normal: 0.",
          [(f"max by (participant, address, endpoint) (local_throttle_ratio{{{OURS}}})",
            "{{participant}} {{address}} {{endpoint}}")]),
    Panel("Calls suspended", "reqps",
          "Calls answered with OPERATOR_CALLS_SUSPENDED or KEPT without asking the operator. "
          "Normal: 0.", [(rate(f"operator_calls_suspended_total{{{OURS}}}", "participant"),
                          "{{participant}}")]),
    Panel("Addresses ejected", "none",
          "On how many replicas an address is left for the next one. Normal: 0.",
          [(f"sum by (participant, address, endpoint) (operator_ejected{{{OURS}}})",
            "{{participant}} {{address}} {{endpoint}}")]),
    Panel("Operator's clock", "s",
          "How far the operator's clock is ahead of this host's; 0 if unknown, and the last known "
          "value while calls fail with CLOCK_SKEW. Normal: within a second.",
          [(f"operator_clock_offset_seconds{{{OURS}}}", "{{instance}} {{address}}")]),
    Panel("Synthetic probe", "none",
          "1 if the last probe generated the operator's test identity, 0 if not; empty unless "
          "synthetic_probe is configured. Normal: 1.",
          [(f"min by (participant, address) (synthetic_probe_success{{{OURS}}})",
            "{{participant}} {{address}}")]),
    Panel("Age of the last successful probe", "s",
          "Normal: at most the probe's interval.",
          [(f"time() - max by (participant, address) "
            f"(synthetic_probe_last_success_timestamp_seconds{{{OURS}}} > 0)",
            "{{participant}} {{address}}")]),
    Panel("Replies not opened", "reqps",
          "Replies to refreshes that do not fit the key which the web tier sent with the token. "
          "Normal: 0; otherwise a web tier mixes up identities.",
          [(rate(f"refresh_replies_not_opened_total{{{OURS}}}", "participant"),
            "{{participant}}")]),
]

LOAD = [
    Panel("Calls in flight", "none",
          "Normal: far below the maximum, at which calls are refused with OVERLOADED.",
          [(f"calls_in_flight{{{TARGET}}}", "{{instance}}"),
           (f"max(max_calls_in_flight{{{TARGET}}})", "maximum of a replica")]),
    Panel("Calls refused", "reqps",
          "OVERLOADED: the replica is full; CALLER_LIMIT: one caller is over its share; DRAINING: "
          "the replica is shutting down. Normal: 0.",
          [(rate(f"shed_total{{{TARGET}}}", "reason"), "{{reason}}")], stacked=True),
    Panel("Calls by caller", "reqps",
          "Empty unless clients are authenticated. Normal: follows the traffic of each client.",
          [(rate(f"caller_calls_total{{{TARGET}}}", "caller"), "{{caller}}")], stacked=True),
    Panel("Refreshes that shared a request", "reqps",
          "Refreshes answered by the operator call of another one. Normal: near 0; a lot of them "
          "means that a web tier refreshes the same identity many times at once.",
          [(rate(f"refreshes_shared_total{{{OURS}}}", "participant"), "{{participant}}")]),
    Panel("Connections to operators", "none",
          "Normal: steady. The number that is active follows the requests in flight.",
          [(f"sum by (address, state) (operator_connections{{{TARGET}}})",
            "{{address}} {{state}}")]),
    Panel("New and re-sent", "ops",
          "New connections to operators, and requests sent again because a kept connection had "
          "been closed. Normal: near 0 under steady load.",
          [(rate(f"operator_new_connections_total{{{OURS}}}", "address"), "{{address}} new"),
           (rate(f"operator_requests_resent_total{{{OURS}}}", "address"), "{{address}} re-sent")]),
    Panel("Failed look-ups of operators' names", "ops",
          "Normal: 0. Known addresses stay in use while look-ups fail.",
          [(rate(f"operator_lookup_failures_total{{{TARGET}}}", "instance"), "{{instance}}")]),
    Panel("File descriptors in use", "percentunit",
          "Normal: below half. At 70 % there is an alert; at 100 % connections fail.",
          [(f"open_fds{{{TARGET}}} / max_fds{{{TARGET}}}", "{{instance}}")]),
    Panel("Log lines dropped", "ops",
          "rate: more lines than the limit allows; reader: nobody reads the log. Normal: 0.",
          [(rate(f"log_lines_dropped_total{{{TARGET}}}", "instance, reason"),
            "{{instance}} {{reason}}")]),
    Panel("Log not read", "s",
          "For how long nobody has read the log; its newest lines are as old. Normal: 0.",
          [(f"(time() - log_write_began_timestamp_seconds{{{TARGET}}}) * "
            f"(log_write_began_timestamp_seconds{{{TARGET}}} > bool 0)", "{{instance}}")]),
]

SECRETS = [
    Panel("Time left of certificates", "s",
          "Until the first certificate of each file ends. Normal: more than a third of its life; it "
          "jumps up when the certificate is renewed.",
          [(f"min by (kind) (tls_cert_not_after_seconds{{{TARGET}}} - time())", "{{kind}}")]),
    Panel("Age of the loaded credentials and certificates", "s",
          "How long ago those in use were loaded. Normal: since the start or the last rotation, on "
          "all replicas alike.",
          [(f"time() - credential_loaded_timestamp_seconds{{{OURS}}}",
            "{{instance}} {{participant}}"),
           (f"time() - certificate_loaded_timestamp_seconds{{{TARGET}}}",
            "{{instance}} certificates")]),
    Panel("Reloads, per hour", "none",
          "Changed files that were put to use, or refused (failure). Normal: a success at each "
          "rotation, and no failure.",
          [(f"sum by (participant, result) (increase(credential_reload_total{{{OURS}}}[1h]))",
            "credentials {{participant}} {{result}}"),
           (f"sum by (result) (increase(certificate_reload_total{{{TARGET}}}[1h]))",
            "certificates {{result}}"),
           (f"sum by (result) (increase(trust_store_reload_total{{{TARGET}}}[1h]))",
            "ca_file {{result}}")]),
]

PROCESS = [
    Panel("CPU", "none", "Processors in use. Normal: follows the load; a worker keeps at most two "
          "busy.", [(f"rate(process_cpu_seconds_total{{{TARGET}}}[$__rate_interval])",
                     "{{instance}}")]),
    Panel("Memory", "bytes", "Resident memory. Normal: flat under steady load.",
          [(f"process_resident_memory_bytes{{{TARGET}}}", "{{instance}}")]),
    Panel("Threads", "none", "Normal: constant.",
          [(f"process_threads{{{TARGET}}}", "{{instance}}")]),
    Panel("How late timers fire", "s",
          "The 99th percentile of each loop. Normal: below 10 ms. More means that the process lacks "
          "CPU, or that something blocks the loop.",
          [(quantile(0.99, f"event_loop_stall_seconds_bucket{{{TARGET}}}", "instance, loop"),
            "{{instance}} {{loop}}")]),
    Panel("Self-probe", "none",
          "1 if the last fresh connection of the server to itself succeeded. Normal: 1. After three "
          "failures in a row the process ends.",
          [(f"self_probe_success{{{TARGET}}}", "{{instance}}")]),
    Panel("Time since the start", "s",
          "Normal: grows steadily. Drops are restarts.",
          [(f"time() - process_start_time_seconds{{{TARGET}}}", "{{instance}}")]),
    Panel("Health and drain", "none",
          "1 while a replica reports SERVING, and 1 while it drains. Normal: serving 1, draining 0.",
          [(f"serving{{{TARGET}}}", "{{instance}} serving {{name}}"),
           (f"draining{{{TARGET}}}", "{{instance}} draining")]),
    Panel("Version", "none",
          "Replicas by version. Normal: one version, except during a rollout.",
          [(f"sum by (version, commit) (build_info{{{TARGET}}})", "{{version}} {{commit}}")]),
]

ROWS = [
    ("Are users hurt?", USERS),
    ("Whose fault is it?", FAULT),
    ("Which participant, which address?", OPERATOR),
    ("Load and limits", LOAD),
    ("Certificates and credentials", SECRETS),
    ("Process", PROCESS),
]
