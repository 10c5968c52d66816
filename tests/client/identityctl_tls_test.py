# SPDX-License-Identifier: Apache-2.0
"""identityctl and its doctor with a server that requires a client certificate."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.client.identityctl import USER, caller_files, identityctl
from tests.load.binaries import preload

CERTIFICATES = Path(__file__).absolute().parents[2] / "tools/certificates"


def make_certificates(folder: Path) -> Path:
    """Two clients of one authority: `web-tier`, and `stranger`, who is not on the list."""
    clients = [f"--client=spiffe://example.test/{name}" for name in ("web-tier", "stranger")]
    subprocess.run([CERTIFICATES, f"--out={folder}", *clients], check=True, capture_output=True)
    return folder


class MutualTls:
    """A server with its configuration, its certificates and those of another authority."""

    def __init__(self, folder: Path, files):
        self.certificates = make_certificates(folder / "certificates")
        self.others = make_certificates(folder / "others")
        self.config = files.config
        files.configure(
            f"""
tls {{
  certificate_file: "{self.certificates}/server.pem"
  private_key_file: "{self.certificates}/server.key"
  client_ca_file: "{self.certificates}/ca.pem"
}}
runtime_dir: "{folder}/run"
callers {{ san: "spiffe://example.test/other" }}
callers {{ san: "spiffe://example.test/web-tier" participants: "brand" }}
"""
        )
        self.address = ""

    def flags(self, client="web-tier", folder=None):
        folder = folder or self.certificates
        return [
            f"--address={self.address}",
            f"--ca={self.certificates}/ca.pem",
            f"--cert={folder}/{client}.pem",
            f"--key={folder}/{client}.key",
        ]


@pytest.fixture(name="mtls", scope="module")
def fixture_mtls(emulator, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mutual_tls")
    files = caller_files(folder / "server", emulator)
    mtls = MutualTls(folder, files)
    with files.serving() as mtls.address:
        yield mtls


def test_every_command_calls_with_a_certificate(mtls, tmp_path):
    assert identityctl("health", "--wait", *mtls.flags()).stdout.startswith("SERVING\n")
    generated = identityctl("generate", "--json_only", *mtls.flags(), stdin=USER)
    assert generated.returncode == 0, generated.stderr
    refreshed = identityctl("refresh", *mtls.flags(), stdin=generated.stdout)
    assert "NOT_DUE" in refreshed.stdout
    batch = identityctl("batch", *mtls.flags(), stdin=USER * 2)
    assert [json.loads(line)["outcome"] for line in batch.stdout.splitlines()] == ["ISSUED"] * 2


def test_a_profile_and_variables_name_the_files_too(mtls, tmp_path):
    lines = [flag.removeprefix("--") for flag in mtls.flags()]
    (tmp_path / "profiles").write_text("[default]\n" + "\n".join(lines) + "\n")
    environment = {**os.environ, "IDENTITYCTL_PROFILE_FILE": str(tmp_path / "profiles")}
    assert identityctl("health", env=environment).returncode == 0
    settings = (line.split("=") for line in lines)
    variables = {f"IDENTITYCTL_{name.upper()}": value for name, value in settings}
    assert identityctl("health", env={**os.environ, **variables}).returncode == 0


SITUATIONS = {
    "no TLS": (
        lambda mtls: mtls.flags()[:1],
        "the server requires TLS, and the call was made without\n  set --ca to the authority that "
        "signs the server's certificate, and --cert and --key to this client's certificate",
    ),
    "no client certificate": (
        lambda mtls: mtls.flags()[:2],
        "the server requires a client certificate, and none was given\n  set --cert and --key",
    ),
    "a client of another authority": (
        lambda mtls: mtls.flags(folder=mtls.others),
        "the server refused the client certificate in ",
    ),
    "a server of another authority": (
        lambda mtls: [*mtls.flags(), f"--ca={mtls.others}/ca.pem"],
        "the server's certificate is not trusted: ",
    ),
    "a server with another name": (
        lambda mtls: [*mtls.flags(), "--server_name=identity.example"],
        "the server's certificate is for localhost, 127.0.0.1, ::1 and not for identity.example\n",
    ),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_handshake_that_fails_says_why_and_what_to_do(mtls, situation):
    flags, words = SITUATIONS[situation]
    for arguments in (["health"], ["health", "--wait", "--timeout=1s"], ["generate"]):
        reply = identityctl(*arguments, *unique(flags(mtls)), stdin=USER)
        assert words in reply.stderr
        assert reply.stderr.startswith("UNAVAILABLE: the server")
        assert reply.returncode == 69


def unique(flags):
    """The last of each flag."""
    return list({flag.partition("=")[0]: flag for flag in flags}.values())


def test_the_cause_is_in_the_json_too(mtls):
    reply = identityctl("health", "--output=json", *mtls.flags()[:2])
    assert json.loads(reply.stdout)["error"] == {
        "code": "UNAVAILABLE",
        "message": "the server requires a client certificate, and none was given",
    }


def test_a_caller_that_is_not_on_the_list_is_healthy_but_not_allowed(mtls):
    assert identityctl("health", *mtls.flags("stranger")).returncode == 0
    reply = identityctl("generate", *mtls.flags("stranger"), stdin=USER)
    assert reply.returncode == 77
    assert reply.stderr.startswith("CALLER_NOT_ALLOWED: ")
    assert "use a certificate that the server's configuration lists" in reply.stderr


def test_a_key_of_another_certificate_is_named_before_the_call(mtls):
    flags = [*mtls.flags()[:3], f"--key={mtls.certificates}/stranger.key"]
    reply = identityctl("health", *flags)
    assert reply.returncode == 64
    assert f"the key in {mtls.certificates}/stranger.key does not belong to" in reply.stderr


def test_a_key_that_everybody_can_read_is_noticed(mtls, tmp_path):
    key = tmp_path / "web.key"
    key.write_bytes((mtls.certificates / "web-tier.key").read_bytes())
    flags = [*mtls.flags()[:3], f"--key={key}"]
    key.chmod(0o640)
    assert identityctl("health", *flags).stderr == ""
    key.chmod(0o644)
    reply = identityctl("health", *flags)
    assert reply.returncode == 0
    assert reply.stderr == (
        f"identityctl: every user of this machine can read the private key: chmod o-rwx {key}\n"
    )


def test_openssl_is_usable_until_the_process_has_ended(mtls):
    environment = {**os.environ, **preload("openssl_at_exit")}
    for arguments, status in (
        (["health", *mtls.flags()], 0),
        (["health", *mtls.flags(folder=mtls.others)], 69),
        (["generate", *mtls.flags()], 0),
        (["doctor", f"--config={mtls.config}", *mtls.flags()], 0),
        (["normalize"], 0),
    ):
        reply = identityctl(*arguments, stdin=USER, env=environment)
        assert reply.returncode == status, (arguments, reply.stderr)


def examine(mtls, *flags):
    """The doctor's findings by check."""
    reply = identityctl("doctor", f"--config={mtls.config}", "--output=json", *flags)
    return {found["check"]: found for found in json.loads(reply.stdout)["findings"]}


