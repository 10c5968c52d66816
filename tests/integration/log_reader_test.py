# SPDX-License-Identifier: Apache-2.0
"""Logs that nobody reads, that are full, or that are closed."""

import json
import os
import subprocess

import pytest

from tests.integration import any_bytes, grpcurl
from tests.integration.full_pipe import full_pipe
from tests.integration.grpcurl import EMAIL, GENERATE
from tests.integration.server_process import BINARY, LISTENING, SECONDS


@pytest.fixture(name="run")
def fixture_run(tmp_path, participant, emulator):
    """Starts servers with other files than a test usually gives them. They end with the test."""
    started = []

    def start(*command, address="127.0.0.1:0", **files):
        """command: runs the server; {} stands for its path and flags."""
        config = tmp_path / "server.txtpb"
        config.write_text(f'listen_address: "{address}"\n{participant("site", emulator)}')
        server = [BINARY, f"--config={config}"]
        started.append(subprocess.Popen([*command, *server], text=True,
                                        **{"stdin": subprocess.DEVNULL, **files}))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def address_of(process):
    line = process.stdout.readline()
    assert line.startswith(LISTENING), line
    return line.removeprefix(LISTENING).strip()


def logged_address_of(process):
    """The address in the log. Other lines may come first, such as notices."""
    messages = (json.loads(line)["message"] for line in process.stderr)
    return next(message for message in messages if " listening on " in message).split()[-1]


def test_if_nobody_reads_the_log_calls_are_answered_and_the_server_ends(run, tmp_path):
    reading, writing = full_pipe()
    process = run(stdout=subprocess.PIPE, stderr=writing)
    address = address_of(process)
    # A request that libprotobuf has something to say about.
    reply = grpcurl.Pending(address, GENERATE, {"email": any_bytes.LATIN_1},
                            flags=any_bytes.flags(tmp_path)).reply()
    assert reply.reason == "REQUEST_MALFORMED"
    for _ in range(3):
        assert grpcurl.generate(address, email=EMAIL).outcome == "ISSUED"
    process.terminate()
    assert process.wait(SECONDS) == 0
    os.close(reading)
    os.close(writing)


def test_if_nobody_reads_stdout_the_server_runs_and_ends(run):
    reading, writing = full_pipe()
    process = run(stdout=writing, stderr=subprocess.PIPE)
    assert grpcurl.generate(logged_address_of(process), email=EMAIL).outcome == "ISSUED"
    process.terminate()
    assert process.wait(SECONDS) == 0
    process.stderr.close()
    os.close(reading)
    os.close(writing)


def test_a_log_file_that_may_not_grow_does_not_end_the_server(run, tmp_path):
    log = tmp_path / "log"
    with open(log, "wb") as file:
        process = run("prlimit", "--fsize=200", stdout=subprocess.PIPE, stderr=file)
        address = address_of(process)
        for _ in range(3):
            assert grpcurl.generate(address, email=EMAIL).outcome == "ISSUED"
        process.terminate()
        assert process.wait(SECONDS) == 0
    assert log.stat().st_size == 200


@pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- 2>&-"])
def test_nothing_else_gets_the_number_of_a_closed_standard_file(run, closed):
    process = run("sh", "-c", f'exec "$0" "$@" {closed}', stdout=subprocess.PIPE,
                  stderr=subprocess.DEVNULL)
    assert grpcurl.generate(address_of(process), email=EMAIL).outcome == "ISSUED"
    # The kernel shows the files of a process that forbids core dumps to root only.
    if os.access(f"/proc/{process.pid}/fd", os.R_OK):
        assert {os.readlink(f"/proc/{process.pid}/fd/{number}") for number in (0, 2)} == {
            "/dev/null"}
    process.terminate()
    assert process.wait(SECONDS) == 0


def test_without_stdout_the_log_has_the_address(run):
    process = run("sh", "-c", 'exec "$0" "$@" >&-', stderr=subprocess.PIPE)
    assert grpcurl.generate(logged_address_of(process), email=EMAIL).outcome == "ISSUED"
    process.terminate()
    # Every line is one of the log.
    lines = [json.loads(line) for line in process.stderr]
    assert lines[-1]["message"] == "stopped; calls cut: 0"
    assert process.wait(SECONDS) == 0
    process.stderr.close()
