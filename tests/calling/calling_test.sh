#!/bin/sh
# Runs the example programs and the lines of docs/calling.md; Bazel reads each case from the XML.
set -eu
exec /usr/bin/python3 -B -m pytest -q -p no:cacheprovider \
  --junitxml="${XML_OUTPUT_FILE:-/dev/null}" "$(dirname "$0")"
