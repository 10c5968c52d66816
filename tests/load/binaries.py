# SPDX-License-Identifier: Apache-2.0
"""Where Bazel puts the programs: in bazel-bin, or beside these files when Bazel runs a test."""

import os
from pathlib import Path

ROOT = Path(__file__).absolute().parents[2]


def binary(name: str) -> Path:
    """name: for example "server/identity_server"."""
    for path in (ROOT / "bazel-bin" / name, ROOT / name):
        if path.is_file():
            return path
    raise FileNotFoundError(f"{name} is not built")


def preload(library: str, **variables) -> dict:
    """The environment of a program with this library of tests/fakes."""
    # A program with that sanitizer would refuse to come second.
    asan = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
    return {"LD_PRELOAD": str(binary(f"tests/fakes/lib{library}.so")), "ASAN_OPTIONS": asan,
            **{name: str(value) for name, value in variables.items()}}


def is_sanitized() -> bool:
    """Whether the server is built with a sanitizer, which holds on to freed memory."""
    return _server_has("__asan_init") or _server_has("__tsan_init")


def has_ubsan() -> bool:
    """Whether the server is built with UndefinedBehaviorSanitizer, which opens a pipe to find out
    whether an object is one: without descriptors, it is none, and the server ends."""
    return _server_has("__ubsan_")


def _server_has(symbol: str) -> bool:
    return symbol.encode() in binary("server/identity_server").read_bytes()
