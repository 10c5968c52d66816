#!/bin/sh
# Runs both SDKs against emulators; Bazel reads each case from the XML file.
set -eu
exec /usr/bin/python3 -B -m pytest -q -p no:cacheprovider \
  --junitxml="${XML_OUTPUT_FILE:-/dev/null}" "$(dirname "$0")"
