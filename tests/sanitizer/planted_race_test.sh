#!/bin/bash
# Under ThreadSanitizer, as the other tests run: a race in a gRPC handler is reported, and the same
# handler with a lock is not.
set -euo pipefail

fail() {
  printf '%s\n' "$*"
  exit 1
}

racy="$(tests/sanitizer/planted_race racy 2>&1)" && fail "the planted race was not found: $racy"
[[ "$racy" == *"WARNING: ThreadSanitizer: data race"*RefreshIdentity* ]] ||
  fail "something else than the planted race was reported: $racy"
locked="$(tests/sanitizer/planted_race locked 2>&1)" || fail "a lock was not seen: $locked"
[[ "$locked" == "both calls were answered" ]] || fail "unexpected output: $locked"
