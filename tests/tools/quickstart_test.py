# SPDX-License-Identifier: Apache-2.0
"""tools/quickstart ends all that it started, on every way out, and says what failed.

What it starts are stand-ins here. Each holds the writing end of a pipe: when the last of them has
ended, the reading end says so.
"""

import json
import os
import select
import shutil
import signal
import subprocess

import pytest
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
FAILS = "import sys\nprint('cannot bind: in use', file=sys.stderr)\nsys.exit(2)\n"
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


@pytest.fixture(name="repository")
def fixture_repository(tmp_path):
    return Repository(tmp_path)


def test_once_shows_both_identities_and_ends_with_nothing_left(repository):
    status, output = Quickstart(repository, "--once").all()
    assert status == 0, output
    assert '"outcome": "ISSUED"' in output and '"outcome": "REFRESHED"' in output
    assert '"identity_expires": 1\n' in output, "json was not unpacked"
    assert "\x1b" not in output, "colours without a terminal"


def test_the_service_runs_on_the_sample_with_an_emulator_of_each_scope(repository):
    assert Quickstart(repository, "--once").all()[0] == 0
    assert repository.read("bazel-bin/server/identity_server.config").split("\n") == [
        'listen_address: "127.0.0.1:0"',
        "drain { }",
        'admin_address: "127.0.0.1:0"',
        "synthetic_probe { interval { seconds: 5 } }",
        "participants {",
        '  name: "publisher"',
        "  scope: UID2",
        '  operator_url: "http://127.0.0.1:1"',
        f'  credentials_dir: "{repository.root}/deploy/local/credentials"',
        "}",
        "participants {",
        '  name: "euid"',
        "  scope: EUID",
        '  operator_url: "http://127.0.0.1:4"',
        f'  credentials_dir: "{repository.root}/deploy/local/credentials_euid"',
        "}",
        "",
    ]


def test_the_site_uses_this_service_and_its_pages_refresh_at_these_emulators(repository):
    status, output = Quickstart(repository, "--once").all()
    assert status == 0
    assert repository.read(".cache/node/bin/node.calls").splitlines() == [
        "IDENTITY_SERVICE=127.0.0.1:2",
        "UID2_PARTICIPANT=publisher",
        "UID2_OPERATOR_URL=http://127.0.0.1:1",
        "EUID_PARTICIPANT=euid",
        "EUID_OPERATOR_URL=http://127.0.0.1:4",
    ]
    started = output[output.index("Starting"):].splitlines()[1:6]
    assert [line.split()[:2] for line in started] == [
        ["site", "http://127.0.0.1:3"],
        ["metrics", "http://127.0.0.1:5/metrics"],
        ["service", "127.0.0.1:2"],
        ["emulator_euid", "http://127.0.0.1:4"],
        ["emulator", "http://127.0.0.1:1"],
    ]


def test_with_tls_the_service_the_site_and_grpcurl_get_certificates_of_one_authority(repository):
    run = Quickstart(repository, "--tls").until("Press Ctrl-C")
    _, output = run.send(signal.SIGTERM).all()
    folder = repository.root / ".cache/quickstart/tls"
    pair = f"-cert {folder}/%s.pem -key {folder}/%s.key"
    caller, stranger = pair % (("web-tier",) * 2), pair % (("stranger",) * 2)
    config = repository.read("bazel-bin/server/identity_server.config")
    assert f"""
tls {{
  certificate_file: "{folder}/server.pem"
  private_key_file: "{folder}/server.key"
  client_ca_file: "{folder}/ca.pem"
}}
runtime_dir: "{folder.parent}/run"
callers {{ san: "spiffe://example.test/web-tier" }}
""" in config
    site = repository.read(".cache/node/bin/node.calls").splitlines()
    assert site[1:4] == [
        f"IDENTITY_SERVICE_CA={folder}/ca.pem",
        f"IDENTITY_SERVICE_CERTIFICATE={folder}/web-tier.pem",
        f"IDENTITY_SERVICE_KEY={folder}/web-tier.key",
    ]
    for call in repository.read(".cache/bin/grpcurl.calls").splitlines():
        assert call.startswith(f"-cacert {folder}/ca.pem {caller} -max-time")
    assert "-plaintext" not in output
    assert f"grpcurl -cacert {folder}/ca.pem {caller} 127.0.0.1:2 describe" in output
    assert f"grpcurl -cacert {folder}/ca.pem {stranger} -d '{{\"email\": " in output
    named = [path.name for path in folder.glob("*.pem")]
    assert sorted(named) == ["ca.pem", "server.pem", "stranger.pem", "web-tier.pem"]


def test_certificates_that_cannot_be_made_are_reported(repository):
    (repository.root / ".cache/quickstart").mkdir()
    (repository.root / ".cache/quickstart/tls").write_text("")
    status, output = Quickstart(repository, "--tls", "--once").all()
    assert status == 1
    assert "tools/certificates failed: tools/certificates: cannot write" in output.splitlines()[-1]


