# SPDX-License-Identifier: Apache-2.0
"""The counters equal the calls that were made, whatever became of them."""

import collections
import json
import random
import string

import pytest

from tests.integration import any_bytes, grpcurl
from tests.integration.grpcurl import EMAIL, GENERATE, IDENTITY_SERVICE, PROTOS, REFRESH, Code
from tests.integration.settings import PATIENT, QUICK_ATTEMPTS, QUICK_RETRIES

ADMIN = "127.0.0.1:0"
SERVICE = {"grpc_service": IDENTITY_SERVICE}

PHONE = "+12345678901"
HASH = "tMmiiTI7IaAcPpQPFQ65uMVCWH8av9jw4cwf/F5HVRQ="

# What an operator and the way to it can do.
FAULTS = [
    {},
    {"kind": "refuse", "drop_open": True},
    {"kind": "close"},
    {"kind": "delay", "ms": 60_000},
    {"kind": "reply", "code": 500},
    {"kind": "reply", "code": 503},
    {"kind": "reply", "code": 429},
    {"kind": "reply", "code": 401},
    {"kind": "reply", "code": 404},
    {"kind": "reply", "code": 302},
    {"kind": "truncate"},
    {"kind": "wrong_nonce"},
    {"kind": "reply", "code": 503, "times": 2},
]


@pytest.fixture(name="server")
def fixture_server(serve, emulator):
    return serve(emulator, more=QUICK_RETRIES + QUICK_ATTEMPTS, admin_address=ADMIN)


def camel_case(code: int) -> str:
    """As in the label grpc_code."""
    return "OK" if code == 0 else Code(code).name.title().replace("_", "")


def result(reply) -> tuple:
    """The outcome and the reason, as in identity_calls_total."""
    if reply.code:
        return "", reply.reason
    return reply.response["outcome"], reply.response.get("kept_reason", "")


def check(server, sent):
    """`sent` are calls for which the server has counted an end: (method, dii, reply)."""
    metrics = server.admin.metrics()
    methods = collections.Counter(method for method, _, _ in sent)
    for name in ("started_total", "handling_seconds_count"):
        assert metrics.nonzero(f"grpc_server_{name}", "grpc_method") == methods
    assert metrics.nonzero("grpc_server_handled_total", "grpc_method", "grpc_code") == \
        collections.Counter((method, camel_case(reply.code)) for method, _, reply in sent)
    assert metrics.nonzero("identity_calls_total", "method", "dii", "outcome", "reason") == \
        collections.Counter((method, dii, *result(reply)) for method, dii, reply in sent)
    check_sums(server, metrics)


def check_sums(server, metrics):
    """The counters agree with each other and with the log."""
    handled = metrics.sum("grpc_server_handled_total", **SERVICE)
    assert metrics.sum("grpc_server_started_total", **SERVICE) == handled
    assert metrics.sum("identity_calls_total") == handled
    assert metrics.sum("calls_in_flight") == 0
    assert server.stop() == 0
    # Attempts have lines of their own.
    lines = [json.loads(line) for line in server.output().splitlines() if '"method":' in line]
    logged = collections.Counter(
        (line["method"], line.get("participant", ""), line.get("outcome", ""),
         line.get("reason") or (line["code"] if "outcome" not in line else ""))
        for line in lines if line["method"] in ("GenerateIdentity", "RefreshIdentity"))
    assert metrics.nonzero("identity_calls_total", "method", "participant", "outcome",
                           "reason") == logged
    attempts = collections.Counter(("", "1", "2")[number] if number < 3 else "3+" for line in lines
                                   for number in range(1, line.get("attempts", 0) + 1))
    assert metrics.nonzero("operator_requests_total", "attempt") == attempts


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: "-".join(map(str, fault.values())))
def test_whatever_the_operator_does_each_call_is_counted_under_its_result(server, emulator, fault):
    sent = []

    def send(method, dii, **request):
        sent.append((method.rpartition("/")[2], dii, grpcurl.call(server.address, method, request)))
        return sent[-1][2]

    identity = send(GENERATE, "email", email=EMAIL).response["identity"]["json"]
    if fault:
        emulator.add_fault(**fault)
    for _ in range(2):
        send(GENERATE, "email", email=EMAIL)
    send(GENERATE, "phone", phone=PHONE)
    send(GENERATE, "email_hash", email_hash=HASH)
    send(GENERATE, "phone_hash", phone_hash=HASH)
    for _ in range(2):
        send(REFRESH, "", identity_json=identity, force=True)
    send(REFRESH, "", identity_json=identity)
    check(server, sent)


def test_bad_input_is_counted_for_the_participant_if_there_is_one(server, tmp_path):
    kinds = {
        ("email", "site"): {"email": "nonsense"}, ("phone", "site"): {"phone": "123"},
        ("", "site"): {"email": EMAIL, "phone": PHONE}, ("", ""): {"participant": "canary"}}
    for repeated, request in enumerate(kinds.values(), start=1):
        for _ in range(repeated):
            assert grpcurl.generate(server.address, **request).code == Code.INVALID_ARGUMENT
    malformed = grpcurl.Pending(server.address, GENERATE, {"email": any_bytes.LATIN_1},
                                flags=any_bytes.flags(tmp_path)).reply()
    assert malformed.reason == "REQUEST_MALFORMED"
    metrics = server.admin.metrics()
    assert metrics.nonzero("identity_calls_total", "dii", "participant", "reason") == {
        ("email", "site", "EMAIL_INVALID"): 1, ("phone", "site", "PHONE_NOT_E164"): 2,
        ("", "site", "DII_AMBIGUOUS"): 3, ("", "", "PARTICIPANT_UNKNOWN"): 4,
        ("", "", "REQUEST_MALFORMED"): 1}
    check_sums(server, metrics)


