# SPDX-License-Identifier: Apache-2.0
"""Measures latency at constant rates, below and above what the server can take, in three
situations: as shipped, with a log reader that is slow, and with a name server that is slow.

Calls begin on time, whatever the server does, and latency counts from when a call was due, so that
a server which stalls cannot hide it (no coordinated omission).
"""

import contextlib
import json
import os
import select
import subprocess
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from bench_measure import load, say
from bench_place import OPERATOR_NAME, Workplace
from bench_process import SERVER_CORE, listening, on_core
from bench_programs import ROOT, service

# Of the maximum rate.
SHARES = (0.5, 0.8, 1.2)
# Addresses are looked up anew every 30 s: the three rates together last longer.
SECONDS, QUICK_SECONDS = 12, 3
# A page does not wait longer. The load generator must not be what limits the calls in flight.
LOAD = {"deadline": "1s", "in_flight": 20_000, "channels": 8}

AS_SHIPPED, SLOW_LOG, SLOW_NAMES = "as shipped", "slow log reader", "slow name server"
# What the slow reader takes, where each call writes 250 bytes.
LOG_BYTES_PER_SECOND = 40_000
NAME_SECONDS = 3

HEADINGS = ["", "calls/s due", "answered/s", "p50 ms", "p99 ms", "p99.9 ms", "max ms", "not answered"]


@contextlib.contextmanager
def slow_reader():
    """A pipe whose other end is read at LOG_BYTES_PER_SECOND. Yields the end to write to."""
    end, log = os.pipe()
    over = threading.Event()

    def read():
        while not over.wait(0.1):
            # Otherwise a read that waits could only be ended by a write, for which the pipe may have
            # no room.
            if select.select([end], [], [], 0)[0]:
                os.read(end, LOG_BYTES_PER_SECOND // 10)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield log
    finally:
        over.set()
        thread.join()
        os.close(end)
        os.close(log)


@contextlib.contextmanager
def slow_name_server():
    """Answers queries for addresses at 127.0.0.1:53 after NAME_SECONDS."""
    # Only here, because only the tests' setup installs it.
    from dnslib import QTYPE, RR, A
    from dnslib.server import BaseResolver, DNSLogger, DNSServer

    class Slow(BaseResolver):
        def resolve(self, request, handler):
            threading.Event().wait(NAME_SECONDS)
            reply = request.reply()
            if request.q.qtype == QTYPE.A:
                reply.add_answer(RR(request.q.qname, QTYPE.A, rdata=A("127.0.0.1"), ttl=0))
            return reply

    server = DNSServer(Slow(), address="127.0.0.1", port=53, logger=DNSLogger("-request,-reply"))
    server.start_thread()
    try:
        yield
    finally:
        server.stop()


def run(folder, situation, maximum, seconds):
    """Measures one situation. `maximum` is the maximum rate, or 0 if it is still to be measured.
    Returns it and the measurements by share."""
    place = Workplace(folder)
    with contextlib.ExitStack() as stack:
        # Only a loopback address may be called in clear.
        stack.enter_context(place.operator(tls=situation == SLOW_NAMES))
        log = subprocess.DEVNULL
        if situation == SLOW_LOG:
            log = stack.enter_context(slow_reader())
        if situation == SLOW_NAMES:
            stack.enter_context(slow_name_server())
            place.operator_url = place.operator_url.replace("127.0.0.1", OPERATOR_NAME)
        command = service(max_calls_in_flight="2000")(place)
        pid, address = stack.enter_context(listening(on_core(SERVER_CORE, command), log))
        # The name must have been looked up once: at the start, calls wait for it.
        say(f"latency, {situation}: warm-up")
        load(address, pid, duration="1s", warm_up=f"{2 * NAME_SECONDS + 1}s" if situation == SLOW_NAMES else "1s")
        maximum = maximum or load(address, pid, duration="3s", in_flight=256)["calls_per_second"]
        measured = {}
        for share in SHARES:
            say(f"latency, {situation}: {share:.0%} of {maximum:,.0f} calls a second")
            measured[f"{share:.0%}"] = load(address, pid, duration=f"{seconds}s", rate=share * maximum, **LOAD)
        return maximum, measured


def isolated(folder, maximum, seconds):
    """Measures SLOW_NAMES in namespaces in which the system's name server is ours; None if this
    system permits none."""
    own = Path(folder, "isolated")
    own.mkdir()
    (own / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    done = subprocess.run(
        ["unshare", *as_root, "--net", "--mount", "/usr/bin/python3", "-B", __file__, own, str(maximum), str(seconds)],
        stdout=subprocess.PIPE, check=False)
    return json.loads(done.stdout) if done.returncode == 0 else None


def within_namespaces(folder, maximum, seconds):
    sys.path.insert(0, str(ROOT))
    from tests.drill import network
    network.start_loopback()
    subprocess.run(["mount", "--bind", f"{folder}/resolv.conf", "/etc/resolv.conf"], check=True)
    print(json.dumps(run(folder, SLOW_NAMES, maximum, seconds)[1]))


def measure(folder, quick=False):
    """Measures all situations, and returns the report."""
    seconds = QUICK_SECONDS if quick else SECONDS
    situations = {}
    maximum = 0
    for situation in (AS_SHIPPED, SLOW_LOG):
        own = Path(folder, situation.replace(" ", "_"))
        own.mkdir()
        maximum, situations[situation] = run(own, situation, maximum, seconds)
    situations[SLOW_NAMES] = isolated(folder, maximum, seconds)
    return report(maximum, situations)


def row(name, due, measured):
    lost = dict(measured["errors"])
    if measured["missed"]:
        lost["not begun"] = measured["missed"]
    calls = measured["calls"] + measured["missed"]
    answered = measured["calls"] - sum(measured["errors"].values())
    times = [f"{measured['latency_us'][which] / 1000:,.2f}" for which in ("p50", "p99", "p999", "max")]
    return [name, f"{due:,.0f}", f"{answered / measured['seconds']:,.0f}", *times,
            ", ".join(f"{count / calls:.2%} {code}" for code, count in lost.items())]


def report(maximum, situations):
    rows = [HEADINGS]
    for situation, by_share in situations.items():
        for share, measured in (by_share or {}).items():
            rows.append(row(f"{situation}, {share}", float(share.rstrip("%")) / 100 * maximum, measured))
    widths = [max(len(line[column]) for line in rows) for column in range(len(HEADINGS))]
    lines = ["  ".join([line[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]
                       ).rstrip() for line in rows]
    lines += [f"{situation}: not measured, because this system permits no namespaces"
              for situation, by_share in situations.items() if by_share is None]
    lines += ["", f"the maximum rate, with 256 calls in flight: {maximum:,.0f} calls a second"]
    return "\n".join(lines)


if __name__ == "__main__":
    within_namespaces(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))
