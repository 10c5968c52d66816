"""Makes the callers importable, as drill.py does."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).absolute().parents[1] / "load"))
