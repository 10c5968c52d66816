# SPDX-License-Identifier: Apache-2.0
"""The process ends in time, whatever hangs, and its exit status says whether calls were cut."""

import contextlib
import dataclasses
import datetime
import json
import os
import pathlib
import signal
import subprocess
import time

import pytest
from hyperframe.frame import DataFrame, HeadersFrame, SettingsFrame

from tests.integration import grpcurl
from tests.integration.configurations import good, write
from tests.integration.full_pipe import full_pipe
from tests.integration.grpcurl import EMAIL, GENERATE, Code
from tests.integration.http2_client import Http2Client, generate_request, message
from tests.integration.server_process import BINARY, SECONDS, ServerProcess
from tests.integration.settings import PATIENT
from tests.load.binaries import preload

DELAY, TIMEOUT = 0.2, 1
BRIEF = PATIENT + "drain { delay { nanos: 200000000 } timeout { seconds: 1 } }\n"
# After that, plus what a busy machine needs, the process is gone.
LIMIT = DELAY + TIMEOUT + 2
# With it, a drain that waits for its timeout is noticed.
LONG = PATIENT + "drain { delay { nanos: 200000000 } timeout { seconds: 300 } }\n"
BUSY = 4
WATCH = "/grpc.health.v1.Health/Watch"
REFLECTION = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
INITIAL_WINDOW_SIZE = 4
# The number of the system call.
PAUSE = "34"


def end(server) -> tuple:
    """Sends SIGTERM. Returns the exit status and the seconds that the end took."""
    began = time.monotonic()
    server.send(signal.SIGTERM)
    return server.wait(), time.monotonic() - began


def begin_held_call(server, emulator):
    emulator.add_fault("hold", times=1)
    pending = grpcurl.Pending(server.address, GENERATE, {"email": EMAIL}, seconds=90)
    emulator.counters("calls.in_progress==1")
    return pending


def seconds_between(server, first: str, second: str) -> float:
    """The time between two lines of the log, as the server says: a busy machine makes it seem
    longer from outside."""
    times = []
    for text in (first, second):
        [line] = [line for line in server.output().splitlines() if text in line]
        times.append(datetime.datetime.fromisoformat(json.loads(line)["time"].rstrip("Z")))
    return (times[1] - times[0]).total_seconds()


def last_message(server) -> str:
    return server.messages()[-1]


def without_window(address) -> Http2Client:
    """A client that lets the server send no byte of a message."""
    client = Http2Client(address)
    client.send(SettingsFrame(0, settings={INITIAL_WINDOW_SIZE: 0}).serialize())
    return client


def await_headers(client, stream):
    while True:
        frame = client.receive()
        if isinstance(frame, HeadersFrame) and frame.stream_id == stream:
            return


def test_two_hundred_calls_in_flight_all_finish(serve, emulator, callers):
    server = serve(emulator, more=PATIENT + "drain { timeout { seconds: 60 } }\n")
    emulator.add_fault("delay", ms=1000)
    process, calls = callers(server)
    process.tell(burst=200)
    emulator.counters("calls.in_progress==200")
    status, _ = end(server)
    calls.await_count(200)
    assert {call.answer for call in calls} == {"ISSUED"}
    assert status == 0
    assert server.totals()["calls"] == 200


def test_an_operator_that_hangs_has_its_call_cut_at_the_timeout(serve, emulator):
    server = serve(emulator, more=BRIEF)
    pending = begin_held_call(server, emulator)
    status, seconds = end(server)
    assert status == 1
    assert DELAY + TIMEOUT <= seconds < LIMIT + BUSY
    assert pending.reply().code == Code.UNAVAILABLE
    assert last_message(server) == "stopped; calls cut: 1"


@pytest.mark.parametrize("path", [WATCH, REFLECTION])
def test_an_open_stream_whose_client_takes_nothing_does_not_hold_up_the_end(serve, emulator, path):
    server = serve(emulator, more=LONG)
    with without_window(server.address) as client:
        request = b"" if path == WATCH else b"\x3a\x00"  # list_services: ""
        stream = client.begin(client.headers(path=path), message(request), end=False)
        await_headers(client, stream)
        assert end(server)[0] == 0


@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGKILL])
def test_a_client_that_has_stopped_or_gone_does_not_hold_up_the_end(serve, emulator, number):
    server = serve(emulator, more=LONG)
    with subprocess.Popen([grpcurl.path(), "-plaintext", "-d", "{}", server.address,
                           "grpc.health.v1.Health/Watch"], stdout=subprocess.PIPE) as client:
        assert client.stdout.readline()
        client.send_signal(number)
        assert end(server)[0] == 0
        client.kill()


def test_a_reply_that_its_client_does_not_take_counts_as_cut(serve, emulator):
    server = serve(emulator, more=BRIEF)
    with without_window(server.address) as client:
        stream = client.begin(client.headers(), generate_request(EMAIL))
        await_headers(client, stream)
        status, seconds = end(server)
    assert status == 1
    assert seconds < LIMIT + BUSY
    assert last_message(server) == "stopped; calls cut: 1"


def test_replies_that_are_read_slowly_finish(serve, emulator):
    server = serve(emulator, more=LONG)
    with without_window(server.address) as client:
        stream = client.begin(client.headers(), generate_request(EMAIL))
        await_headers(client, stream)
        server.send(signal.SIGTERM)
        server.await_message("draining")
        received = b""
        frame = None
        while not (isinstance(frame, HeadersFrame) and frame.stream_id == stream):
            client.send(b"\x00\x00\x04\x08\x00" + stream.to_bytes(4, "big") + b"\x00\x00\x00\x40")
            frame = client.receive()
            received += frame.data if isinstance(frame, DataFrame) else b""
        assert b"advertising_token" in received
    assert server.wait() == 0


