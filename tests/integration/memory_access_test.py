# SPDX-License-Identifier: Apache-2.0
"""Nobody gets at the memory of the process: not through a core dump, and not as its own user."""

import contextlib
import json
import os
import pathlib
import resource
import signal
import subprocess
import sys

import pytest

from tests.integration.server_process import ServerProcess

# As an ordinary user: root may do anything as long as it has its capabilities.
ORDINARY = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs")
# Tries to get at the process whose number is its argument. Prints what each way ended with.
PROBE = """
import ctypes, json, os, sys
libc = ctypes.CDLL(None, use_errno=True)
pid, results = int(sys.argv[1]), {}
for name in ("mem", "environ", "maps", "auxv", "fd/0", "map_files"):
    try:
        if name == "map_files":
            os.listdir(f"/proc/{pid}/{name}")
        else:
            with open(f"/proc/{pid}/{name}", "rb") as file:
                file.read(0)
        results[name] = "open"
    except OSError as error:
        results[name] = type(error).__name__
PTRACE_SEIZE, PTRACE_ATTACH = 0x4206, 16
for name, request in {"seize": PTRACE_SEIZE, "attach": PTRACE_ATTACH}.items():
    seized = libc.ptrace(request, pid, None, None) == 0
    results[name] = "open" if seized else os.strerror(ctypes.get_errno())
    if seized:
        break
print(json.dumps(results))
"""


def ordinary() -> tuple:
    return ORDINARY if os.geteuid() == 0 else ()


def with_cores(folder) -> tuple:
    """The command that lets another one leave a core in this folder, where cores are written to the
    working folder."""
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    if os.geteuid() == 0:
        hard = "unlimited"
    elif hard == 0:
        pytest.skip("this user may not have cores")
    return ("env", f"--chdir={folder}", "prlimit", f"--core={hard}:{hard}", *ordinary())


def crash(pid: int, number: signal.Signals):
    """Sends the signal. Returns how the process ended, and leaves it to be waited for."""
    os.kill(pid, number)
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def without_handlers() -> dict:
    """The environment in which a sanitizer leaves these signals alone."""
    return {name: os.environ.get(name, "") + ":handle_segv=0:handle_sigbus=0"
            for name in ("ASAN_OPTIONS", "TSAN_OPTIONS")}


@contextlib.contextmanager
def sleeping(*prefix):
    """A process that protects nothing."""
    with subprocess.Popen([*prefix, "sleep", "600"], stdout=subprocess.DEVNULL) as process:
        # Until setpriv has become sleep.
        while pathlib.Path(f"/proc/{process.pid}/comm").read_text() != "sleep\n":
            assert process.poll() is None
        yield process.pid
        process.kill()


def probe(pid: int) -> dict:
    """As the same user as the process, which is no parent of the probe."""
    result = subprocess.run([*ordinary(), sys.executable, "-c", PROBE, str(pid)],
                            capture_output=True, text=True, timeout=60, check=True)
    return json.loads(result.stdout)


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL])
def test_a_crash_leaves_no_core(tmp_path, participant, shared_emulator, number):
    with sleeping(*with_cores(tmp_path)) as pid:
        assert crash(pid, number).si_code == os.CLD_DUMPED, "a core would not be noticed"
    for core in tmp_path.glob("core*"):
        core.unlink()
    server = ServerProcess(tmp_path / "server", [participant("site", shared_emulator)],
                           prefix=with_cores(tmp_path), environment=without_handlers())
    ended = crash(server.process.pid, number)
    assert (ended.si_code, ended.si_status) == (os.CLD_KILLED, number)
    assert server.wait() == -number
    assert [path.name for path in tmp_path.iterdir()] == ["server"]


def test_its_own_user_can_neither_trace_it_nor_read_its_memory(
        tmp_path, participant, shared_emulator):
    yama = pathlib.Path("/proc/sys/kernel/yama/ptrace_scope")
    with sleeping(*ordinary()) as pid:
        found = probe(pid)
    assert found["environ"] == "open", "the probe does not work"
    if not yama.exists() or yama.read_text().strip() == "0":
        assert set(found.values()) == {"open"}, found
    with ServerProcess(tmp_path / "server", [participant("site", shared_emulator)],
                       prefix=ordinary()) as server:
        found = probe(server.process.pid)
    assert found == {"mem": "PermissionError", "environ": "PermissionError",
                     "maps": "PermissionError", "auxv": "PermissionError",
                     "fd/0": "PermissionError", "map_files": "PermissionError",
                     "seize": "Operation not permitted", "attach": "Operation not permitted"}
