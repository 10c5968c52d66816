# SPDX-License-Identifier: Apache-2.0
"""The same service in other languages, and how it is built: tests/bench/peers."""

import os
import subprocess
import sys

from bench_measure import say
from bench_programs import ROOT, Program

SOURCES = ROOT / "tests/bench/peers"
BUILT = ROOT / ".cache/peers"
RUST = BUILT / "tonic/release/tonic_peer"
GO = BUILT / "grpc_go_peer"


def _peer(name, program, threads):
    return Program(f"{name}, {'one thread' if threads == 1 else f'{threads} threads'}", "", "server",
                   lambda place: [program, place.operator_url, place.credentials, threads],
                   whole=True, first_call=threads == 1, pair_with="service")


PEERS = [_peer("Rust", RUST, 1), _peer("Rust", RUST, 2), _peer("Go", GO, 1), _peer("Go", GO, 2)]


def build(programs):
    """Builds those peers that are among the programs, with Debian's compilers."""
    # Debian's compilers come first.
    environment = {**os.environ, "PATH": f"/usr/bin:{os.environ['PATH']}", "GOTOOLCHAIN": "local",
                   "CARGO_HOME": str(BUILT / "cargo"), "CARGO_TARGET_DIR": str(BUILT / "tonic"),
                   "GOFLAGS": "-modcacherw", "GOPATH": str(BUILT / "go"), "GOCACHE": str(BUILT / "go-build")}
    # It may belong to a Go other than Debian's.
    environment.pop("GOROOT", None)
    # Their own tools check them here, because tools/lint does not require their compilers.
    commands = {"Rust": ("tonic", [["cargo", "fmt", "--check"],
                                   ["cargo", "clippy", "--release", "--quiet", "--", "--deny=warnings"],
                                   ["cargo", "build", "--release", "--quiet"]]),
                "Go": ("grpc_go", [["./generate", BUILT / "go-plugins"], ["go", "vet", "."],
                                   ["go", "build", "-o", GO, "."]])}
    for language, (folder, steps) in commands.items():
        if not any(program in PEERS and program.name.startswith(language) for program in programs):
            continue
        say(f"building the peer in {language}; at first, this takes some minutes")
        try:
            for step in steps:
                subprocess.run(step, cwd=SOURCES / folder, env=environment, stdout=sys.stderr, check=True)
        except (FileNotFoundError, subprocess.CalledProcessError):
            sys.exit(f"the peer in {language} does not build: is its compiler installed (tools/setup --peers)?")
