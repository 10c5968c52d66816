# SPDX-License-Identifier: Apache-2.0
"""A repository of stand-ins for the tests of tools/quickstart.

Whatever quickstart starts holds the writing end of a pipe: when the last of its processes has
ended, the reading end says so.
"""

import json
import os
import select
import shutil
import signal
import subprocess

from tests.tools import script

EMULATOR = """import signal, sys
port = 4 if "--scope=EUID" in sys.argv else 1
print(f"operator emulator listening on http://127.0.0.1:{port}", flush=True)
signal.pause()
"""
SERVICE = """#!/usr/bin/python3
import os, signal, sys
open(sys.argv[0] + ".pid", "w").write(str(os.getpid()))
print("identity_server listening on 127.0.0.1:2", flush=True)
print("admin port listening on 127.0.0.1:5", flush=True)
open(sys.argv[0] + ".config", "w").write(open(sys.argv[1].partition("=")[2]).read())
signal.pause()
"""
# Stands for Node.js.
SITE = """#!/usr/bin/python3
import os, signal, sys
names = ["IDENTITY_SERVICE", "IDENTITY_SERVICE_CA", "IDENTITY_SERVICE_CERTIFICATE",
         "IDENTITY_SERVICE_KEY", "UID2_PARTICIPANT", "UID2_OPERATOR_URL", "EUID_PARTICIPANT",
         "EUID_OPERATOR_URL"]
open(sys.argv[0] + ".calls", "w").write("".join(
    f"{name}={os.environ[name]}\\n" for name in names if name in os.environ))
print("site listening on http://127.0.0.1:3", flush=True)
signal.pause()
"""
NPM = """#!/bin/bash
echo "$PWD $@" >>"$0.calls"
mkdir -p dist && touch dist/index.js
"""
IDENTITY_JSON = '{"advertising_token":"A4","identity_expires":1}'
GRPCURL = """#!/bin/bash
echo "$@" >>"$0.calls"
case "$*" in
  *GenerateIdentity) cat "$0.generate" ;;
  *RefreshIdentity) cat "$0.refresh" ;;
esac
"""
SAMPLE = """listen_address: "127.0.0.1:50051"
participants {
  name: "publisher"
  scope: UID2
  operator_url: "http://127.0.0.1:8080"
  credentials_dir: "credentials"
}
drain { }
"""


class Repository:
    """A repository with quickstart and stand-ins for all that it calls."""

    def __init__(self, root):
        self.root = root
        (root / "tools").mkdir()
        for name in ["certificates", "quickstart", "grpcurl_reply.py"]:
            shutil.copy(script.TOOLS / name, root / "tools" / name)
        self.write("tools/setup", "#!/bin/bash\n")
        self.write("bazel", "#!/bin/bash\necho \"$@\" >>\"$0.calls\"\n")
        self.write("tests/emulator/emulator.py", EMULATOR)
        self.write("bazel-bin/server/identity_server", SERVICE)
        self.write("deploy/local/server.txtpb", SAMPLE)
        self.write(".cache/bin/grpcurl", GRPCURL)
        self.write(".cache/node/bin/node", SITE)
        self.write(".cache/node/bin/npm", NPM)
        self.write("client/node/client/src/index.ts", "")
        self.write("proto/identity.proto", "")
        self.replies("ISSUED", "REFRESHED")

    def write(self, path, text):
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def read(self, path):
        return (self.root / path).read_text()

    def replies(self, *outcomes):
        for method, outcome in zip(["generate", "refresh"], outcomes):
            reply = {"outcome": outcome, "identity": {"json": IDENTITY_JSON}}
            self.write(f".cache/bin/grpcurl.{method}", json.dumps(reply))


class Quickstart:
    """One run; all() gives its exit status and what it printed, once nothing of it is left."""

    def __init__(self, repository, *arguments):
        self.alive, ended = os.pipe()
        self.process = subprocess.Popen(
            [repository.root / "tools/quickstart", *arguments], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True, pass_fds=[ended],
            cwd="/", env={"PATH": "/usr/bin:/bin", "BAZEL": str(repository.root / "bazel")},
            # Ignored in a test runner's background, and a shell cannot trap what it was born to ignore.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        os.close(ended)
        self.lines = []

    def until(self, text):
        while not self.lines or text not in self.lines[-1]:
            line = self.process.stdout.readline()
            assert line, f"ended without {text!r}: {self.lines}"
            self.lines.append(line)
        return self

    def send(self, number):
        self.process.send_signal(number)
        return self

    def all(self):
        readable, _, _ = select.select([self.alive], [], [], 20)
        assert readable, "processes are left"
        os.close(self.alive)
        self.lines += self.process.stdout.readlines()
        self.process.stdout.close()
        return self.process.wait(timeout=20), "".join(self.lines)
