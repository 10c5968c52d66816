# SPDX-License-Identifier: Apache-2.0
"""The identity service in front of an emulator, started as `tools/emulator` explains."""

import re
import subprocess
from pathlib import Path

from tests.emulator.emulator_process import EmulatorProcess
from tests.load.binaries import binary

_LISTENING = "identity_server listening on "


class ServedIdentity:
    """The constructor returns once the server listens. close() ends it."""

    def __init__(self, folder: Path):
        self.emulator = EmulatorProcess("--explain")
        self._server = None
        try:
            self._run_explained_lines(folder)
            (configuration,) = folder.rglob("server.txtpb")
            # The default port, which the explanation uses, may be in use here.
            text = configuration.read_text()
            configuration.write_text('listen_address: "127.0.0.1:0"\n' + text)
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

    def close(self):
        if self._server is not None:
            self._server.terminate()
            self._server.wait(timeout=30)
            self._server.stdout.close()
        self.emulator.close()
