# SPDX-License-Identifier: Apache-2.0
"""Runs identityctl, and writes the server files that it examines."""

import base64
import contextlib
import subprocess
from pathlib import Path

from tests.emulator.emulator_process import EmulatorProcess
from tests.load.binaries import binary

IDENTITYCTL = binary("client/identityctl")
USER = "user@example.com\n"
_LISTENING = "identity_server listening on "


class ServerFiles:
    """A server's configuration and credentials as an administrator would write them."""

    def __init__(self, folder: Path, operator_url: str, api_key: str, client_secret: str):
        self.config = folder / "server.txtpb"
        self.credentials = folder / "credentials"
        self.credentials.mkdir(parents=True)
        self.write("api_key", api_key)
        self.write("client_secret", client_secret)
        self.operator_url = operator_url
        self.more_urls = []
        self.configure()

    def write(self, name: str, text: str, mode: int = 0o600):
        path = self.credentials / name
        path.write_text(text + "\n")
        path.chmod(mode)

    def configure(self, more: str = ""):
        self.config.write_text(
            'listen_address: "127.0.0.1:0"\n'
            'participants { name: "brand" scope: UID2 credentials_dir: "credentials"\n'
            + "".join(f'  operator_url: "{url}"\n' for url in (self.operator_url, *self.more_urls))
            + f"}}\n{more}"
        )

    @contextlib.contextmanager
    def serving(self):
        """Runs the server with these files, and yields its address."""
        with subprocess.Popen(
            [binary("server/identity_server"), f"--config={self.config}"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            try:
                line = process.stdout.readline()
                assert line.startswith(_LISTENING), line
                yield line.removeprefix(_LISTENING).strip()
            finally:
                process.terminate()


def caller_files(folder: Path, emulator: EmulatorProcess, url: str = "") -> ServerFiles:
    """Server files with the emulator's default key."""
    caller = emulator.caller()
    secret = base64.b64encode(caller.client_secret).decode()
    return ServerFiles(folder, url or emulator.urls[0], caller.api_key, secret)


def identityctl(*arguments, stdin: str = "", **more):
    """Runs it with `stdin` as its input, and returns the finished process."""
    return subprocess.run(
        [IDENTITYCTL, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        **more,
    )
