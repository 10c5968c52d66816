# SPDX-License-Identifier: Apache-2.0
"""identityctl batch: many users, one result each."""

import json
import os
import pty
import subprocess

import pytest

from tests.client.identityctl import IDENTITYCTL, identityctl


def results(text):
    return [json.loads(line) for line in text.splitlines()]


def outcomes(text):
    return [(entry["line"], entry.get("outcome") or entry["error"].get("reason"))
            for entry in results(text)]


@pytest.fixture(autouse=True)
def healthy_operator(emulator):
    yield
    emulator.start_over()


USERS = "a@example.com\n\n+12345678901\r\noptout@example.com\nnobody\n<a@b.co>\nlast@example.com"


def test_each_user_gets_one_line_in_the_order_of_the_input(call):
    reply = call("batch", stdin=USERS)
    assert outcomes(reply.stdout) == [
        (1, "ISSUED"), (3, "ISSUED"), (4, "OPTED_OUT"), (5, None), (6, "EMAIL_INVALID"),
        (7, "ISSUED")]
    first, *_, invalid, _ = results(reply.stdout)
    assert len(first["identity"]["refresh_token"]) == 388
    assert invalid["error"]["field"] == "email"
    assert reply.returncode == 65
    [summary] = reply.stderr.splitlines()
    assert summary.startswith("6 users in ")
    assert summary.endswith(
        ": 3 ISSUED, 1 OPTED_OUT, 2 failed (EMAIL_INVALID 1, INVALID_ARGUMENT 1)")
    assert "example.com" not in reply.stdout + reply.stderr


def test_with_an_outcome_for_everybody_the_status_is_0(call, tmp_path):
    path = tmp_path / "users.txt"
    path.write_text("\ufeffa@example.com\r\noptout@example.com\r\n")
    reply = call("batch", str(path))
    assert outcomes(reply.stdout) == [(1, "ISSUED"), (2, "OPTED_OUT")]
    assert reply.returncode == 0
    assert call("batch", stdin="").returncode == 0


def test_many_users_keep_their_order_and_several_calls_are_in_flight(call, emulator):
    emulator.add_fault("delay", ms=100, share=0.5)
    users = "".join(f"user{i}@example.com\n" for i in range(64))
    reply = call("batch", "--concurrency=16", stdin=users)
    assert outcomes(reply.stdout) == [(i, "ISSUED") for i in range(1, 65)]
    assert 8 < emulator.counters()["calls"]["most_in_progress"] <= 16


def test_a_line_that_is_too_long_is_one_failure(call):
    reply = call("batch", stdin="a" * 200_000 + "@example.com\nb@example.com\n")
    assert [(entry["line"], "error" in entry) for entry in results(reply.stdout)] == [
        (1, True), (2, False)]
    assert reply.returncode == 65
    assert len(reply.stdout) < 3000


