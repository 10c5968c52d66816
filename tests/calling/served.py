# SPDX-License-Identifier: Apache-2.0
"""The identity service in front of an emulator, started as `tools/emulator` explains."""

import re
import subprocess
from pathlib import Path

from tests.emulator.emulator_process import EmulatorProcess
from tests.load.binaries import binary

_ROOT = Path(__file__).absolute().parents[2]
_LISTENING = "identity_server listening on "


class ServedIdentity:
    """The constructor returns once the server listens. close() ends it.

    tls: whether it serves mTLS, with the files that tools/certificates writes to `certificates`.
    The client `web-tier` may call, and the client `stranger` may not."""

    def __init__(self, folder: Path, tls: bool = False):
        self.certificates = folder / "certificates"
        self.emulator = EmulatorProcess("--explain")
        self._server = None
        try:
            self._run_explained_lines(folder)
            (configuration,) = folder.rglob("server.txtpb")
            # The default port, which the explanation uses, may be in use here.
            text = configuration.read_text()
            text = 'listen_address: "127.0.0.1:0"\n' + text
            configuration.write_text(text + (self._make_certificates() if tls else ""))
            self._server = subprocess.Popen(
                [binary("server/identity_server"), f"--config={configuration}"],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            line = self._server.stdout.readline()
            assert line.startswith(_LISTENING), f"no server: {line!r}"
            self.address = line.removeprefix(_LISTENING).strip()
        except BaseException:
            self.close()
            raise

    def _run_explained_lines(self, folder: Path):
        lines = []
        for line in self.emulator.process.stdout:
            if lines or line.startswith("mkdir"):
                lines.append(line)
            if line == "END\n":
                break
        assert re.match("bazel run //server:identity_server", next(self.emulator.process.stdout))
        subprocess.run(["sh", "-e"], input="".join(lines), cwd=folder, text=True, check=True)

    def _make_certificates(self) -> str:
        """Returns the server's configuration for them, as it is printed."""
        names = ("web-tier", "stranger")
        clients = [f"--client=spiffe://example.test/{name}" for name in names]
        command = [_ROOT / "tools/certificates", f"--out={self.certificates}", *clients]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        _, _, configuration, *_ = printed.split("\n\n")
        return configuration + "\n"

    def files_of(self, client: str) -> list[Path]:
        """What a client calls with: the authority's certificate, its own certificate, its key."""
        names = ("ca.pem", f"{client}.pem", f"{client}.key")
        return [self.certificates / name for name in names]

    def close(self):
        if self._server is not None:
            self._server.terminate()
            self._server.wait(timeout=30)
            self._server.stdout.close()
        self.emulator.close()
