# SPDX-License-Identifier: Apache-2.0
"""An operator with a bad certificate or a failing TLS handshake."""

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL, Code


QUICK = """
retry_policy {
  initial_backoff { nanos: 1000000 }
  initial_overload_backoff { nanos: 1000000 }
  max_backoff { nanos: 1000000 }
}
"""


def trusting(folder):
    """Configuration that trusts the certificate authority in this folder."""
    return (f'operator_connection {{ ca_file: "{folder}/ca.pem"\n'
            "  connect_timeout { nanos: 300000000 }\n}\n")


@pytest.fixture(scope="module", name="good")
def fixture_good(start_emulator, tmp_path_factory):
    folder = tmp_path_factory.mktemp("good")
    emulator = start_emulator(f"--tls={folder}")
    emulator.folder = folder
    return emulator


def test_an_operator_whose_certificate_verifies_is_called(serve, good):
    good.start_over()
    server = serve(good, more=QUICK + trusting(good.folder))
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert reply.response.get("outcome") == "ISSUED", reply


def test_a_changed_ca_file_that_cannot_be_used_leaves_the_earlier_one_in_use(serve, good, tmp_path):
    good.start_over()
    authority = (good.folder / "ca.pem").read_text()
    (tmp_path / "ca.pem").write_text(authority)
    server = serve(good, more=QUICK + trusting(tmp_path), admin_address="127.0.0.1:0")
    for content, message, failing in [
            ("no certificate", "the changed file of certificate authorities is not used", 1),
            (authority, "the changed file of certificate authorities is in use", 0)]:
        (tmp_path / "new").write_text(content)
        (tmp_path / "new").rename(tmp_path / "ca.pem")
        server.await_message(message)
        assert server.admin.metrics().sum("trust_store_reload_failing") == failing
        reply = grpcurl.generate(server.address, email=EMAIL)
        assert reply.response.get("outcome") == "ISSUED", reply


@pytest.mark.parametrize("certificate,cause", [
    ("expired", "certificate has expired"),
    ("wrong_name", "not for the host's name"),
])
def test_a_bad_certificate_is_rejected_without_a_retry_and_its_problem_reported(
        serve, start_emulator, tmp_path, certificate, cause):
    folder = tmp_path / "tls"
    bad = start_emulator(f"--tls={folder}", f"--tls-certificate={certificate}")
    server = serve(bad, more=QUICK + trusting(folder))
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert (reply.code, reply.reason) == (Code.UNAVAILABLE, "OPERATOR_UNREACHABLE")
    assert cause in reply.message
    assert "(1 attempt; a retry cannot fix certificates)" in reply.message
    counters = bad.counters()
    assert counters["calls"]["begun"] == 0
    assert sum(counters["connections"][name] for name in ("opened", "tls_failed")) <= 1


def test_a_certificate_of_an_unknown_authority_is_rejected(serve, good):
    good.start_over()
    server = serve(good, more=QUICK)
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert (reply.code, reply.reason) == (Code.UNAVAILABLE, "OPERATOR_UNREACHABLE")
    assert "(1 attempt; " in reply.message
    assert good.counters()["calls"]["begun"] == 0


@pytest.mark.parametrize("fault,cause", [
    ({"kind": "tls_break", "how": "close"},
     "the peer closed the connection during the TLS handshake"),
    ({"kind": "tls_break", "how": "reset"},
     "the connection broke during the TLS handshake: Connection reset by peer"),
    ({"kind": "tls_break", "how": "garbage"}, "the peer does not speak TLS"),
    # Longer than connect_timeout.
    ({"kind": "tls_delay", "ms": 1000}, "no TLS handshake within 300ms"),
], ids=["close", "reset", "garbage", "delay"])
def test_a_broken_handshake_is_retried(serve, good, fault, cause):
    good.start_over()
    server = serve(good, more=QUICK + trusting(good.folder))
    good.add_fault(**fault, times=2)
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert reply.response.get("outcome") == "ISSUED", reply
    good.add_fault(**fault)
    # A kept connection would need no handshake.
    good.add_fault("close", at="before_head")
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert (reply.code, reply.reason) == (Code.UNAVAILABLE, "OPERATOR_UNREACHABLE")
    assert cause in reply.message
    assert "(3 attempts; " in reply.message


@pytest.mark.parametrize("at", ["before_head", "in_head", "in_body"])
@pytest.mark.parametrize("kind", ["reset", "close"])
def test_a_broken_reply_over_tls_is_retried(serve, good, kind, at):
    good.start_over()
    server = serve(good, more=QUICK + trusting(good.folder))
    good.add_fault(kind, at=at, times=2)
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert reply.response.get("outcome") == "ISSUED", reply
    good.add_fault(kind, at=at)
    reply = grpcurl.generate(server.address, email=EMAIL)
    assert (reply.code, reply.reason) == (Code.UNAVAILABLE, "OPERATOR_UNREACHABLE")