def test_the_client_is_built_once_and_again_when_a_source_changes(repository):
    calls = f"{repository.root}/client/node/client run build\n"
    for _ in range(2):
        assert Quickstart(repository, "--once").all()[0] == 0
        assert repository.read(".cache/node/bin/npm.calls") == calls
    built = (repository.root / "client/node/client/dist/index.js").stat().st_mtime
    os.utime(repository.root / "proto/identity.proto", (built + 1, built + 1))
    assert Quickstart(repository, "--once").all()[0] == 0
    assert repository.read(".cache/node/bin/npm.calls") == calls * 2


def test_the_refresh_is_forced_and_has_the_identity_that_was_generated(repository):
    assert Quickstart(repository, "--once").all()[0] == 0
    generate, refresh = repository.read(".cache/bin/grpcurl.calls").splitlines()
    assert '-d {"email": "user@example.com", "participant": "publisher"} 127.0.0.1:2 ' in generate
    request = json.loads(refresh[refresh.index("{"):refresh.rindex("}") + 1])
    assert request == {"participant": "publisher", "identity_json": IDENTITY_JSON, "force": True}


@pytest.mark.parametrize("number,expected", [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_it_stays_up_until_a_signal_ends_it_with_nothing_left(repository, number, expected):
    run = Quickstart(repository).until("Press Ctrl-C")
    status, output = run.send(number).all()
    assert status == expected
    assert "grpcurl -plaintext 127.0.0.1:2 describe" in output
    assert "curl -s http://127.0.0.1:5/metrics | grep" in output
    assert f"\n  {repository.root}/tools/dashboard\n" in output


def test_killed_it_leaves_nothing(repository):
    assert Quickstart(repository).until("Ctrl-C").send(signal.SIGKILL).all()[0] == -signal.SIGKILL


@pytest.mark.parametrize("number,expected", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_during_the_build_ends_the_build(repository, number, expected):
    repository.write("bazel", "#!/bin/bash\n[[ $1 != build ]] || { echo building; exec sleep 60; }\n")
    status, _ = Quickstart(repository).until("building").send(number).all()
    assert status == expected


def test_a_service_that_ends_by_itself_is_reported(repository):
    run = Quickstart(repository).until("Press Ctrl-C")
    os.kill(int(repository.read("bazel-bin/server/identity_server.pid")), signal.SIGKILL)
    status, output = run.all()
    assert status == 1
    assert "ended early (status 137)" in output.splitlines()[-1]


@pytest.mark.parametrize("path,name", [
    ("tests/emulator/emulator.py", "emulator"),
    ("bazel-bin/server/identity_server", "service"),
    (".cache/node/bin/node", "site"),
])
def test_a_start_that_fails_is_reported_in_its_own_words(repository, path, name):
    repository.write(path, "#!/usr/bin/python3\n" + FAILS)
    status, output = Quickstart(repository, "--once").all()
    assert status == 1
    assert f"the {name} did not start: cannot bind: in use" in output.splitlines()[-1]


@pytest.mark.parametrize("path,text", [
    ("tools/setup", "the set-up failed"),
    ("bazel", "the build failed"),
    (".cache/node/bin/npm", "the build of the client for Node.js failed"),
    (".cache/bin/grpcurl", "GenerateIdentity failed"),
])
def test_a_step_that_fails_is_named(repository, path, text):
    repository.write(path, "#!/bin/bash\nexit 3\n")
    status, output = Quickstart(repository, "--once").all()
    assert status == 1
    assert text in output.splitlines()[-1]


@pytest.mark.parametrize("outcomes,text", [
    (("OPTED_OUT", "REFRESHED"), "GenerateIdentity did not answer ISSUED"),
    (("ISSUED", "KEPT"), "RefreshIdentity did not answer REFRESHED"),
])
def test_another_outcome_is_a_failure(repository, outcomes, text):
    repository.replies(*outcomes)
    status, output = Quickstart(repository, "--once").all()
    assert status == 1
    assert text in output.splitlines()[-1]


@pytest.mark.parametrize("running,calls", [
    (False, ["build //server:identity_server", "shutdown"]),
    (True, ["build //server:identity_server"]),
])
def test_bazel_is_shut_down_unless_it_was_running_before(repository, running, calls):
    base = repository.root / "output_base"
    (base / "execroot/workspace/bazel-out").mkdir(parents=True)
    (repository.root / "bazel-out").symlink_to(base / "execroot/workspace/bazel-out")
    if running:
        repository.write("output_base/server/server.pid.txt", str(os.getpid()))
    assert Quickstart(repository, "--once").all()[0] == 0
    assert repository.read("bazel.calls").splitlines() == calls


def test_an_unknown_argument_is_refused(repository):
    status, output = Quickstart(repository, "--twice").all()
    assert status == 2 and "Usage:" in output
