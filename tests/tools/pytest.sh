#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs the test files or folders that are named. Leaves one XML entry for each case.
set -euo pipefail

# Plugins of other packages would only slow the start.
export PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 PYTHONDONTWRITEBYTECODE=1
exec /usr/bin/python3 -m pytest -q --basetemp="$TEST_TMPDIR/pytest" \
  --junitxml="$XML_OUTPUT_FILE" "$@"
