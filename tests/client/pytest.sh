#!/bin/sh
# Runs the test file that is named against real binaries and the emulator; Bazel reads each case
# from the XML file.
set -eu
export PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 PYTHONDONTWRITEBYTECODE=1
exec /usr/bin/python3 -m pytest -q -p no:cacheprovider --basetemp="$TEST_TMPDIR/pytest" \
  --junitxml="${XML_OUTPUT_FILE:-/dev/null}" "$@"
