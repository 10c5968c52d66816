# SPDX-License-Identifier: Apache-2.0
"""Applies load, faults, and restarts at random for minutes or hours, then checks invariants.

Two replicas of the server call two emulated operators (one over TLS) for two participants. Callers
arrive steadily, in bursts, or not at all. They cancel calls, set short deadlines, or all refresh
the same identity. The operators show every fault that tests/emulator supports, die, and come back.
One replica is restarted under load.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
from pathlib import Path

from tests.load.transport import TRANSPORTS, choose_transport


def arguments():
    parser = argparse.ArgumentParser(
        prog="tools/soak", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="  --asan, --tsan        build the server with sanitizers\n\n"
        "The same seed repeats the order of faults and incidents, but not every packet.\n"
        "Exit status: 0 if every invariant held; 1 if one was violated; 2 if the soak could not "
        "run.")
    parser.add_argument("--minutes", type=float, default=3, metavar="N",
                        help="duration (default: 3); longer soaks find more")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000),
                        metavar="N", help="random seed (default: a random one, which is printed)")
    parser.add_argument("--transport", choices=TRANSPORTS, help="how the replicas call operators "
                        "(operator_connection.transport; default: the server's)")
    parser.add_argument("--verbose", action="store_true", help="print every fault and incident")
    return parser.parse_args()


def main() -> int:
    flags = arguments()
    choose_transport(flags.transport)
    # Imported here, so that --help works before tools/setup.
    from tests.soak import invariants
    from tests.soak.run import Soak
    from tests.load.verdict import any_broken, judgement
    # SIGTERM unwinds the stack like Ctrl-C, so that every process is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    def say(text, detail=False):
        if flags.verbose or not detail:
            print(text, flush=True)

    say(f"Soaking for {flags.minutes:g} minutes: --seed={flags.seed}")
    with tempfile.TemporaryDirectory(prefix="uid2-soak-") as folder:
        with Soak(Path(folder), flags.seed, flags.minutes * 60, say) as soak:
            findings = soak.run()
    say("\nAnswers: " + ", ".join(f"{count:,} {answer}"
                                  for answer, count in findings.tally.most_common(100)) + "\n")
    verdicts = invariants.verdicts(findings)
    say(judgement(verdicts, sys.stdout.isatty() and "NO_COLOR" not in os.environ))
    if any_broken(verdicts):
        transport = f" --transport={flags.transport}" if flags.transport else ""
        say(f"\nTo repeat: tools/soak --minutes={flags.minutes:g} --seed={flags.seed}{transport} "
            "--verbose")
        return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
    except (AssertionError, ChildProcessError, FileNotFoundError) as error:
        print(f"soak: {error}", file=sys.stderr)
        sys.exit(2)