def test_the_doctor_checks_the_servers_certificate(mtls):
    found = examine(mtls)
    assert found["server_tls"]["severity"] == "ok"
    assert "for localhost, 127.0.0.1, ::1 is valid until 2" in found["server_tls"]["text"]
    assert found["server_tls"]["text"].endswith("clients need a certificate of CN=Throwaway root")
    assert "caller" not in found and "connection" not in found


def test_the_doctor_connects_as_a_caller_and_finds_it_on_the_list(mtls):
    found = examine(mtls, *mtls.flags())
    assert found["caller"]["severity"] == found["connection"]["severity"] == "ok"
    assert found["caller"]["text"].endswith(
        "is the caller spiffe://example.test/web-tier, who may use the participants brand"
    )


def test_the_doctor_says_why_a_caller_may_not_call(mtls):
    found = examine(mtls, *mtls.flags("stranger"))
    assert found["connection"]["severity"] == "ok"
    assert found["caller"]["severity"] == "error"
    assert found["caller"]["text"].endswith("which is for spiffe://example.test/stranger")
    found = examine(mtls, *mtls.flags(folder=mtls.others))
    assert found["caller"]["severity"] == found["connection"]["severity"] == "error"
    assert "self-signed certificate in certificate chain" in found["caller"]["text"] or (
        "unable to get local issuer certificate" in found["caller"]["text"]
    )
    assert "refused the client certificate" in found["connection"]["text"]
    found = examine(mtls, f"--cert={mtls.certificates}/server.pem")
    assert "unsuitable certificate purpose" in found["caller"]["text"]
    assert "connection" not in found


def test_the_doctor_needs_a_certificate_for_a_key(mtls):
    reply = identityctl("doctor", f"--config={mtls.config}", "--key=web.key")
    assert (reply.returncode, reply.stdout) == (64, "")
    assert "add --cert=FILE" in reply.stderr


def test_the_doctor_warns_of_a_private_key_that_everybody_can_read(mtls):
    key = mtls.certificates / "server.key"
    key.chmod(0o644)
    try:
        found = examine(mtls)
    finally:
        key.chmod(0o600)
    assert found["server_tls"]["severity"] == "warning"
    assert found["server_tls"]["fix"].startswith(f"chmod o-rwx {key}")
