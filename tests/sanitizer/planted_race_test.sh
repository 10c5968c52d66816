#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Checks that ThreadSanitizer, configured as for the other tests, reports a race in a gRPC handler,
# and does not report the same handler with a lock.
set -euo pipefail

fail() {
  printf '%s\n' "$*"
  exit 1
}

racy="$(tests/sanitizer/planted_race racy 2>&1)" && fail "the planted race was not found: $racy"
[[ "$racy" == *"WARNING: ThreadSanitizer: data race"*RefreshIdentity* ]] ||
  fail "something other than the planted race was reported: $racy"
locked="$(tests/sanitizer/planted_race locked 2>&1)" || fail "the lock was not recognized: $locked"
[[ "$locked" == "both calls were answered" ]] || fail "unexpected output: $locked"
