# SPDX-License-Identifier: Apache-2.0
"""Runs Debian's Prometheus, as tools/setup --monitoring unpacks it, to scrape one server."""

import json
import os
import queue
import signal
import socket
import subprocess
import tempfile
import threading
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).absolute().parents[1]
JOB = "identity-server"
# What it logs when it answers.
_READY = "Server is ready to receive web requests"
START_SECONDS = 30
STOP_SECONDS = 10
REQUEST_SECONDS = 20


class PrometheusProcess:
    """A Prometheus on a loopback port, with its data in a temporary folder, which also evaluates
    the alert rules of deploy/monitoring. The constructor returns once it answers. Use it in `with`,
    which ends it. Raises FileNotFoundError or ChildProcessError."""

    def __init__(self, target: str, scrape_seconds: float):
        """target: HOST:PORT of an admin port."""
        program = Path(os.environ.get("PROMETHEUS") or ROOT / ".cache/prometheus/prometheus")
        if not os.access(program, os.X_OK):
            raise FileNotFoundError("Prometheus is missing: run tools/setup --monitoring")
        self._folder = tempfile.TemporaryDirectory(prefix="uid2-prometheus-")
        folder = Path(self._folder.name)
        # JSON is YAML.
        (folder / "prometheus.yml").write_text(json.dumps({
            "global": {"scrape_interval": _duration(scrape_seconds),
                       "scrape_timeout": _duration(scrape_seconds),
                       "evaluation_interval": _duration(max(scrape_seconds, 5))},
            "rule_files": [str(ROOT / "deploy/monitoring/rules.yaml")],
            "scrape_configs": [{"job_name": JOB, "static_configs": [{"targets": [target]}]}]}))
        self.address = f"127.0.0.1:{_free_port()}"
        # A process group of its own, so that Ctrl-C does not end it before its user.
        self.process = subprocess.Popen(
            [program, f"--config.file={folder}/prometheus.yml",
             f"--storage.tsdb.path={folder}/data", "--storage.tsdb.retention.time=6h",
             "--storage.tsdb.retention.size=256MB", f"--web.listen-address={self.address}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            start_new_session=True)
        self._ready = queue.Queue()
        self._log_reader = threading.Thread(target=self._read_log, daemon=True)
        self._log_reader.start()
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stop()

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._log_reader.join()
        self.process.stderr.close()
        self._folder.cleanup()

    def query_range(self, expression: str, start: float, end: float, step: float) -> list:
        """[(labels, [(Unix time, value)])]"""
        found = self._get("query_range", query=expression, start=start, end=end, step=step)
        return [(series["metric"], [(float(at), float(value)) for at, value in series["values"]])
                for series in found["result"]]

    def alerts(self) -> list:
        """The alerts that fire, as Prometheus describes them."""
        return [alert for alert in self._get("alerts")["alerts"] if alert["state"] == "firing"]

    def target_error(self) -> str:
        """Why the last scrape failed, or that there was none yet, which takes up to 5 s more than
        an interval; empty if it succeeded."""
        for target in self._get("targets", state="active")["activeTargets"]:
            if target["health"] != "unknown":
                return target["lastError"]
        return "it was not scraped yet"

    def _get(self, what: str, **arguments):
        url = f"http://{self.address}/api/v1/{what}?{urllib.parse.urlencode(arguments)}"
        try:
            with urllib.request.urlopen(url, timeout=REQUEST_SECONDS) as reply:
                return json.load(reply)["data"]
        except urllib.error.HTTPError as error:
            raise ChildProcessError(f"Prometheus: {error.read().decode(errors='replace')}") from error
        except OSError as error:
            raise ChildProcessError(f"Prometheus does not answer: {error}") from error

    def _wait_until_ready(self):
        try:
            problem = self._ready.get(timeout=START_SECONDS)
        except queue.Empty:
            problem = f"not ready after {START_SECONDS} s"
        if problem:
            raise ChildProcessError(f"Prometheus did not start: {problem}")

    def _read_log(self):
        last = "it logged nothing"
        for line in self.process.stderr:
            last = line.strip()
            if _READY in last:
                self._ready.put("")
        self._ready.put(last)


def _duration(seconds: float) -> str:
    return f"{round(seconds * 1000)}ms"


def _free_port() -> int:
    """Prometheus does not say which port it has chosen."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
