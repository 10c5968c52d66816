#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Starts emulator.py from a checkout, from Bazel's output folder, or from another target's runfiles.
set -eu
folder=$(dirname "$0")
if [ ! -f "$folder/emulator.py" ]; then
  folder=$(echo "$0".runfiles/*/tests/emulator)
fi
exec /usr/bin/python3 -B "$folder/emulator.py" "$@"
