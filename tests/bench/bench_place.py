# SPDX-License-Identifier: Apache-2.0
"""Where the programs of a benchmark run: their folder, credentials, certificates and operator."""

import base64
import contextlib
import os
import secrets
import socket
import subprocess
import threading
import urllib.request
from pathlib import Path

from bench_process import BOTH_CORES, LOAD_CORE, SERVER_CORE, listening, on_core
from bench_programs import BIN, ROOT

# Numbers of calls in flight with which peak memory is measured.
IN_FLIGHT = (1000, 5000)

# A name that the certificates are also valid for.
OPERATOR_NAME = "operator.bench.test"


def free_address():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{listener.getsockname()[1]}"


@contextlib.contextmanager
def scrapes(address):
    """Reads the metrics at this address once a second."""
    over = threading.Event()

    def scrape():
        while not over.wait(1):
            with urllib.request.urlopen(f"http://{address}/metrics", timeout=5) as reply:
                reply.read()

    thread = threading.Thread(target=scrape)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class Workplace:
    """The folder and the operator of a run."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.credentials = self.folder / "credentials"
        self.credentials.mkdir()
        (self.credentials / "api_key").write_text(f"UID2-C-L-123-{secrets.token_hex(3)}.{secrets.token_hex(19)}")
        (self.credentials / "client_secret").write_text(base64.b64encode(os.urandom(32)).decode())
        self.operator_url = None
        self.admin_address = free_address()

    def certificates(self):
        folder = self.folder / "certificates"
        if not folder.exists():
            names = [f"--server-name={name}" for name in ("localhost", "127.0.0.1", OPERATOR_NAME)]
            subprocess.run([ROOT / "tools/certificates", f"--out={folder}", "--client=bench", *names],
                           stdout=subprocess.DEVNULL, check=True)
        return folder

    def server_config(self, connection="request_timeout { seconds: 5 }", **fields):
        """Writes a configuration with these fields, and `connection` within operator_connection."""
        fields.setdefault("max_calls_in_flight", max(IN_FLIGHT) + 1000)
        if self.operator_url.startswith("https:"):
            connection += f' ca_file: "{self.certificates()}/ca.pem"'
        path = self.folder / "server.txtpb"
        path.write_text("".join(f"{name}: {value}\n" for name, value in fields.items()) + f"""
listen_address: "127.0.0.1:0"
operator_connection {{ {connection} }}
participants {{
  name: "bench"
  scope: UID2
  operator_url: "{self.operator_url}"
  credentials_dir: "{self.credentials}"
}}
""")
        return path

    @contextlib.contextmanager
    def operator(self, delay_ms=0, tls=False):
        outer = self.operator_url
        command = [BIN / "tests/bench/operator_stub_server", f"--credentials_dir={self.credentials}",
                   f"--delay_ms={delay_ms}"]
        if tls:
            command.append(f"--certificates={self.certificates()}")
        with listening(on_core(LOAD_CORE, command), subprocess.DEVNULL) as (_, self.operator_url):
            yield
        self.operator_url = outer

    @contextlib.contextmanager
    def server(self, program):
        with contextlib.ExitStack() as stack:
            log = subprocess.DEVNULL
            if program.log_to_file:
                log = stack.enter_context(open(self.folder / "log", "w"))
            core = BOTH_CORES if program.both_cores else SERVER_CORE
            server = stack.enter_context(listening(on_core(core, program.command(self)), log))
            if program.scraped:
                stack.enter_context(scrapes(self.admin_address))
            yield server
