"""Takes the operator down under load, brings it back, and shows what callers and operator see.
With --overload, makes five times as many calls as the server has room for instead.

Starts the server, the operator emulator and callers on a loopback of their own, calls
GenerateIdentity and RefreshIdentity at an even rate however the answers fare, takes the operator
down, and holds what was seen against what the service promises (docs/outage.md).
"""

import argparse
import json
import os
import signal
import sys
import tempfile
from pathlib import Path

from tests.drill.outage_kinds import OUTAGES


def arguments():
    parser = argparse.ArgumentParser(
        prog="tools/drill", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Exit status: 0 every promise was kept; 1 one was broken; 2 the drill failed.")
    parser.add_argument("--outage", choices=OUTAGES, default="refuse",
                        help="what the operator does while it is down: refuse connections (the "
                        "default), answer with that status, take requests and never answer, reset "
                        "the connection of each")
    parser.add_argument("--overload", action="store_true", help="instead of an outage, more calls "
                        "than there is room for: is the goodput kept? The other options are for "
                        "outages")
    parser.add_argument("--rate", type=float, default=500, help="calls a second (default: 500)")
    parser.add_argument("--refresh", type=float, default=0.5, metavar="SHARE",
                        help="of the calls, that refresh an identity (default: 0.5)")
    for name, default in (("well", 30), ("down", 60), ("recovered", 30)):
        parser.add_argument(f"--{name}", type=int, default=default, metavar="SECONDS",
                            help=f"(default: {default})")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every second there")
    parser.add_argument("--chart", type=Path, metavar="FILE.svg",
                        help="draw it (needs python3-matplotlib: tools/setup --drill)")
    return parser.parse_args()


def say(text):
    print(text, file=sys.stderr, flush=True)


def conclude(verdicts) -> int:
    """Prints them, and returns the exit status."""
    from tests.load.verdict import any_broken, judgement
    print(judgement(verdicts, sys.stdout.isatty() and "NO_COLOR" not in os.environ))
    return 1 if any_broken(verdicts) else 0


def drill_overload() -> int:
    from tests.drill import overload
    with tempfile.TemporaryDirectory(prefix="uid2-drill-") as folder:
        loads = overload.run(Path(folder), say)
    return conclude(overload.verdicts(loads))


def main() -> int:
    flags = arguments()
    # SIGTERM unwinds like Ctrl-C, so that every process is ended on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    return drill_overload() if flags.overload else drill_outage(flags)


def drill_outage(flags) -> int:
    # Imported here, so that --help works before tools/setup.
    from tests.drill import network, outage, promises, report
    if flags.chart:
        from tests.drill import chart  # fails before minutes are spent
    if not network.isolate():
        say("No network of its own here: connections that others have refused count as operator "
            "requests.")
    version = outage.server_version()
    with tempfile.TemporaryDirectory(prefix="uid2-drill-") as folder:
        recording = outage.run(Path(folder), flags.outage, flags.rate, flags.refresh,
                               (flags.well, flags.down, flags.recovered), say)
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
