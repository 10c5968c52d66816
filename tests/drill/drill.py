# SPDX-License-Identifier: Apache-2.0
"""Takes the operator down under load, brings it back, and shows what callers and operator see.
With --overload, makes five times as many calls as the server has room for instead. With --upgrade,
replaces replicas of another build instead. With --rotation, replaces credentials instead.

Starts the server, the operator emulator, and callers in a separate loopback network. Calls
GenerateIdentity and RefreshIdentity at an even rate, no matter how the calls end. Takes the
operator down, and compares the results with the service's promises (docs/outage.md).
"""

import argparse
import json
import os
import signal
import sys
import tempfile
from pathlib import Path

from tests.drill.outage_kinds import OUTAGES
from tests.load.transport import TRANSPORTS, choose_transport


def arguments():
    parser = argparse.ArgumentParser(
        prog="tools/drill", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Exit status: 0 if every promise was kept; 1 if one was broken; 2 if the drill "
        "failed.")
    parser.add_argument("--outage", choices=OUTAGES, default="refuse",
                        help="what the operator does while it is down: refuse connections (the "
                        "default), reply with this HTTP status, accept requests but never reply, "
                        "or reset each connection")
    parser.add_argument("--overload", action="store_true", help="instead of an outage, make more "
                        "calls than the server has room for, and check that its goodput does not "
                        "drop; of the other options, only --transport applies")
    parser.add_argument("--rotation", action="store_true", help="instead of an outage, replace the "
                        "credentials in a mounted secret five times under load, and check that no "
                        "call fails; only --rate and --transport apply")
    parser.add_argument("--upgrade", metavar="COMMIT", nargs="?", const="", help="instead of an "
                        "outage, build this commit (default: the newest release), replace three "
                        "replicas of it under load one by one by the present build, go back, and "
                        "check that no call fails and that the two builds understand each other; "
                        "only --rate applies")
    # The folder with what tools/drill has built of that commit.
    parser.add_argument("--other", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--rate", type=float, default=500, help="calls per second (default: 500)")
    parser.add_argument("--refresh", type=float, default=0.5, metavar="SHARE",
                        help="share of calls that refresh an identity (default: 0.5)")
    for name, default in (("well", 30), ("down", 60), ("recovered", 30)):
        parser.add_argument(f"--{name}", type=int, default=default, metavar="SECONDS",
                            help=f"length of this phase (default: {default})")
    parser.add_argument("--transport", choices=TRANSPORTS, help="how the server calls the operator "
                        "(operator_connection.transport; default: the server's)")
    parser.add_argument("--json", type=Path, metavar="FILE",
                        help="write the results of every second to FILE")
    parser.add_argument("--chart", type=Path, metavar="FILE.svg",
                        help="draw a chart (requires python3-matplotlib: tools/setup --drill)")
    parser.add_argument("--dashboard", type=Path, metavar="FILE.svg",
                        help="draw the first rows of the dashboard from what Prometheus scrapes "
                        "during the drill (requires tools/setup --monitoring)")
    return parser.parse_args()


def say(text):
    print(text, file=sys.stderr, flush=True)


def conclude(verdicts) -> int:
    """Prints the verdicts, and returns the exit status."""
    from tests.load.verdict import any_broken, judgement
    print(judgement(verdicts, sys.stdout.isatty() and "NO_COLOR" not in os.environ))
    return 1 if any_broken(verdicts) else 0


def drill_overload() -> int:
    from tests.drill import overload
    with tempfile.TemporaryDirectory(prefix="uid2-drill-") as folder:
        loads = overload.run(Path(folder), say)
    return conclude(overload.verdicts(loads))


def drill_upgrade(flags) -> int:
    from tests.drill import builds, upgrade
    other = builds.build_in(flags.other, flags.upgrade or flags.other.name)
    with tempfile.TemporaryDirectory(prefix="uid2-drill-") as folder:
        verdicts = upgrade.run(Path(folder), other, flags.rate, say)
    return conclude(verdicts)


def drill_rotation(flags) -> int:
    from tests.drill import rotation
    with tempfile.TemporaryDirectory(prefix="uid2-drill-") as folder:
        verdicts = rotation.run(Path(folder), flags.rate, say)
    return conclude(verdicts)


def main() -> int:
    flags = arguments()
    choose_transport(flags.transport)
    # SIGTERM unwinds the stack like Ctrl-C, so that every process is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if flags.other:
        return drill_upgrade(flags)
    if flags.rotation:
        return drill_rotation(flags)
    return drill_overload() if flags.overload else drill_outage(flags)


def drill_outage(flags) -> int:
    # Imported here, so that --help works before tools/setup.
    from tests.drill import network, outage, promises, report
    if flags.chart:
        from tests.drill import chart  # imported early, to fail before the drill if it is missing
    if not network.isolate():
        say("Cannot create a separate network: connections that other processes have refused count "
            "as operator requests.")
    version = outage.server_version()
    with tempfile.TemporaryDirectory(prefix="uid2-drill-") as folder:
        recording = outage.run(Path(folder), flags.outage, flags.rate, flags.refresh,
                               (flags.well, flags.down, flags.recovered), say, flags.dashboard)
    verdicts = promises.verdicts(recording)
    print(report.table(recording))
    print()
    status = conclude(verdicts)
    if flags.json:
        flags.json.write_text(json.dumps({
            "version": version, "outage": flags.outage, "rate": flags.rate, "refresh": flags.refresh,
            "seconds": [second.summary() for second in recording.seconds],
            "verdicts": [verdict._asdict() for verdict in verdicts]}, indent=1) + "\n")
    if flags.chart:
        chart.draw(recording, flags.outage, version, flags.chart)
    return status


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except (ChildProcessError, FileNotFoundError, TimeoutError) as error:
        say(f"drill: {error}")
        sys.exit(2)
