#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the services of compose.yaml without containers, each with its own command, environment and
files, and uses them as a person would. Prints what it saw as JSON.

It must run in a network and a mount namespace of its own: there the ports are free, and the name of
each service is one of the loopback interface.
"""

import contextlib
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

from tests.compose.compose_file import lay_out, services
from tests.compose.web_visitor import WebVisitor
from tests.drill.network import start_loopback

# Far more than a start takes, also on a busy machine.
SECONDS = 60
PAUSE_SECONDS = 0.2
# In this order, and ended in the reverse one.
DAEMONS = ("identity-server", "operator-emulator", "identity-web", "prometheus")


class Project:
    """programs: the first words of each service's command, which its image has as entry point."""

    def __init__(self, folder: Path, programs: dict):
        self._services = services()
        self._programs = programs
        self._folder = folder
        self._roots = {name: lay_out(service, folder / name)
                       for name, service in self._services.items()}
        self._running = contextlib.ExitStack()
        self.exits = {}

    def __enter__(self):
        hosts = self._folder / "hosts"
        hosts.write_text(f"127.0.0.1 localhost {' '.join(self._services)}\n")
        subprocess.run(["mount", "--bind", hosts, "/etc/hosts"], check=True)
        start_loopback()
        return self

    def __exit__(self, *error):
        self._running.close()

    def _command(self, name):
        """A path in the container is one in the folder that stands for it."""
        words = self._services[name].get("command", ["--config=/etc/identity-server/server.txtpb"])
        return [*self._programs[name],
                *(word.replace("=/", f"={self._roots[name]}/") for word in words)]

    def start(self, name):
        log = self._running.enter_context(open(self._folder / f"{name}.log", "wb"))
        process = subprocess.Popen(
            self._command(name), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            cwd=self._roots[name] if self._roots[name].exists() else self._folder,
            env={"PATH": os.environ["PATH"], **self._services[name].get("environment", {})})
        self._running.callback(self._stop, name, process)

    def _stop(self, name, process):
        process.terminate()
        try:
            self.exits[name] = process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            self.exits[name] = process.wait()

    def run(self, name, *arguments, stdin=""):
        """Runs a service that ends by itself."""
        command = [*self._programs[name], *arguments] if arguments else self._command(name)
        return subprocess.run(
            command, input=stdin, capture_output=True, text=True, timeout=SECONDS + 30, check=False,
            env={"PATH": os.environ["PATH"], **self._services[name].get("environment", {})})

    def await_healthy(self, name):
        """Waits until the command that checks the service's health succeeds."""
        test = self._services[name]["healthcheck"]["test"]
        await_true(lambda: subprocess.run(
            test[1:], capture_output=True, check=False).returncode == 0, f"{name} is healthy")


def await_true(condition, what):
    end = time.monotonic() + SECONDS
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"after {SECONDS} s it is still not so that {what}")
        threading.Event().wait(PAUSE_SECONDS)


def prometheus(path):
    with urllib.request.urlopen(f"http://127.0.0.1:9091/api/v1/{path}", timeout=SECONDS) as reply:
        return json.load(reply)["data"]


def is_scraped():
    return [sample["value"][1] for sample in prometheus("query?query=up")["result"]] == ["1"]


def use(project: Project) -> dict:
    project.start("identity-server")
    project.start("operator-emulator")
    ready = project.run("ready")
    project.await_healthy("operator-emulator")
    project.start("identity-web")
    project.start("prometheus")
    project.await_healthy("identity-web")
    visitor = WebVisitor("http://127.0.0.1:8080")
    token = re.search(r'"id":"([^"]{20,})"', visitor.log_in("ada@example.com", "/server-side").body)
    policy = visitor.get("/client-server").headers["content-security-policy"]
    sign_on = WebVisitor("http://127.0.0.1:8080").get("/sso/login?next=/")
    project.await_healthy("prometheus")
    await_true(is_scraped, "Prometheus scrapes the server")
    generated = project.run("identityctl", "generate", "--output=json", stdin="ben@example.com\n")
    return {
        "ready": [ready.returncode, ready.stdout + ready.stderr],
        "token": token[1] if token else "",
        "refreshes_go_to": re.findall(r"connect-src ([^;]*)", policy)[0],
        "sign_on": sign_on.headers["location"],
        "sign_on_page": WebVisitor("").get(sign_on.headers["location"]).status,
        "rules": len(prometheus("rules")["groups"]),
        "identityctl": [generated.returncode, generated.stdout + generated.stderr],
    }


def main():
    folder, programs = Path(sys.argv[1]), json.loads(sys.argv[2])
    with Project(folder, programs) as project:
        seen = use(project)
    seen["exits"] = project.exits
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
