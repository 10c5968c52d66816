#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Tests the benchmark's programs: their calls succeed, and failures are counted."""

import base64
import os
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(os.environ["TEST_SRCDIR"], os.environ["TEST_WORKSPACE"], "tests/bench")
sys.path.insert(0, str(HERE))
from bench_process import listening, on_core, run_json  # noqa: E402 (needs the path above)

API_KEY = "UID2-C-L-123-abcdef.0123456789abcdefghijklmnopqrstuvwxyzABCDEF"
SHORT = ["--warm_up=50ms", "--duration=300ms"]


def program(name, *arguments):
    return [HERE / name, *arguments]


def server(name, *arguments):
    return listening(on_core(None, program(name, *arguments)), subprocess.DEVNULL)


def post(url, body, key=API_KEY):
    request = urllib.request.Request(url, body.encode(), {"Authorization": f"Bearer {key}"})
    try:
        with urllib.request.urlopen(request, timeout=5) as reply:
            return reply.status, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


class ProgramsTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.credentials = f"--credentials_dir={folder.name}"
        Path(folder.name, "api_key").write_text(API_KEY + "\n")
        Path(folder.name, "client_secret").write_text(base64.b64encode(os.urandom(32)).decode() + "\n")

    def stub(self, delay_ms=0):
        return server("operator_stub_server", self.credentials, f"--delay_ms={delay_ms}")

    def post_loop(self, url, *arguments):
        return run_json(None, program("post_loop", self.credentials, f"--operator_url={url}", *SHORT, *arguments))

    def test_stub_accepts_requests_of_the_post_loop(self):
        with self.stub() as (_, url):
            closed = self.post_loop(url)
            paced = self.post_loop(url, "--rate=200")
        self.assertEqual(closed["errors"], {})
        self.assertGreater(closed["calls"], 100)
        self.assertEqual(paced["errors"], {})
        self.assertAlmostEqual(paced["calls_per_second"], 200, delta=40)

    def certificates(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        subprocess.run([HERE / "../../tools/certificates", f"--out={folder.name}", "--client=bench"],
                       stdout=subprocess.DEVNULL, check=True)
        return folder.name

    def test_stub_and_post_loop_speak_tls(self):
        folder = self.certificates()
        with server("operator_stub_server", self.credentials, f"--certificates={folder}") as (_, url):
            self.assertTrue(url.startswith("https://"), url)
            # Each request in flight needs a handshake first.
            trusting = self.post_loop(url, f"--ca_file={folder}/ca.pem", "--in_flight=2")
            refusing = self.post_loop(url, "--in_flight=2")
        self.assertEqual(trusting["errors"], {})
        self.assertGreater(trusting["calls"], 10)
        self.assertGreater(sum(refusing["errors"].values()), 0)
        self.assertEqual(refusing["latency_us"]["max"], 0, "no call succeeded")

    def test_stub_delays_each_reply(self):
        with self.stub(delay_ms=100) as (_, url):
            measured = self.post_loop(url, "--in_flight=50")
        self.assertEqual(measured["errors"], {})
        self.assertGreater(measured["latency_us"]["p50"], 100_000)

    def test_stub_refuses_as_the_operator_does(self):
        with self.stub() as (_, url):
            self.assertEqual(post(url + "/v2/token/generate", "AAAA", key="other")[0], 401)
            self.assertEqual(post(url + "/v2/token/generate", "A" * 120)[0], 400)
            self.assertEqual(post(url + "/v2/token/refresh", "A" * 387)[0], 400)
            self.assertEqual(post(url + "/v2/token/validate", "")[0], 404)

    def test_stub_refreshes_with_a_reply_as_long_as_the_operators(self):
        with self.stub() as (_, url):
            status, body = post(url + "/v2/token/refresh", "A" * 388)
        self.assertEqual((status, len(body)), (200, 1160))

    def test_post_loop_counts_refusals(self):
        with self.stub() as (_, url):
            measured = self.post_loop(url + "/elsewhere")
        self.assertEqual(list(measured["errors"]), ["HTTP 404"])

    def test_load_generator_calls_the_echo_server_and_measures_its_cpu_time(self):
        with server("echo_server", "--reflection") as (pid, address):
            flags = [f"--target={address}", f"--server_pid={pid}", *SHORT]
            closed = run_json(None, program("load_generator", *flags))
            paced = run_json(None, program("load_generator", *flags, "--rate=200"))
        self.assertEqual(closed["errors"], {})
        self.assertGreater(closed["calls"], 100)
        self.assertGreater(closed["cpu_us_per_call"], 1)
        threads = closed["threads"].values()
        self.assertAlmostEqual(sum(used["cpu_us_per_call"] for used in threads), closed["cpu_us_per_call"],
                               delta=0.2 * closed["cpu_us_per_call"])
        self.assertEqual(paced["errors"], {})
        self.assertAlmostEqual(paced["calls_per_second"], 200, delta=40)

    def test_load_generator_calls_the_echo_server_over_mtls(self):
        certificates = f"--certificates={self.certificates()}"
        with server("echo_server", certificates) as (_, address):
            measured = run_json(None, program("load_generator", f"--target={address}", certificates, *SHORT))
            refused = run_json(None, program("load_generator", f"--target={address}", *SHORT))
        self.assertEqual(measured["errors"], {})
        self.assertGreater(measured["calls"], 10)
        self.assertEqual(list(refused["errors"]), ["UNAVAILABLE"])

    def test_load_generator_ends_after_a_number_of_calls(self):
        with server("echo_server") as (_, address):
            measured = run_json(None, program("load_generator", f"--target={address}", "--warm_up=0s",
                                              "--duration=20s", "--calls=100"))
        # The first call only opens the measurement.
        self.assertEqual((measured["calls"], measured["errors"]), (99, {}))

    def test_latency_counts_from_when_a_call_was_due(self):
        with server("echo_server") as (pid, address):
            stopped = threading.Timer(0.3, os.kill, [pid, signal.SIGSTOP])
            resumed = threading.Timer(0.7, os.kill, [pid, signal.SIGCONT])
            stopped.start()
            resumed.start()
            measured = run_json(None, program("load_generator", f"--target={address}", "--warm_up=50ms",
                                              "--duration=1s", "--rate=500", "--in_flight=5000"))
            resumed.join()
        self.assertEqual((measured["errors"], measured["missed"]), ({}, 0))
        # Two fifths of the calls were due while the server stood still.
        self.assertGreater(measured["latency_us"]["p99"], 300_000)

    def test_load_generator_counts_failed_calls(self):
        measured = run_json(None, program("load_generator", "--target=127.0.0.1:1", *SHORT))
        self.assertEqual(list(measured["errors"]), ["UNAVAILABLE"])

    def test_seal_loop_opens_every_reply(self):
        measured = run_json(None, program("seal_loop", *SHORT))
        self.assertEqual(measured["errors"], {})
        self.assertGreater(measured["calls"], 1000)

    def test_first_call_starts_the_server_once_per_run(self):
        times = run_json(None, program("first_call", "--runs=2", "--", HERE / "echo_server"))
        self.assertEqual(len(times["milliseconds"]), 2)
        self.assertGreater(min(times["milliseconds"]), 0)


if __name__ == "__main__":
    unittest.main()
