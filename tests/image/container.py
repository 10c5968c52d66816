# SPDX-License-Identifier: Apache-2.0
"""Runs an image as process 1 under runc, as a pod with the restricted profile runs it."""

import json
import pathlib
import signal
import subprocess
import tempfile
import threading
import time
import uuid

from tests.image import system_calls
from tests.image.images import Image

# What runc writes as the limit, and what a pod cannot change.
OPEN_FILES = 1024
USER = 65532
# Far more than a start or a drain takes.
SECONDS = 60
_CAPABILITIES = ["bounding", "effective", "inheritable", "permitted", "ambient"]


def memory_folder(path: str) -> dict:
    """A mount: an empty folder in memory."""
    return {"destination": path, "type": "tmpfs", "source": "tmpfs",
            "options": ["nosuid", "nodev", "noexec", "mode=0700", f"uid={USER}", f"gid={USER}"]}


def read_only(source: pathlib.Path, path: str) -> dict:
    """A mount: a folder of the host."""
    return {"destination": path, "type": "bind", "source": str(source), "options": ["rbind", "ro"]}


class Container:
    """A running image. Its network is that of the test. stop() ends it."""

    def __init__(self, image: Image, arguments: list = None, mounts: tuple = (),
                 environment: dict = None, stdin: str = None):
        """arguments: in place of the image's. stdin: given to the process."""
        self._folder = tempfile.TemporaryDirectory()
        self._name = f"image-test-{uuid.uuid4()}"
        bundle = pathlib.Path(self._folder.name)
        subprocess.run(["runc", "spec", "--bundle", bundle], check=True)
        self._errors = bundle / "stderr"
        path = bundle / "config.json"
        path.write_text(json.dumps(self._specification(json.loads(path.read_text()), image,
                                                       arguments, mounts, environment or {})))
        self.process = subprocess.Popen(
            self._runc("run", "--bundle", str(bundle), self._name), text=True,
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=self._errors.open("w"))
        if stdin is not None:
            self.process.stdin.write(stdin)
            self.process.stdin.close()
            self.process.stdin = None

    @staticmethod
    def _specification(specification, image, arguments, mounts, environment):
        config = image.config
        process = specification["process"]
        command = config["Cmd"] if arguments is None and "Cmd" in config else arguments or []
        process.update(
            terminal=False, user={"uid": USER, "gid": USER}, noNewPrivileges=True,
            args=config["Entrypoint"] + command, cwd=config.get("WorkingDir") or "/",
            env=config.get("Env", []) + [f"{name}={value}" for name, value in environment.items()],
            capabilities={name: [] for name in _CAPABILITIES},
            rlimits=[{"type": "RLIMIT_NOFILE", "hard": OPEN_FILES, "soft": OPEN_FILES}])
        specification["root"] = {"path": str(image.root), "readonly": True}
        specification["mounts"] += mounts
        linux = specification["linux"]
        linux["namespaces"] = [one for one in linux["namespaces"] if one["type"] != "network"]
        linux["seccomp"] = system_calls.restricted()
        return specification

    def _runc(self, *arguments):
        return ["runc", "--root", f"{self._folder.name}/state", *arguments]

    def state(self) -> dict:
        return json.loads(subprocess.run(self._runc("state", self._name), check=True,
                                         capture_output=True, text=True).stdout)

    def status(self) -> dict:
        """What the kernel says of process 1: the fields of /proc/PID/status."""
        text = pathlib.Path(f"/proc/{self.state()['pid']}/status").read_text()
        return dict(line.split(":\t", 1) for line in text.splitlines())

    def await_line(self, start: str) -> str:
        """Reads stdout until a line that starts with this, and returns the rest of it."""
        for line in self.process.stdout:
            if line.startswith(start):
                return line.removeprefix(start).strip()
        raise AssertionError(f"it ended with {self.process.wait(SECONDS)}: {self.errors()}")

    def errors(self) -> str:
        """What it has written to stderr."""
        return self._errors.read_text()

    def await_error(self, text: str):
        """Waits until it has written this to stderr."""
        end = time.monotonic() + SECONDS
        while text not in self.errors():
            assert time.monotonic() < end, self.errors()
            threading.Event().wait(0.02)

    def output(self) -> str:
        """Waits for its end, and returns the rest of stdout."""
        return self.process.communicate(timeout=SECONDS)[0]

    def stop(self) -> int:
        """Ends it as Kubernetes would, and returns the exit status."""
        if self.process.poll() is None:
            subprocess.run(self._runc("kill", self._name, str(int(signal.SIGTERM))), check=True)
        try:
            return self.process.wait(timeout=SECONDS)
        finally:
            self.process.kill()

    def close(self):
        """Removes what it needed. Ends it first."""
        if self.process.poll() is None:
            subprocess.run(self._runc("delete", "--force", self._name), check=False)
        self.process.communicate()
        self._folder.cleanup()
