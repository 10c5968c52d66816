# SPDX-License-Identifier: Apache-2.0
"""What a start would refuse, the check refuses in the same words; what both notice."""

import base64
import os
import subprocess

import pytest

from tests.integration import server_process
from tests.integration.configurations import GOOD_KEY, good, write
from tests.load.binaries import is_sanitized


BOTH = pytest.mark.parametrize("flags", [["--check_config"], []], ids=["check", "start"])


def rejected(flags, path):
    """What the server says about a configuration that it must refuse."""
    result = server_process.run(*flags, f"--config={path}")
    assert (result.returncode, result.stdout) == (2, ""), result
    return result.stderr


@BOTH
@pytest.mark.parametrize("kind,words", [
    ("missing", "No such file or directory"),
    ("empty", "it contains no certificate in PEM"),
    ("text", "it contains no certificate in PEM"),
    ("folder", "it is a folder, not a regular file"),
    ("pipe", "it is a pipe, not a regular file"),
])
def test_a_ca_file_that_cannot_be_used_is_rejected_with_the_fix(folder, flags, kind, words):
    (folder / "empty").touch()
    (folder / "text").write_text("not PEM")
    (folder / "folder").mkdir()
    os.mkfifo(folder / "pipe")
    path = write(folder, good() + f'operator_connection {{ ca_file: "{kind}" }}\n')
    said = rejected(flags, path)
    assert said.startswith(f"{path}:8: ca_file: cannot load certificate authorities from "
                           f"{folder}/{kind}: {words}; name a PEM file")


@BOTH
@pytest.mark.parametrize("name", ["api_key", "client_secret"])
def test_a_pipe_in_place_of_a_credential_is_rejected_at_once(folder, flags, name):
    (folder / "credentials" / name).unlink()
    os.mkfifo(folder / "credentials" / name)
    said = rejected(flags, write(folder, good()))
    assert f"credentials/{name}: it is a pipe, not a regular file" in said


@BOTH
def test_a_configuration_that_is_no_regular_text_file_is_rejected_at_once(folder, flags):
    pipe = folder / "pipe"
    os.mkfifo(pipe)
    assert f"{pipe}: cannot read: it is a pipe" in rejected(flags, pipe)
    assert f"{folder}: cannot read: it is a folder" in rejected(flags, folder)
    marked = folder / "marked"
    marked.write_text(good(), encoding="utf-8-sig")
    assert "it begins with a byte order mark; save it as UTF-8" in rejected(flags, marked)
    wide = folder / "wide"
    wide.write_text(good(), encoding="utf-16")
    assert "it is in UTF-16; save it as UTF-8" in rejected(flags, wide)


@BOTH
@pytest.mark.parametrize("address", [
    "[127.0.0.1]:0", "[localhost]:0", "127.0.0.1: 80", "127.0.0.1:+80", "127.0.0.1:080",
    "127.0.0.256:80", "127.0.0.1 :80",
])
def test_a_listen_address_that_only_looks_right_is_rejected(folder, flags, address):
    assert ':1: listen_address: must be "HOST:PORT"' in rejected(flags, write(folder, good(address)))


@BOTH
@pytest.mark.parametrize("url", [
    "https://[127.0.0.1]:443", "https://operator.example.com: 443",
    "https://operator.example.com:+443", "https://operator.example.com:0443",
    "https://operator.example.com:0", "https://operator..example.com",
])
def test_an_operator_url_that_only_looks_right_is_rejected(folder, flags, url):
    text = good().replace("https://operator.example.com", url)
    assert ":5: operator_url: " in rejected(flags, write(folder, text))


NOTICED = [
    ("https://operator.example.com", f'"{GOOD_KEY}"', "credentials/api_key is in quotes"),
    ("https://operator.example.com", f"API_KEY={GOOD_KEY}", "api_key has the form NAME=VALUE"),
    ("https://operator.example.com", base64.b64encode(GOOD_KEY.encode()).decode(),
     "api_key looks like base64 of a key"),
    ("https://operator.example.com", "EUID-C-L-1-abcdef.ghi",
     "the key is for EUID, but the participant's scope is UID2"),
    ("https://prod.euid.eu", GOOD_KEY, "prod.euid.eu is an operator of EUID, but scope is UID2"),
    ("https://operator.example.com/v2", GOOD_KEY, "contains the path /v2"),
]


@pytest.mark.parametrize("url,key,words", NOTICED, ids=[words for _, _, words in NOTICED])
def test_what_is_probably_wrong_is_noticed_by_the_check_and_at_the_start(folder, url, key, words):
    (folder / "credentials" / "api_key").write_text(key)
    path = write(folder, good().replace("https://operator.example.com", url))
    result = server_process.run("--check_config", f"--config={path}")
    assert (result.returncode, result.stdout) == (0, f"{path} is good\n")
    assert words in result.stderr and key not in result.stderr
    participant = server_process.Participant("site", url, folder / "credentials")
    with server_process.ServerProcess(folder, [participant]) as server:
        server.await_message(words)
    assert key not in server.output()


# Address space in KiB: too little for any thread, for some threads, for gRPC's, and enough.
@pytest.mark.skipif(is_sanitized(), reason="sanitizers need terabytes of address space")
@pytest.mark.parametrize("kib", [48000, 60000, 80000, 120000, 160000, 180000, 200000, 300000, 400000])
def test_a_start_without_enough_memory_ends_in_words_or_succeeds(folder, kib):
    command = ["prlimit", f"--as={kib * 1024}", server_process.BINARY,
               f"--config={write(folder, good())}"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as process:
        started = process.stdout.readline().startswith(server_process.LISTENING)
        if started:
            process.kill()
        _, said = process.communicate(timeout=2 * server_process.SECONDS)
    if not started:
        assert process.returncode == 2, said
        assert "identity_server: " in said and "raise its limits" in said
