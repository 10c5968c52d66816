# SPDX-License-Identifier: Apache-2.0
"""Where clients are authenticated, nobody without a certificate reaches anything but TLS."""

import contextlib
import ssl

import pytest

from tests.integration.client_authority import ClientAuthority, dns
from tests.integration.floods import announce_a_gigabyte, cpu_seconds, reset_streams
from tests.integration.grpcurl import EMAIL, Code
from tests.integration.http2_client import ConnectionEnded, Http2Client, generate_request
from tests.integration.open_files import no_open_files

REQUEST = generate_request(EMAIL)
# The first costs a server that reads HTTP/2 two seconds of CPU.
FLOODS = {"a header of a gigabyte": lambda client: announce_a_gigabyte(client, mib=8),
          "streams that are reset": reset_streams}


@pytest.fixture(scope="module", name="authority")
def fixture_authority(tmp_path_factory):
    return ClientAuthority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(name="secured")
def fixture_secured(serve, emulator, authority):
    """A server that must still serve clients with a certificate after the test."""
    keys = authority.file.parent / "keys.log"
    server = serve(emulator, more=authority.settings + 'callers { san: "*" }\n'
                   "self_probe { interval { seconds: 1 } }\n",
                   environment={"SSLKEYLOGFILE": str(keys)})
    yield server
    with Http2Client(server.address, authority.context(authority.issue(dns("web.test")))) as client:
        assert client.call(client.headers(), REQUEST).status == Code.OK
    assert server.stop() == 0
    # Not a single call but this one was seen.
    assert server.totals()["calls"] == 1
    assert not keys.exists()


@contextlib.contextmanager
def closed_by_server():
    """The server ends the connection, at the latest when something is read."""
    with contextlib.suppress(ConnectionEnded, ssl.SSLError, OSError):
        yield
        raise AssertionError("the server has answered")


@pytest.mark.parametrize("kind", FLOODS)
def test_http2_without_tls_is_not_read(secured, kind):
    before = cpu_seconds(secured)
    with closed_by_server(), Http2Client(secured.address, acknowledge=False) as client:
        FLOODS[kind](client)
        client.receive()
    assert cpu_seconds(secured) - before < 1


@pytest.mark.parametrize("own", ["none", "of another authority"])
@pytest.mark.parametrize("kind", FLOODS)
def test_http2_of_a_client_without_a_certificate_is_not_read(secured, authority, tmp_path, kind,
                                                             own):
    """With TLS 1.3, such a client may send before it learns that it is refused."""
    other = None if own == "none" else ClientAuthority(tmp_path).issue(dns("web.test"))
    before = cpu_seconds(secured)
    with closed_by_server(), Http2Client(secured.address, authority.context(other),
                                         acknowledge=False) as client:
        FLOODS[kind](client)
        client.receive()
    assert cpu_seconds(secured) - before < 1


def test_the_self_probe_needs_no_certificate(secured):
    with no_open_files(secured):
        secured.await_message("the self-probe is skipped: Too many open files")
    secured.await_message(f"the self-probe of {secured.address} succeeds again")
    # gRPC logs an error for a handshake that fails.
    assert "ssl_transport_security.cc" not in secured.output()
