# SPDX-License-Identifier: Apache-2.0
"""Neither environment variables nor the operator decide where a call goes."""

import os
import socket

import pytest

from tests.integration import grpcurl
from tests.integration.grpcurl import EMAIL, Code


def issued(server):
    reply = grpcurl.generate(server.address, email=EMAIL)
    return reply.response.get("outcome") == "ISSUED"


@pytest.fixture(name="proxy")
def fixture_proxy():
    """A port that must not receive a connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


def untouched(proxy):
    try:
        proxy.accept()[0].close()
    except BlockingIOError:
        return True
    return False


@pytest.mark.parametrize("scheme", ["http", "https", "socks5"])
@pytest.mark.parametrize("name", ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                  "ALL_PROXY"])
def test_a_proxy_in_the_environment_is_not_used(serve, emulator, secure, proxy, name, scheme):
    url = f"{scheme}://127.0.0.1:{proxy.getsockname()[1]}"
    for operator, more in ((emulator, ""), (secure, secure.more)):
        operator.start_over()
        server = serve(operator, more=more, environment={name: url})
        server.await_message(f"{name} has no effect; set operator_connection.proxy_url")
        assert issued(server)
        assert operator.counters()["callers"] == {"publisher": 1}
    assert untouched(proxy)


def test_tls_secrets_are_not_logged_to_a_file(serve, secure, tmp_path):
    log = tmp_path / "keys.log"
    server = serve(secure, more=secure.more, environment={"SSLKEYLOGFILE": str(log)})
    assert issued(server)
    assert not log.exists() or log.stat().st_size == 0


@pytest.mark.parametrize("name", ["CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_trust_comes_from_the_configuration_only(serve, secure, tmp_path, name):
    other = tmp_path / "other.pem"
    other.write_text("nonsense")
    server = serve(secure, more=secure.more, environment={name: str(other)})
    assert issued(server)
    if name == "SSL_CERT_FILE":
        server.await_message("SSL_CERT_FILE has no effect; set operator_connection.ca_file")


def test_authorities_in_the_environment_are_not_trusted(serve, secure):
    ca_file = secure.more.split('"')[1]
    server = serve(secure, environment={"CURL_CA_BUNDLE": ca_file, "SSL_CERT_FILE": ca_file,
                                        "SSL_CERT_DIR": os.path.dirname(ca_file)})
    assert grpcurl.generate(server.address, email=EMAIL).reason == "OPERATOR_UNREACHABLE"


def test_passwords_in_the_home_directory_are_not_used(serve, emulator, tmp_path):
    emulator.start_over()
    (tmp_path / ".netrc").write_text("default login somebody password canary-4711\n")
    (tmp_path / ".curlrc").write_text("user = somebody:canary-4711\n")
    assert issued(serve(emulator, environment={"HOME": str(tmp_path), "CURL_HOME": str(tmp_path)}))
    assert emulator.counters()["callers"] == {"publisher": 1}


def test_tracing_in_the_environment_shows_no_secret(serve, emulator, tmp_path):
    server = serve(emulator, environment={"GRPC_TRACE": "all", "GRPC_VERBOSITY": "debug"})
    assert issued(server)
    server.stop()
    output = server.output()
    assert EMAIL not in output
    assert emulator.caller().api_key not in output


@pytest.mark.parametrize("code", [300, 301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["generate", "refresh"])
def test_a_redirect_is_not_followed(serve, start_emulator, emulator, code, method):
    elsewhere = start_emulator()
    server = serve(emulator)
    identity = grpcurl.issue(server.address)
    emulator.reset_counters()
    emulator.add_fault("reply", code=code,
                       headers={"Location": f"{elsewhere.urls[0]}/v2/token/{method}",
                                "Refresh": f"0; url={elsewhere.urls[0]}"})
    if method == "generate":
        reply = grpcurl.generate(server.address, email=EMAIL)
        assert (reply.code, reply.reason) == (Code.INTERNAL, "OPERATOR_PROTOCOL")
    else:
        reply = grpcurl.refresh(server.address, identity_json=identity, force=True)
        assert reply.response["kept_reason"] == "OPERATOR_PROTOCOL"
    assert emulator.counters()["calls"]["begun"] == 1
    assert elsewhere.counters()["connections"]["opened"] == 0
    elsewhere.close()


def test_an_advertised_protocol_or_cookie_is_ignored(serve, start_emulator, emulator):
    elsewhere = start_emulator()
    server = serve(emulator)
    emulator.add_fault("reply", code=503, times=1, headers={
        "Alt-Svc": f'h2="127.0.0.1:{elsewhere.port}"; ma=3600',
        "Strict-Transport-Security": "max-age=3600",
        "Set-Cookie": "canary=4711"})
    for _ in range(3):
        assert issued(server)
    assert elsewhere.counters()["connections"]["opened"] == 0
    elsewhere.close()
