# SPDX-License-Identifier: Apache-2.0
"""A server works in the unit's sandbox, which refuses none of its system calls."""

import base64
import pathlib
import re
import shutil
import subprocess

import pytest
from tests.emulator.emulator_process import EmulatorProcess
from tests.integration.mounted_certificates import Authority, Client, MountedCertificates
from tests.integration.server_process import Participant, ServerProcess, write_credentials
from tests.load.binaries import binary, is_sanitized
from tests.systemd.unit_file import settings, system_calls

PYTHON = "/usr/bin/python3"
SANDBOXED = pathlib.Path(__file__).absolute().parent / "sandboxed.py"
SERVER = binary("server/identity_server")
IDENTITYCTL = binary("client/identityctl")
MORE = """operator_connection {{ ca_file: "{}/ca.pem" }}
synthetic_probe {{ interval {{ seconds: 1 }} }}
"""


def _has_seccomp() -> bool:
    return subprocess.run([PYTHON, "-c", "import seccomp"], check=False,
                          stderr=subprocess.DEVNULL).returncode == 0


pytestmark = [
    pytest.mark.skipif(not shutil.which("systemd-analyze"),
                       reason="this machine has no systemd-analyze"),
    pytest.mark.skipif(not _has_seccomp(), reason="this machine has no python3-seccomp"),
]


def sandboxed() -> list:
    """The command that runs another in the unit's sandbox."""
    assert settings("SystemCallErrorNumber") == ["EPERM"]
    assert settings("MemoryDenyWriteExecute") == ["yes"]
    [families] = settings("RestrictAddressFamilies")
    return [PYTHON, str(SANDBOXED), ",".join(sorted(system_calls())), families.replace(" ", ",")]


class Trace:
    """A list of the system calls of a command and its threads."""

    def __init__(self, file):
        self._file = file
        # -D: the command is our child, and not strace's.
        self.prefix = ["strace", "-D", "-f", "-qq", "-o", str(file)]

    def refused(self, program) -> set:
        """The calls that failed with EPERM since the start of the program."""
        lines = self._file.read_text(errors="replace").splitlines()
        start = next(i for i, line in enumerate(lines) if f'execve("{program}"' in line)
        results = [re.match(r"\d+ +(?:<\.\.\. )?(\w+).* = -1 EPERM ", line)
                   for line in lines[start:]]
        return {result[1] for result in results if result}


def identityctl(method: str, server, client: Client, text: str) -> str:
    return subprocess.run(
        [IDENTITYCTL, method, "--json_only", f"--address={server.address}", f"--ca={client.ca}",
         f"--cert={client.certificate}", f"--key={client.key}",
         *(["--force"] if method == "refresh" else [])],
        input=text, capture_output=True, text=True, timeout=60, check=True).stdout


def work(folder, prefix):
    """Lets a server, run by `prefix`, do all that it does from its start to the end of its drain: look
    up a name, call an operator over TLS, probe it, answer callers over mTLS, show its metrics, and
    use changed certificates."""
    authority, client_authority = Authority("server authority"), Authority("client authority")
    mounted = MountedCertificates(folder / "mounted")
    mounted.mount(authority.issue("first"), client_authority.pem)
    client = Client(folder / "client", authority.pem, client_authority.issue("web"))
    with EmulatorProcess(f"--tls={folder}") as operator:
        caller = operator.caller()
        credentials = write_credentials(folder / "credentials", caller.api_key,
                                        base64.b64encode(caller.client_secret).decode())
        url = f"https://localhost:{operator.port}"
        environment = dict(line.split("=", 1) for line in settings("Environment"))
        with ServerProcess(folder / "server", [Participant("site", url, credentials)],
                           MORE.format(folder) + mounted.settings(folder / "run"),
                           environment=environment, prefix=prefix,
                           admin_address="127.0.0.1:0") as server:
            identity = identityctl("generate", server, client, "user@example.com\n")
            assert identityctl("refresh", server, client, identity) != identity
            mounted.mount(authority.issue("second"), client_authority.pem)
            client.await_name(server.address, "second")
            assert identityctl("generate", server, client, "user@example.com\n")
            metrics = server.admin.await_metrics(
                lambda metrics: metrics.sum("synthetic_probe_total", result="success"))
            assert metrics.sum("certificate_reload_total", result="success") == 1
            assert server.admin.request("/readyz").status == 200
            assert server.stop() == 0


@pytest.mark.skipif(not shutil.which("strace"), reason="this machine has no strace")
@pytest.mark.skipif(is_sanitized(), reason="a sanitizer does not work under strace")
def test_the_server_works_and_none_of_its_system_calls_is_refused(tmp_path):
    trace = Trace(tmp_path / "calls")
    try:
        work(tmp_path, [*trace.prefix, *sandboxed()])
    finally:
        # Also names the system call for which the work failed.
        assert trace.refused(SERVER) == set()


@pytest.mark.parametrize("refused", [
    "os.setuid(os.getuid())",
    "socket.socket(socket.AF_VSOCK)",
    "mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)",
])
def test_what_the_unit_does_not_allow_is_refused(refused):
    code = f"import mmap, os, socket\ntry:\n  {refused}\nexcept PermissionError:\n  os._exit(7)\n"
    assert subprocess.run([*sandboxed(), PYTHON, "-c", code], check=False).returncode == 7
