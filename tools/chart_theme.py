# SPDX-License-Identifier: Apache-2.0
"""How the charts in the documentation look: SVGs that fit light and dark pages."""

from pathlib import Path

import matplotlib

# A placeholder for the text's color, which depends on the reader's theme: see
# for_light_and_dark().
INK = "#010203"
# Each has a contrast of at least 3 against white and against near-black.
BLUE, ORANGE, GREEN, RED = "#2f81d0", "#d97706", "#2e9e6b", "#d1495b"
PURPLE, TEAL, GRAY, BROWN = "#8b6bd6", "#0e8fa3", "#7a7f87", "#a3693b"
COLORS = (BLUE, ORANGE, GREEN, RED, PURPLE, TEAL, GRAY, BROWN)
_STYLE = ("<style>svg{color:#1f2328}"
          "@media(prefers-color-scheme:dark){svg{color:#e6edf3}}</style>")


def apply():
    matplotlib.rcParams.update({
        "svg.fonttype": "none", "svg.hashsalt": "drill", "font.size": 9,
        "font.family": "sans-serif", "text.color": INK, "axes.labelcolor": INK,
        "axes.edgecolor": INK, "xtick.color": INK, "ytick.color": INK,
        "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False})


def for_light_and_dark(file: Path):
    """Replaces the placeholder in an SVG with the color that the style sheet sets for the reader's
    theme."""
    text = file.read_text().replace(INK, "currentColor")
    head, tag, rest = text.partition("<defs>")
    file.write_text(head + _STYLE + tag + rest)
