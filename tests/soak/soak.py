"""Load, faults and restarts at random, for minutes or hours, and what must hold at the end.

Two replicas of the server call two emulated operators (one over TLS) for two participants; callers
come steadily, in bursts and not at all, cancel, have little time, or all ask for the same. The
operators do whatever tests/emulator can do wrong, die and come back; a replica is told to end
under load and comes back.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
from pathlib import Path


def arguments():
    parser = argparse.ArgumentParser(
        prog="tools/soak", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="  --asan, --tsan        with a server that is built with sanitizers\n\n"
        "A seed repeats the order of faults and incidents, not every packet.\n"
        "Exit status: 0 everything held; 1 something did not; 2 the soak could not run.")
    parser.add_argument("--minutes", type=float, default=3, metavar="N",
                        help="how long (default: 3); hours find more")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000),
                        metavar="N", help="of what happens when (default: drawn, and printed)")
    parser.add_argument("--verbose", action="store_true", help="tell every fault and incident")
    return parser.parse_args()


def main() -> int:
    flags = arguments()
    # Imported here, so that --help works before tools/setup.
    from tests.soak import invariants
    from tests.soak.run import Soak
    from tests.load.verdict import any_broken, judgement
    # SIGTERM unwinds like Ctrl-C, so that every process is ended on the way out.
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
        say(f"\nThe same again: tools/soak --minutes={flags.minutes:g} --seed={flags.seed} --verbose")
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
