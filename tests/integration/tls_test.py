# SPDX-License-Identifier: Apache-2.0
"""TLS and mTLS on the server's port, and certificates that change under load."""

import signal
import socket
import ssl
import subprocess
import threading
import time

import pytest

from tests.integration import server_process
from tests.integration.configurations import good, write
from tests.integration.mounted_certificates import SECONDS, Authority, Client, MountedCertificates
from tests.load.binaries import binary

IDENTITYCTL = binary("client/identityctl")
IN_USE = "the changed certificate files are in use"
NOT_USED = "the changed certificate files are not used, but the earlier ones"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\x04" + bytes(5)


class Mutual:
    """A server's certificates and one of its clients."""

    def __init__(self, folder):
        self.authority = Authority("server authority")
        self.client_authority = Authority("client authority")
        self.folder = folder
        self.runtime_dir = folder / "run"
        self.mounted = MountedCertificates(folder / "mounted")
        self.mounted.mount(self.authority.issue("first"), self.client_authority.pem)
        self.settings = self.mounted.settings(self.runtime_dir)
        self.client = self.new_client("web", self.client_authority.issue("web"))

    def new_client(self, name, pair=()):
        return Client(self.folder / name, self.authority.pem, pair)


@pytest.fixture(name="mutual")
def fixture_mutual(tmp_path):
    return Mutual(tmp_path)


class Batch:
    """Calls the server over one connection until it is ended, for one user at a time."""

    def __init__(self, address, client):
        self._process = subprocess.Popen(
            [IDENTITYCTL, "batch", "--concurrency=1", f"--address={address}", f"--ca={client.ca}",
             f"--cert={client.certificate}", f"--key={client.key}"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self._ending = threading.Event()
        self._called = threading.Condition()
        self._results = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def await_more(self, count: int = 3):
        """Waits until further calls have ended."""
        with self._called:
            enough = len(self._results) + count
            assert self._called.wait_for(lambda: len(self._results) >= enough, SECONDS)

    def end(self):
        """The results, and what identityctl says about them."""
        self._ending.set()
        self._thread.join(SECONDS)
        _, summary = self._process.communicate(timeout=SECONDS)
        return self._results, summary

    def _run(self):
        while not self._ending.is_set():
            self._process.stdin.write("user@example.com\n")
            self._process.stdin.flush()
            result = self._process.stdout.readline()
            with self._called:
                self._results.append(result)
                self._called.notify_all()
            if not result:
                return


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_1_3_carry_http_2(serve, emulator, mutual, version):
    server = serve(emulator, more=mutual.settings)
    mutual.client.only(version)
    seen = mutual.client.connect(server.address)
    assert (seen.name, seen.protocol) == ("first", "h2")
    assert seen.version == version.name.replace("_", ".")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_older_versions_are_refused(serve, emulator, mutual, version):
    # The distribution's GRPC_SSL_CIPHER_SUITES has no effect either.
    server = serve(emulator, more=mutual.settings,
                   environment={"GRPC_SSL_CIPHER_SUITES": "ALL:@SECLEVEL=0"})
    mutual.client.only(version)
    assert mutual.client.is_refused(server.address)
    mutual.client.only(ssl.TLSVersion.TLSv1_2)
    assert mutual.client.connect(server.address).version == "TLSv1.2"


def test_a_client_without_a_certificate_or_from_another_authority_is_refused(
        serve, emulator, mutual):
    server = serve(emulator, more=mutual.settings)
    assert mutual.new_client("none").is_refused(server.address)
    assert mutual.new_client("other", Authority("other").issue("web")).is_refused(server.address)
    assert mutual.client.connect(server.address).name == "first"


def test_with_tls_alone_clients_need_no_certificate(serve, emulator, mutual):
    settings = mutual.mounted.settings(mutual.runtime_dir, client_ca=False)
    server = serve(emulator, more=settings)
    assert mutual.new_client("none").connect(server.address).name == "first"


def test_plain_text_is_closed(serve, emulator, mutual):
    server = serve(emulator, more=mutual.settings)
    host, port = server.address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), SECONDS) as plain:
        plain.sendall(PREFACE)
        answer = b""
        # TLS may answer with an alert, but not with HTTP/2.
        try:
            while piece := plain.recv(100):
                answer += piece
        except ConnectionResetError:
            pass
    assert len(answer) <= 7


