"""Makes what the soak runs importable, as soak.py does."""

import pathlib
import sys

_TESTS = pathlib.Path(__file__).absolute().parents[1]
sys.path[:0] = [str(_TESTS / "load"), str(_TESTS / "emulator")]
