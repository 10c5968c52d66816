# SPDX-License-Identifier: Apache-2.0
"""tools/dashboard draws what a real Prometheus has scraped, and leaves nothing behind."""

import glob
import http.server
import math
import os
import signal
import subprocess
import threading

import pytest
from tests.monitoring.promtool import program
from tests.tools import script

panels = script.load("dashboard_panels.py")
TOOL = script.TOOLS / "dashboard"
SECONDS = 90


class _Exporter(http.server.BaseHTTPRequestHandler):
    """Two replicas' worth of calls, of which more come with each scrape."""

    scrapes = 0

    def do_GET(self):  # pylint: disable=invalid-name
        _Exporter.scrapes += 1
        calls = 'grpc_server_handled_total{grpc_service="uid2.identity.v1.IdentityService",grpc_code='
        body = (f'{calls}"OK"}} {30 * _Exporter.scrapes}\n'
                f'{calls}"Unavailable"}} {10 * _Exporter.scrapes}\n'
                'serving{name="uid2.identity.v1.IdentityService"} 1\n').encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass


@pytest.fixture(name="target")
def fixture_target():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Exporter)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(name="environment")
def fixture_environment(tmp_path):
    pytest.importorskip("matplotlib", reason="tools/setup --monitoring installs Matplotlib")
    return {**os.environ, "PROMETHEUS": str(program("prometheus")), "TMPDIR": str(tmp_path),
            "MPLCONFIGDIR": str(tmp_path)}


def run(environment, *arguments):
    return subprocess.run([TOOL, *arguments], env=environment, text=True, capture_output=True,
                          timeout=SECONDS, check=False)


def test_a_picture_shows_the_panels_with_what_was_scraped(target, environment, tmp_path):
    picture = tmp_path / "picture.svg"
    result = run(environment, f"--target={target}", f"--picture={picture}", "--seconds=20",
                 "--rows=2")
    assert result.returncode == 0, result.stderr
    text = picture.read_text()
    for expected in ["Are users hurt?", "Whose fault is it?", ">75 %<", "Unavailable",
                     "prefers-color-scheme"]:
        assert expected in text, expected
    assert "Load and limits" not in text
    assert glob.glob(f"{tmp_path}/uid2-prometheus-*") == []


def test_a_signal_ends_it_and_prometheus(target, environment, tmp_path):
    with subprocess.Popen([TOOL, f"--target={target}", "--rows=1"], env=environment, text=True,
                          stderr=subprocess.PIPE) as process:
        for line in process.stderr:
            if "Press Ctrl-C" in line:
                break
        children = subprocess.run(["pgrep", "-P", str(process.pid), "prometheus"], text=True,
                                  capture_output=True, check=True).stdout.split()
        assert len(children) == 1
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(int(children[0]), 0)
    assert glob.glob(f"{tmp_path}/uid2-prometheus-*") == []


def test_a_target_that_does_not_answer_is_reported(environment, tmp_path):
    result = run(environment, "--target=127.0.0.1:1", f"--picture={tmp_path}/a.png", "--seconds=5")
    assert result.returncode == 1
    assert "the admin port does not answer" in result.stderr.splitlines()[-1]
    assert not (tmp_path / "a.png").exists()


def test_without_a_quickstart_it_says_what_to_start(environment):
    result = run(environment)
    assert result.returncode == 1
    assert "start tools/quickstart in another terminal" in result.stderr


def test_without_prometheus_it_says_how_to_get_it(environment, target):
    result = run({**environment, "PROMETHEUS": "/nonexistent"}, f"--target={target}")
    assert result.returncode == 1
    assert "run tools/setup --monitoring" in result.stderr


@pytest.mark.parametrize("arguments", [["--picture=a.gif"], ["--rows=0"], ["--seconds=0"], ["a"]])
def test_a_wrong_argument_is_refused(arguments):
    assert run(dict(os.environ), *arguments).returncode == 2


@pytest.mark.parametrize("template, expected", [
    ("{{participant}} {{reason}} {{outcome}}", "site TIMEOUT"), ("{{ reason }}", "TIMEOUT"),
    ("kept", "kept"),
])
def test_a_legend_leaves_out_what_is_not_there(template, expected):
    assert panels.legend(template, {"participant": "site", "reason": "TIMEOUT"}) == expected


def test_no_variable_of_grafana_remains_in_a_query():
    queries = [panels.expression(query, 8) for _, row in panels.read() for panel in row
               for query, _ in panel.queries]
    assert len(queries) > 40
    assert [query for query in queries if "$" in query] == []


@pytest.mark.parametrize("value, unit, expected", [
    (0.99875, "percentunit", "99.88 %"), (7200, "s", "2 h"), (0.0042, "s", "4.2 ms"), (0, "s", "0 s"),
    (3 * 2**20, "bytes", "3 MiB"), (12.5, "reqps", "12.5/s"), (math.nan, "s", "no data"),
])
def test_numbers_have_their_units(value, unit, expected):
    pytest.importorskip("matplotlib", reason="tools/setup --monitoring installs Matplotlib")
    assert script.load("dashboard_picture.py").number(value, unit) == expected
