"""An emulator, servers in front of it, and identityctl, as processes of their own."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(os.environ["TEST_SRCDIR"], os.environ["TEST_WORKSPACE"])
sys.path.insert(0, str(ROOT / "tests/emulator"))
from emulator_process import EmulatorProcess  # noqa: E402 (found only now)

LISTENING = "identity_server listening on "


class ServerFiles:
    """A server's configuration and credentials, as an administrator would leave them."""

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


def caller_files(folder: Path, emulator: EmulatorProcess, url: str = "") -> ServerFiles:
    """Files with the emulator's own key."""
    caller = emulator.caller()
    secret = base64.b64encode(caller.client_secret).decode()
    return ServerFiles(folder, url or emulator.urls[0], caller.api_key, secret)


@pytest.fixture(scope="module")
def emulator():
    with EmulatorProcess() as process:
        yield process


@pytest.fixture(scope="module")
def server(emulator, tmp_path_factory):
    """The address of a server in front of the emulator."""
    files = caller_files(tmp_path_factory.mktemp("server"), emulator)
    with subprocess.Popen(
        [ROOT / "server/identity_server", f"--config={files.config}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        line = process.stdout.readline()
        assert line.startswith(LISTENING), line
        yield line.removeprefix(LISTENING).strip()
        process.terminate()


def identityctl(*arguments, stdin: str = "", **more):
    """Returns the finished process; stdin is what is piped into it."""
    return subprocess.run(
        [ROOT / "client/identityctl", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
        **more,
    )
