#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs the tests of one folder of client/node; Bazel reads each case from the XML file.
set -euo pipefail

folder="$1"
checkout="$(readlink -f client/node/package.json)"
checkout="${checkout%/client/node/package.json}"
# The one that Bazel has just built, whatever the configuration.
export IDENTITY_SERVER="$PWD/server/identity_server"
# tools/test names it, so that a result without Node.js is not kept once it is there.
node="${NODE_HOME-$checkout/.cache/node}/bin"
export PATH="$node:$PATH"
if [[ ! -x "$node/node" || ! -d "$checkout/client/node/node_modules" ]]; then
  echo "Node.js is not there: tools/setup --node fetches it."
  printf '<testsuites><testcase name="%s" classname="node"><skipped/></testcase></testsuites>' \
    "$folder" >"$XML_OUTPUT_FILE"
  exit 0
fi
cd "$checkout/client/node/$folder"
exec node --test --test-timeout=900000 --test-reporter=spec --test-reporter-destination=stdout \
  --test-reporter=junit --test-reporter-destination="$XML_OUTPUT_FILE" 'test/*_test.ts'