def test_results_do_not_wait_for_the_end_of_the_input(server):
    with subprocess.Popen(
        [IDENTITYCTL, "batch", f"--address={server}"], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:
        for number in (1, 2):
            process.stdin.write("a@example.com\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["line"] == number
        process.stdin.close()
        assert process.wait(timeout=20) == 0


def test_a_batch_is_resumed_where_results_are_missing(call, tmp_path):
    users = tmp_path / "users.txt"
    out = tmp_path / "results.jsonl"
    users.write_text("a@example.com\nbad\noptout@example.com\nb@example.com\n")
    flags = ["batch", str(users), f"--out={out}"]
    assert call(*flags).returncode == 65
    assert out.stat().st_mode & 0o777 == 0o600
    before = out.read_text().splitlines()
    assert [json.loads(line)["line"] for line in before] == [1, 2, 3, 4]
    # As if it had been ended while it wrote the fourth.
    out.write_text("\n".join(before[:3]) + "\n" + before[3][:100])
    users.write_text(users.read_text().replace("bad", "good@example.com") + "c@example.com\n")
    reply = call(*flags, "--resume")
    assert reply.returncode == 0, reply.stderr
    assert reply.stdout == ""
    assert "2 others were done before" in reply.stderr
    assert outcomes(out.read_text()) == [
        (1, "ISSUED"), (3, "OPTED_OUT"), (2, "ISSUED"), (4, "ISSUED"), (5, "ISSUED")]
    assert out.read_text().splitlines()[0] == before[0]
    assert out.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.glob("*.tmp")) == []


@pytest.mark.parametrize(
    "flags, code, words",
    [
        (["--resume"], 64, "--resume needs the file"),
        (["--concurrency=0"], 64, "from 1 to 256"),
        (["--concurrency=257"], 64, "from 1 to 256"),
        (["--concurrency=many"], 64, "--concurrency has an invalid value"),
        (["--out="], 64, "--out is empty"),
        (["--out=/nonexistent/results"], 66, "cannot open /nonexistent/results"),
        (["/nonexistent.txt"], 66, "cannot read /nonexistent.txt"),
        (["/"], 66, "cannot read: Is a directory"),
        (["--consent="], 65, "CONSENT_STRING_INVALID"),
        (["--email=a@b.co"], 64, "batch has no flag --email"),
    ],
)
def test_a_wrong_batch_calls_nobody(call, flags, code, words):
    reply = call("batch", *flags, stdin="")
    assert words in reply.stderr
    assert (reply.returncode, reply.stdout) == (code, "")


def test_results_of_something_else_are_left_alone(call, tmp_path):
    out = tmp_path / "results.jsonl"
    out.write_text("precious\ndata\n")
    for flags, words in [([], "exists: add --resume"),
                         (["--resume"], "results.jsonl:1 is not a result of a batch")]:
        reply = call("batch", f"--out={out}", *flags, stdin="a@example.com\n")
        assert (reply.returncode, words in reply.stderr) == (64, True), reply.stderr
        assert out.read_text() == "precious\ndata\n"


def test_results_from_a_longer_input_are_noticed(call, tmp_path):
    out = tmp_path / "results.jsonl"
    call("batch", f"--out={out}", stdin="a@example.com\nb@example.com\n")
    reply = call("batch", f"--out={out}", "--resume", stdin="a@example.com\n")
    assert reply.returncode == 65
    assert "not from this input" in reply.stderr


def test_a_failure_that_passes_is_repeated(call, emulator):
    # More than the service's own attempts and those of the client.
    emulator.add_fault("reply", code=503, times=9)
    reply = call("batch", "--concurrency=1", stdin="a@example.com\nb@example.com\n")
    assert outcomes(reply.stdout) == [(1, "ISSUED"), (2, "ISSUED")], reply.stderr
    assert reply.returncode == 0


def test_an_outage_ends_the_batch_early():
    users = "".join(f"user{i}@example.com\n" for i in range(1000))
    reply = identityctl("batch", "--address=127.0.0.1:1", stdin=users)
    assert reply.returncode == 69
    found = results(reply.stdout)
    assert 1 <= len(found) < 100
    assert [entry["line"] for entry in found] == list(range(1, len(found) + 1))
    assert {entry["error"]["code"] for entry in found} == {"UNAVAILABLE"}
    assert "ends early" in reply.stderr
    assert "nothing listens on 127.0.0.1:1" in reply.stderr
    assert "these failures may pass" in reply.stderr


def test_a_fault_of_the_service_sets_the_status(call, emulator):
    emulator.add_fault("reply", code=401, body='{"status":"unauthorized"}')
    reply = call("batch", stdin="a@example.com\nbad\n")
    assert reply.returncode == 78
    assert "OPERATOR_REJECTED_API_KEY 1" in reply.stderr


def test_results_that_cannot_be_written_end_the_batch(server):
    with open("/dev/full", "w", encoding="ascii") as full:
        reply = subprocess.run(
            [IDENTITYCTL, "batch", f"--address={server}"], input="a@example.com\n" * 100,
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=50, check=False)
    assert reply.returncode == 74
    assert "the results cannot be written: No space left" in reply.stderr


@pytest.mark.parametrize("term, shows", [("xterm", True), ("dumb", False)])
def test_a_terminal_shows_the_progress(server, emulator, term, shows):
    emulator.add_fault("delay", ms=400)
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [IDENTITYCTL, "batch", f"--address={server}", "--concurrency=1"], stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL, stderr=theirs, env={**os.environ, "TERM": term}, text=True,
    ) as process:
        os.close(theirs)
        process.communicate("a@example.com\n" * 3, timeout=50)
    output = b""
    try:
        while chunk := os.read(ours, 65536):
            output += chunk
    except OSError:  # Linux raises this once the other side is closed.
        pass
    os.close(ours)
    assert (b" users, 0 failed, 1 in flight, " in output) == shows
    assert (b"\033" in output) == shows
    assert b"3 users in " in output