@pytest.mark.parametrize("more,reason", [("", "OVERLOADED"),
                                         ("max_caller_share: 0.01\n", "CALLER_LIMIT")])
def test_refused_calls_are_counted_by_their_reason(serve, emulator, more, reason):
    limit = 1 if reason == "OVERLOADED" else 10
    server = serve(emulator, more=f"{PATIENT}max_calls_in_flight: {limit}\n{more}",
                   admin_address=ADMIN)
    hold = emulator.add_fault("hold", times=1)
    pending = grpcurl.Pending(server.address, GENERATE, {"email": EMAIL})
    emulator.counters("calls.in_progress==1")
    for _ in range(3):
        assert grpcurl.generate(server.address, email=EMAIL).reason == reason
    metrics = server.admin.metrics()
    assert metrics.nonzero("shed_total", "reason") == {reason: 3}
    assert metrics.nonzero("identity_calls_total", "participant", "dii", "reason") == \
        {("", "", reason): 3}
    assert metrics.sum("calls_in_flight") == 1
    assert metrics.sum("max_calls_in_flight") == limit
    assert metrics.sum("grpc_server_started_total", **SERVICE) == 4
    emulator.remove_fault(hold)
    assert pending.reply().outcome == "ISSUED"
    # The caller may have its answer a moment before the call leaves admission.
    check_sums(server, server.admin.await_metrics(lambda now: not now.sum("calls_in_flight")))


def test_calls_that_their_callers_give_up_are_counted(serve, emulator):
    server = serve(emulator, more=PATIENT, admin_address=ADMIN)
    emulator.add_fault("hold")
    cancelled = [grpcurl.Pending(server.address, GENERATE, {"email": EMAIL}) for _ in range(3)]
    emulator.counters("calls.in_progress==3")
    for call in cancelled:
        call.kill()
    emulator.counters("calls.aborted==3")
    late = grpcurl.Pending(server.address, GENERATE, {"phone": PHONE}, seconds=1).reply()
    assert late.code == Code.DEADLINE_EXCEEDED
    metrics = server.admin.await_metrics(
        lambda now: now.sum("grpc_server_handled_total", **SERVICE) == 4)
    results = metrics.nonzero("identity_calls_total", "dii", "outcome", "reason")
    assert results.pop(("email", "", "CANCELLED")) == 3
    # The server's own timer or gRPC's, whichever fires first.
    assert list(results.values()) == [1]
    check_sums(server, server.admin.await_metrics(lambda now: not now.sum("calls_in_flight")))


def test_methods_that_are_not_ours_are_counted_apart(server, tmp_path):
    for _ in range(2):
        assert grpcurl.health(server.address).response["status"] == "SERVING"
    unknown = grpcurl.Pending(server.address, IDENTITY_SERVICE + "/Unknown", {},
                              flags=any_bytes.flags(tmp_path)).reply()
    assert unknown.code == Code.UNIMPLEMENTED
    metrics = server.admin.metrics()
    for name in ("grpc_server_handled_total", "grpc_server_handling_seconds_count"):
        assert metrics.sum(name, grpc_method="Check") == 2
        assert metrics.sum(name, grpc_service="unknown") == 1
        assert metrics.sum(name, **SERVICE) == 0
    # All 17 codes of the methods of IdentityService, health, both versions of reflection, and
    # those that do not exist.
    codes = [sample for sample in metrics.samples if sample.name == "grpc_server_handled_total"]
    assert len(codes) == 17 * 7
    timed = {sample.labels["grpc_method"] for sample in metrics.samples
             if sample.name == "grpc_server_handling_seconds_count"}
    assert timed == {"GenerateIdentity", "RefreshIdentity", "Check", "unknown"}


def test_the_number_of_series_does_not_depend_on_what_callers_send(server, tmp_path):
    chance = random.Random(18)

    def text() -> str:
        return "".join(chance.choices(string.ascii_letters + string.digits + '"\\@.{}', k=12))

    grpcurl.generate(server.address, email=EMAIL)
    before = len(server.admin.metrics().samples)
    for _ in range(10):
        flags = [*PROTOS, "-H", f"traceparent: 00-{chance.randbytes(16).hex()}-"
                 f"{chance.randbytes(8).hex()}-01", "-H", f"x-caller: {chance.random()}"]
        for method, request in [(GENERATE, {"email": text(), "participant": text()}),
                                (GENERATE, {chance.choice(["email", "phone", "email_hash"]): text(),
                                            "participant": "site"}),
                                (REFRESH, {"identity_json": text(), "participant": text()}),
                                (REFRESH, {"identity_json": text()}),
                                ("grpc.health.v1.Health/Check", {"service": text()})]:
            grpcurl.Pending(server.address, method, request, flags=flags).reply()
        grpcurl.Pending(server.address, IDENTITY_SERVICE + "/Unknown", {},
                        flags=any_bytes.flags(tmp_path)).reply()
    metrics = server.admin.metrics()
    assert len(metrics.samples) == before
    assert metrics.sum("grpc_server_handled_total", **SERVICE) == 41
    check_sums(server, metrics)
