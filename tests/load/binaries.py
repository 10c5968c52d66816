# SPDX-License-Identifier: Apache-2.0
"""Where Bazel puts the programs: in bazel-bin, or beside these files when Bazel runs a test."""

from pathlib import Path

ROOT = Path(__file__).absolute().parents[2]


def binary(name: str) -> Path:
    """name: for example "server/identity_server"."""
    for path in (ROOT / "bazel-bin" / name, ROOT / name):
        if path.is_file():
            return path
    raise FileNotFoundError(f"{name} is not built")


def is_sanitized() -> bool:
    """Whether the server is built with a sanitizer, which holds on to freed memory."""
    code = binary("server/identity_server").read_bytes()
    return b"__asan_init" in code or b"__tsan_init" in code