def await_thread(process, name: str, paused: bool):
    """Waits for a thread of this name, which waits in pause() if that is wanted."""
    tasks = pathlib.Path(f"/proc/{process.pid}/task")
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        for task in tasks.iterdir():
            # The task may have ended meanwhile.
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                if (task / "comm").read_text() == name + "\n" and (
                        not paused or (task / "syscall").read_text().split()[0] == PAUSE):
                    return
    raise AssertionError(f"no thread {name}")


def test_a_name_that_is_never_resolved_does_not_hold_up_the_end(tmp_path, participant, emulator):
    names = tmp_path / "names"
    site = dataclasses.replace(participant("site", emulator), operator_url="http://localhost:1")
    with ServerProcess(tmp_path / "server", [site], BRIEF,
                       environment=preload("name_file", NAME_FILE=names)) as server:
        # A look-up opens it and waits for a writer.
        os.mkfifo(names)
        pending = grpcurl.Pending(server.address, GENERATE, {"email": EMAIL}, seconds=90)
        await_thread(server.process, "resolver", paused=False)
        status, seconds = end(server)
        assert status == 1
        assert seconds < LIMIT + BUSY
        assert pending.reply().code == Code.UNAVAILABLE


class Hanging:
    """A server and a file system that no longer answers."""

    def __init__(self, folder, site, more):
        self._hanging = folder / "hanging"
        self._site = site
        self.server = ServerProcess(folder / "server", [site], more,
                                    environment=preload("hang_file", HANG_FILE=self._hanging))

    def hang(self):
        """Returns once the server reads a file that hangs."""
        changed = self._site.credentials / "new"
        changed.write_text((self._site.credentials / "api_key").read_text())
        os.link(changed, self._hanging)
        changed.rename(self._site.credentials / "api_key")
        await_thread(self.server.process, "file watcher", paused=True)


@pytest.fixture(name="hanging")
def fixture_hanging(tmp_path, participant, emulator):
    started = []

    def start(more):
        started.append(Hanging(tmp_path, participant("site", emulator), more))
        started[-1].hang()
        return started[-1].server

    yield start
    for one in started:
        one.server.kill()


FILE_HANGS = ("hard stop: the process still waits for a file that is being loaded (does its file "
              "system answer?); calls cut: ")


def test_a_file_system_that_hangs_does_not_hold_up_the_end(hanging):
    """And even an idle server does not wait for the timeout of its drain."""
    server = hanging(LONG)
    status, seconds = end(server)
    assert status == 0
    assert seconds < LIMIT + BUSY
    assert last_message(server) == FILE_HANGS + "0"
    assert server.totals()["event"] == "stopped"


def test_a_file_system_that_hangs_does_not_hide_that_a_call_was_cut(hanging, emulator):
    server = hanging(BRIEF)
    pending = begin_held_call(server, emulator)
    status, seconds = end(server)
    assert status == 1
    assert seconds < LIMIT + BUSY
    assert last_message(server) == FILE_HANGS + "1"
    assert DELAY + TIMEOUT < seconds_between(server, ": draining", "hard stop") < LIMIT
    assert pending.reply().code == Code.UNAVAILABLE


@pytest.mark.parametrize("hold, expected", [(False, 0), (True, 1)], ids=["idle", "call"])
def test_a_log_that_nobody_reads_does_not_hold_up_the_end(tmp_path, participant, emulator, hold,
                                                         expected):
    reading, writing = full_pipe()
    config = tmp_path / "server.txtpb"
    config.write_text(f'listen_address: "127.0.0.1:0"\n{participant("site", emulator)}{BRIEF}')
    with subprocess.Popen([BINARY, f"--config={config}"], stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=writing) as process:
        address = process.stdout.readline().split()[-1]
        if hold:
            emulator.add_fault("hold", times=1)
            pending = grpcurl.Pending(address, GENERATE, {"email": EMAIL}, seconds=90)
            emulator.counters("calls.in_progress==1")
        began = time.monotonic()
        process.terminate()
        assert process.wait(SECONDS) == expected
        assert time.monotonic() - began < LIMIT + BUSY
        if hold:
            assert pending.reply().code == Code.UNAVAILABLE
    os.close(reading)
    os.close(writing)


def test_openssl_is_usable_until_the_process_has_ended(tmp_path, participant, emulator):
    with ServerProcess(tmp_path / "server", [participant("site", emulator)], BRIEF,
                       environment=preload("openssl_at_exit")) as server:
        assert grpcurl.call(server.address, GENERATE, {"email": EMAIL}).code == Code.OK
        assert end(server)[0] == 0


@pytest.mark.parametrize("flags", [[], ["--check_config"]], ids=["start", "check"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_during_the_start_ends_the_process_at_once(folder, flags, number):
    key = folder / "credentials" / "api_key"
    path = write(folder, good())
    with subprocess.Popen([BINARY, *flags, f"--config={path}"], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env={**os.environ, **preload("hang_file", HANG_FILE=key)}) as process:
        await_thread(process, "identity_server", paused=True)
        process.send_signal(number)
        assert process.wait(SECONDS) == 128 + number
        assert process.communicate() == (b"", b"")