def test_the_published_set_is_private_and_removed_at_the_end(serve, emulator, mutual):
    server = serve(emulator, more=mutual.settings)
    files = [*mutual.runtime_dir.iterdir(), *(mutual.runtime_dir / "current").iterdir()]
    assert [path.name for path in files if not path.is_symlink()
            and path.stat().st_mode & 0o077] == []
    assert mutual.runtime_dir.stat().st_mode & 0o777 == 0o700
    server.kill()
    assert list(mutual.runtime_dir.iterdir())
    server = serve(emulator, more=mutual.settings)
    assert sorted(path.name for path in mutual.runtime_dir.iterdir()) == ["current", "set-1"]
    mutual.client.connect(server.address)
    assert server.stop() == 0
    assert not list(mutual.runtime_dir.iterdir())


def test_a_second_server_with_the_same_folder_does_not_start(serve, emulator, mutual):
    server = serve(emulator, more=mutual.settings)
    with pytest.raises(AssertionError, match="runtime_dir: .*another process uses it"):
        serve(emulator, more=mutual.settings)
    assert mutual.client.connect(server.address).name == "first"


def test_a_check_names_each_problem_and_writes_nothing(folder, mutual):
    mutual.mounted.mount(mutual.authority.issue("first"), b"junk")
    path = write(folder, good() + mutual.settings)
    result = server_process.run("--check_config", f"--config={path}")
    assert result.returncode == 2
    assert "client_ca_file: " in result.stderr
    assert "ca.crt: it contains no certificate in PEM" in result.stderr
    assert not mutual.runtime_dir.exists()


def test_each_changed_set_is_used_or_refused_without_losing_a_call(serve, emulator, mutual):
    server = serve(emulator, more=mutual.settings)
    ca = mutual.client_authority.pem
    current = mutual.authority.issue("second")
    batch = Batch(server.address, mutual.client)
    batch.await_more()
    mutual.mounted.mount(current, ca)
    changed = time.monotonic()
    mutual.client.await_name(server.address, "second")
    # The promise, with as much again for a busy machine.
    assert time.monotonic() - changed < 20
    bad = [
        ((mutual.authority.issue("other")[0], current[1]), ca, "the private key does not belong"),
        (current, b"junk", "ca.crt: it contains no certificate in PEM"),
        ((current[0][:300], current[1]), ca, "tls.crt: it is damaged, or has not been written"),
        ((current[0], b""), ca, "tls.key: No such file or directory"),
    ]
    for pair, authorities, problem in bad:
        mutual.mounted.mount(pair, authorities)
        server.await_message(problem)
        # Those that gRPC reads are not affected.
        assert mutual.client.connect(server.address).name == "second"
        batch.await_more()
    mutual.mounted.mount(mutual.authority.issue("third"), ca)
    mutual.client.await_name(server.address, "third")
    batch.await_more()
    results, summary = batch.end()
    assert [result for result in results if '"ISSUED"' not in result] == [], summary
    messages = [message for message in server.messages() if "certificate files" in message]
    assert len(messages) == 6, messages
    assert [message.startswith(NOT_USED) for message in messages] == [False, *[True] * 4, False]
    assert all(" valid until 20" in message for message in messages)
    server.stop()
    for line in current[1].decode().splitlines()[1:-1]:
        assert line not in server.output()


def test_old_and_new_client_authorities_are_served_together(serve, emulator, mutual):
    server = serve(emulator, more=mutual.settings)
    old, new = mutual.client_authority, Authority("new client authority")
    new_client = mutual.new_client("new", new.issue("web"))
    batch = Batch(server.address, mutual.client)
    batch.await_more()
    assert new_client.is_refused(server.address)
    mutual.mounted.mount(mutual.authority.issue("both"), old.pem + new.pem)
    mutual.client.await_name(server.address, "both")
    assert new_client.connect(server.address).name == "both"
    mutual.mounted.mount(mutual.authority.issue("new"), new.pem)
    new_client.await_name(server.address, "new")
    end = time.monotonic() + SECONDS
    while not mutual.client.is_refused(server.address):
        assert time.monotonic() < end, "the old authority is still trusted"
    # The connection that is open stays so.
    batch.await_more()
    results, summary = batch.end()
    assert [result for result in results if '"ISSUED"' not in result] == [], summary
    assert new_client.connect(server.address).name == "new"
    assert server.process.poll() is None
    server.send(signal.SIGTERM)
    assert server.wait() == 0
