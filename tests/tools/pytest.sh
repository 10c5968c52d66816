#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs the test files that are named, and leaves one entry a case for whoever counts.
set -euo pipefail

# Plugins of other packages would only slow the start.
export PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 PYTHONDONTWRITEBYTECODE=1
exec /usr/bin/python3 -m pytest -q -p no:cacheprovider --basetemp="$TEST_TMPDIR/pytest" \
  --junitxml="$XML_OUTPUT_FILE" "$@"
