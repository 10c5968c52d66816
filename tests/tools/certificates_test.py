# SPDX-License-Identifier: Apache-2.0
"""The files of tools/certificates work in real handshakes, and are nobody else's to read."""

import datetime
import socket
import ssl
import stat
import subprocess
import threading

import pytest
from cryptography import x509
from tests.tools import script

DEFAULT_FILES = ["ca.pem", "server.key", "server.pem", "web-tier.key", "web-tier.pem"]


def certificates(*arguments, folder=None):
    out = [f"--out={folder}"] if folder else []
    return subprocess.run([script.TOOLS / "certificates", *out, *arguments], capture_output=True,
                          text=True, check=False)


@pytest.fixture(name="folder", scope="module")
def fixture_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates") / "new"
    made = certificates(folder=folder)
    assert made.returncode == 0, made.stderr
    return folder


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def leaf(path):
    return x509.load_pem_x509_certificate(path.read_bytes())


def names(path):
    extension = leaf(path).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return [str(name.value) for name in extension.value]


def context(purpose, folder, own, trusted):
    """One side's TLS, with its own certificate, unless `own` is None."""
    made = ssl.SSLContext(purpose)
    made.verify_mode = ssl.CERT_REQUIRED
    made.load_verify_locations(trusted)
    if own:
        made.load_cert_chain(folder / f"{own}.pem", folder / f"{own}.key")
    return made


def handshake(folder, host, own, client_trusts=None):
    """Does a handshake with both sides' certificates; returns the client's names as the server sees
    them. Raises what fails on the client's side, or else on the server's."""
    outcome = {}
    client, server = socket.socketpair()

    def serve():
        trusted = context(ssl.PROTOCOL_TLS_SERVER, folder, "server", folder / "ca.pem")
        try:
            with trusted.wrap_socket(server, server_side=True) as connection:
                outcome["names"] = [name for _, name in
                                    connection.getpeercert().get("subjectAltName", ())]
        except OSError as error:
            outcome["error"] = error

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        ours = context(ssl.PROTOCOL_TLS_CLIENT, folder, own, client_trusts or folder / "ca.pem")
        with ours.wrap_socket(client, server_hostname=host):
            thread.join()
    finally:
        client.close()
        thread.join()
    if "error" in outcome:
        raise outcome["error"]
    return outcome["names"]


def test_a_run_makes_the_authority_the_server_and_one_client(folder):
    assert sorted(content(folder)) == DEFAULT_FILES
    assert names(folder / "server.pem") == ["localhost", "127.0.0.1", "::1"]
    assert names(folder / "web-tier.pem") == ["spiffe://example.test/web-tier"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_both_sides_accept_each_other(folder, host):
    assert handshake(folder, host, "web-tier") == ["spiffe://example.test/web-tier"]


def test_a_client_without_a_certificate_or_of_another_run_is_refused(folder, tmp_path):
    with pytest.raises(ssl.SSLError, match="PEER_DID_NOT_RETURN_A_CERTIFICATE"):
        handshake(folder, "localhost", None)
    assert certificates(folder=tmp_path).returncode == 0
    with pytest.raises(ssl.SSLError, match="unable to get local issuer certificate"):
        handshake(folder, "localhost", "web-tier", client_trusts=tmp_path / "ca.pem")


def test_a_client_cannot_pose_as_the_server(folder):
    usage = leaf(folder / "web-tier.pem").extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert list(usage.value) == [x509.ExtendedKeyUsageOID.CLIENT_AUTH]


def test_files_are_readable_for_their_owner_only_and_no_key_is_printed(tmp_path):
    made = certificates(folder=tmp_path / "new")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    for path in (tmp_path / "new").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
        if path.suffix == ".key":
            assert path.read_text().splitlines()[1] not in made.stdout + made.stderr


def test_they_last_for_30_days_or_as_long_as_is_asked_for_and_the_output_says_so(tmp_path):
    for arguments, days in [((), 30), (("--days=1",), 1)]:
        made = certificates("--force", *arguments, folder=tmp_path)
        end = leaf(tmp_path / "web-tier.pem").not_valid_after
        left = end - datetime.datetime.utcnow()
        assert datetime.timedelta(days) - left < datetime.timedelta(minutes=10)
        assert f"They expire on {end:%Y-%m-%d %H:%M} UTC." in made.stdout
        assert {leaf(tmp_path / name).not_valid_after for name in ["ca.pem", "server.pem"]} == {end}


def test_each_client_gets_a_pair_by_its_dns_name_or_by_the_last_part_of_its_uri(tmp_path):
    made = certificates("--server-name=identity.test", "--server-name=*.web.test",
                        "--client=batch.example.test", "--client=spiffe://example.test/ns/web/sa/a",
                        folder=tmp_path)
    assert made.returncode == 0, made.stderr
    assert names(tmp_path / "server.pem") == ["identity.test", "*.web.test"]
    assert names(tmp_path / "batch.example.test.pem") == ["batch.example.test"]
    assert names(tmp_path / "a.pem") == ["spiffe://example.test/ns/web/sa/a"]
    assert handshake(tmp_path, "identity.test", "a") == ["spiffe://example.test/ns/web/sa/a"]


def test_existing_files_are_overwritten_only_with_force(tmp_path):
    (tmp_path / "server.key").write_text("a real key")
    made = certificates(folder=tmp_path)
    assert made.returncode == 1
    assert "already has server.key: add --force" in made.stderr
    assert content(tmp_path) == {"server.key": b"a real key"}
    assert certificates("--force", folder=tmp_path).returncode == 0
    assert sorted(content(tmp_path)) == DEFAULT_FILES
    assert stat.S_IMODE((tmp_path / "server.key").stat().st_mode) == 0o600


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").touch()
    made = certificates(folder=tmp_path / "file" / "folder")
    assert made.returncode == 1
    assert made.stderr.startswith("tools/certificates: cannot write ")
    assert made.stderr.endswith(": Not a directory\n")


@pytest.mark.parametrize("arguments, words", [
    (["--client=web tier"], "'web tier' is neither a DNS name nor a URI"),
    (["--client=spiffe://example.test"], "is neither a DNS name nor a URI"),
    (["--client=spiffe://example.test/../.."], "is neither a DNS name nor a URI"),
    (["--client=*"], "is neither a DNS name nor a URI"),
    (["--server-name=a b"], "'a b' is neither a host name nor an IP address"),
    (["--client=server"], "two sets of files would be called server"),
    (["--client=spiffe://a.test/x", "--client=spiffe://b.test/x"], "would be called x"),
    (["--days=0"], "'0' is not a number from 1 to 365"),
    (["--days=366"], "'366' is not a number from 1 to 365"),
    (["--day=1"], "unrecognized arguments: --day=1"),
])
def test_a_wrong_argument_is_named_and_nothing_is_written(tmp_path, arguments, words):
    made = certificates(*arguments, folder=tmp_path)
    assert made.returncode == 2
    assert words in made.stderr
    assert content(tmp_path) == {}
