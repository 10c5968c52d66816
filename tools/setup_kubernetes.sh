# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# The part of tools/setup that installs what tests/kubernetes uses, into .cache/kubernetes: programs
# that Go builds from its module proxy, definitions of custom resources that are files of Go modules,
# and, from PyPI, the schemas of Kubernetes itself. tools/setup sources this file after
# setup_registries.sh.

readonly KUBERNETES_FOLDER="$CACHE/kubernetes"
readonly KUBERNETES_PINS="$ROOT/tests/kubernetes/requirements.txt"
# The newest versions that Debian 12's Go 1.19 can build.
readonly KUBERNETES_PROGRAMS=(
  sigs.k8s.io/kustomize/kustomize/v5@v5.0.3
  github.com/zegl/kube-score/cmd/kube-score@v1.16.1
)
readonly CERT_MANAGER="github.com/cert-manager/cert-manager@v1.16.5"
readonly PROMETHEUS_OPERATOR="github.com/prometheus-operator/prometheus-operator@v0.79.2"
# module|file
readonly KUBERNETES_CRDS=(
  "$CERT_MANAGER|deploy/crds/crd-certificates.yaml"
  "$CERT_MANAGER|deploy/crds/crd-clusterissuers.yaml"
  "$PROMETHEUS_OPERATOR|example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml"
  "$PROMETHEUS_OPERATOR|example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml"
)
# Those of the schemas that tests use; each takes 4 MB.
readonly KUBERNETES_VERSIONS=(1.29 1.34)

kubernetes_contents() {
  printf '%s\n' "${KUBERNETES_PROGRAMS[@]}" "${KUBERNETES_CRDS[@]}" "${KUBERNETES_VERSIONS[@]}"
}

# What was built is written last.
has_kubernetes_modules() {
  [[ -f "$KUBERNETES_FOLDER/contents" ]] &&
    cmp -s <(kubernetes_contents) "$KUBERNETES_FOLDER/contents"
}

kubernetes_is_ready() {
  has_kubernetes_modules && is_filled "$KUBERNETES_PINS" "$KUBERNETES_FOLDER/python"
}

announce_kubernetes() {
  say "To build from the Go module proxy, into .cache/kubernetes: kustomize and kube-score, with"
  say "definitions of custom resources; and schemas of Kubernetes from PyPI"
  say "  This needs 500 MB for a minute; 70 MB remain."
}

go_for_kubernetes() {
  env -u GOROOT GOPATH="$KUBERNETES_FOLDER.new/go" GOCACHE="$KUBERNETES_FOLDER.new/go-build" \
    GOBIN="$KUBERNETES_FOLDER.new" GOFLAGS=-modcacherw GO111MODULE=on GOTOOLCHAIN=local \
    /usr/bin/go "$@"
}

# kubernetes_step LOG COMMAND...: runs it in the background.
kubernetes_step() {
  local log="$1"
  shift
  "$@" >"$log" 2>&1 &
  KUBERNETES_STEPS+=("$!")
}

install_kubernetes() {
  if ! has_kubernetes_modules; then build_kubernetes; fi
  if ! is_filled "$KUBERNETES_PINS" "$KUBERNETES_FOLDER/python"; then install_kubernetes_schemas; fi
}

# All modules at once, because much of the time is spent waiting for the proxy.
build_kubernetes() {
  local folder="$KUBERNETES_FOLDER.new" failed="" entry module step KUBERNETES_STEPS=()
  say "Building kustomize and kube-score ..."
  rm -rf "$folder"
  mkdir -p "$folder/crds" "$KUBERNETES_FOLDER"
  for module in "${KUBERNETES_PROGRAMS[@]}"; do
    kubernetes_step "$folder/${module##*/}.log" go_for_kubernetes install -ldflags "-s -w" "$module"
  done
  for module in "$CERT_MANAGER" "$PROMETHEUS_OPERATOR"; do
    kubernetes_step "$folder/${module##*/}.log" go_for_kubernetes mod download "$module"
  done
  for step in "${KUBERNETES_STEPS[@]}"; do wait "$step" || failed=yes; done
  if [[ -z "$failed" ]]; then
    for entry in "${KUBERNETES_CRDS[@]}"; do
      cp "$folder/go/pkg/mod/${entry%|*}/${entry#*|}" "$folder/crds" || failed=yes
    done
  fi
  if [[ -n "$failed" ]]; then
    tail -q -n 5 "$folder"/*.log >&2
    fail 1 "cannot build the programs for Kubernetes: check the network; the full output is in" \
      ".cache/kubernetes.new"
  fi
  rm -rf "$KUBERNETES_FOLDER"/{kustomize,kube-score,crds,contents}
  mv "$folder"/{kustomize,kube-score,crds} "$KUBERNETES_FOLDER"
  kubernetes_contents >"$KUBERNETES_FOLDER/contents"
  rm -rf "$folder"
}

install_kubernetes_schemas() {
  local python="$KUBERNETES_FOLDER/python" schemas version
  install_python_packages "$KUBERNETES_PINS" "$python"
  schemas="$python/kubernetes_validate/kubernetes-json-schema"
  for version in "${KUBERNETES_VERSIONS[@]}"; do
    mv "$schemas"/v"$version".*-local-strict "$python"
  done
  rm -rf "$schemas"
  mkdir "$schemas"
  mv "$python"/v*-local-strict "$schemas"
}
