# SPDX-License-Identifier: Apache-2.0
"""Operators are called through the configured proxy."""

import pytest

from tests.integration import grpcurl, server_process
from tests.integration.closed_port import closed_port
from tests.integration.connect_proxy import ConnectProxy
from tests.integration.grpcurl import EMAIL
from tests.integration.settings import QUICK_RETRIES


@pytest.fixture(scope="module", name="folder")
def fixture_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module", name="module_secure")
def fixture_module_secure(start_emulator, folder):
    return start_emulator(f"--tls={folder}")


@pytest.fixture(name="secure")
def fixture_secure(module_secure):
    module_secure.start_over()
    return module_secure


def through(folder, port, more="", scheme="http"):
    """Configuration with a proxy at this port."""
    return QUICK_RETRIES + (f'operator_connection {{ ca_file: "{folder}/ca.pem"\n'
                            f'  proxy_url: "{scheme}://127.0.0.1:{port}"\n{more}}}\n')


def generate(server):
    return grpcurl.generate(server.address, email=EMAIL)


def test_calls_go_through_the_proxy_in_a_tunnel_that_is_kept(serve, secure, folder):
    with ConnectProxy() as proxy:
        server = serve(secure, more=through(folder, proxy.port))
        assert [generate(server).outcome for _ in range(3)] == ["ISSUED"] * 3
        (head,) = proxy.heads
    assert head.startswith(f"CONNECT 127.0.0.1:{secure.port} HTTP/1.1\r\n")
    # Nothing of the requests inside.
    assert "uthorization" not in head
    assert "X-UID2" not in head
    assert secure.counters()["callers"] == {"publisher": 3}


def test_an_operator_on_this_host_is_called_directly(serve, emulator, folder, secure):
    assert secure.urls[0].startswith("https:")
    with ConnectProxy() as proxy:
        server = serve(emulator, more=through(folder, proxy.port))
        assert generate(server).outcome == "ISSUED"
        assert not proxy.heads


def test_the_proxy_gets_its_credentials(serve, secure, folder, tmp_path):
    # Only the first colon separates, and nothing is decoded.
    credentials = "user:pass:w%41rd"
    file = tmp_path / "proxy_credentials"
    file.write_text(credentials + "\n")
    with ConnectProxy(credentials) as proxy:
        more = f'  proxy_credentials_file: "{file}"\n'
        server = serve(secure, more=through(folder, proxy.port, more))
        assert generate(server).outcome == "ISSUED"
    assert "pass" not in server.output()


def test_a_proxy_that_speaks_tls_is_verified(serve, secure, folder, start_emulator, tmp_path):
    with ConnectProxy(tls=folder) as proxy:
        server = serve(secure, more=through(folder, proxy.port, scheme="https"))
        assert generate(server).outcome == "ISSUED"
        assert len(proxy.heads) == 1
    start_emulator(f"--tls={tmp_path}/stranger")
    with ConnectProxy(tls=tmp_path / "stranger") as proxy:
        server = serve(secure, more=through(folder, proxy.port, scheme="https"))
        reply = generate(server)
        assert reply.reason == "OPERATOR_UNREACHABLE"
        assert "the proxy's certificate is not accepted" in reply.message
        assert not proxy.heads


@pytest.mark.parametrize("status,cause", [
    (407, "the proxy answered 407 to CONNECT: it wants other credentials"),
    (403, "the proxy answered 403 to CONNECT"),
    (503, "the proxy answered 503 to CONNECT"),
])
def test_the_error_says_what_the_proxy_answered(serve, secure, folder, status, cause):
    with ConnectProxy(status=status) as proxy:
        reply = generate(serve(secure, more=through(folder, proxy.port)))
    assert reply.reason == "OPERATOR_UNREACHABLE"
    assert cause in reply.message
    assert secure.counters()["calls"]["begun"] == 0


def test_the_error_says_that_the_proxy_refuses(serve, secure, folder):
    with closed_port() as port:
        reply = generate(serve(secure, more=through(folder, port)))
    assert "cannot connect to the proxy: Connection refused" in reply.message


@pytest.mark.parametrize("fields,problem", [
    ('proxy_url: "http://user:secret@proxy.example:3128"',
     "proxy_url: holds a user name or password; put them into proxy_credentials_file"),
    ('proxy_url: "http://proxy.example"', "proxy_url: must name the proxy's port"),
    ('proxy_url: "http://[::1]"', "proxy_url: must name the proxy's port"),
    ('proxy_url: "http://proxy.example:3128/path"', "proxy_url: must have no path"),
    ('proxy_url: "socks5://proxy.example:1080"', "proxy_url: must begin with http://"),
    ('proxy_url: "proxy.example:3128"', "proxy_url: must begin with http://"),
    ('proxy_credentials_file: "missing"', "proxy_credentials_file: needs proxy_url"),
    ('proxy_url: "http://proxy.example:3128" proxy_credentials_file: "missing"',
     "proxy_credentials_file: cannot read "),
])
def test_a_wrong_proxy_is_a_problem_of_the_configuration(tmp_path, participant, emulator, fields,
                                                         problem):
    config = tmp_path / "server.txtpb"
    config.write_text(f'listen_address: "127.0.0.1:0"\n{participant("site", emulator)}'
                      f"operator_connection {{ {fields} }}\n")
    result = server_process.run(f"--config={config}", "--check_config")
    assert result.returncode == 2
    assert problem in result.stderr
    assert "secret" not in result.stderr.replace("client_secret", "")
