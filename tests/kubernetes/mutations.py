# SPDX-License-Identifier: Apache-2.0
"""Changes that each break one policy of the production overlay."""

import dataclasses
import typing

from tests.kubernetes.rendering import volume

REMOVED = object()
SERVER = "Deployment/identity-server"
POD = "spec.template.spec."
CONTAINER = POD + "containers.0."
METRIC = "spec.metrics.0.resource.target.averageUtilization"


def find(objects, name: str) -> dict:
    kind, _, name = name.partition("/")
    return objects.one(kind, name)


def edit(objects, name: str, path: str, value):
    """Sets what is at `path` in an object. REMOVED removes it; a "+" at the end appends."""
    target = find(objects, name)
    *steps, last = path.replace("\\.", "\0").split(".")
    for step in steps:
        target = target[int(step) if isinstance(target, list) else step.replace("\0", ".")]
    last = last.replace("\0", ".")
    if last == "+":
        target.append(value)
    elif value is REMOVED:
        del target[int(last) if isinstance(target, list) else last]
    else:
        target[int(last) if isinstance(target, list) else last] = value


@dataclasses.dataclass(frozen=True)
class Mutation:
    """After `change`, the policy has a finding with this text."""

    policy: str
    finding: str
    change: typing.Callable

    def __str__(self):
        return f"{self.policy}: {self.finding}"


def _set(policy, finding, name, path, value):
    return Mutation(policy, finding, lambda objects: edit(objects, name, path, value))


def _server(policy, finding, path, value):
    return _set(policy, finding, SERVER, path, value)


def _config(policy, finding, *replacements):
    """replacements: pairs of a text of the configuration and what takes its place."""
    def change(objects):
        name = volume(objects.server(), "config")["configMap"]["name"]
        data = objects.one("ConfigMap", name)["data"]
        for old, new in replacements:
            assert old in data["server.txtpb"]
            data["server.txtpb"] = data["server.txtpb"].replace(old, new)
    return Mutation(policy, finding, change)


_PODS = [
    _set("restricted", "does not enforce", "Namespace/identity",
         "metadata.labels.pod-security\\.kubernetes\\.io/enforce", "baseline"),
    _server("restricted", "hostNetwork", POD + "hostNetwork", True),
    _server("restricted", "type that is not allowed", POD + "volumes.+",
            {"name": "host", "hostPath": {"path": "/"}}),
    _server("restricted", "as root", POD + "securityContext.runAsNonRoot", False),
    _server("restricted", "as root", POD + "securityContext.runAsUser", 0),
    _server("restricted", "seccomp", POD + "securityContext.seccompProfile", REMOVED),
    _server("restricted", "gain", CONTAINER + "securityContext.allowPrivilegeEscalation", REMOVED),
    _server("restricted", "capabilities", CONTAINER + "securityContext.capabilities.add",
            ["NET_BIND_SERVICE"]),
    _server("restricted", "privileged", CONTAINER + "securityContext.privileged", True),
    _server("restricted", "host port", CONTAINER + "ports.0.hostPort", 50051),
    _server("read_only", "can write", CONTAINER + "securityContext.readOnlyRootFilesystem", False),
    _server("no_token", "a token is mounted", POD + "automountServiceAccountToken", True),
    _set("no_token", "its token", "ServiceAccount/identity-server",
         "automountServiceAccountToken", REMOVED),
    _server("no_sub_path", "subPath", CONTAINER + "volumeMounts.0.subPath", "api_key"),
    _server("mounts_not_nested", "inside another", CONTAINER + "volumeMounts.0.mountPath",
            "/etc/identity-server/config/tls"),
    _server("secrets_readable", "mode 0440", POD + "volumes.0.secret.defaultMode", 0o444),
    _server("secrets_readable", "no fsGroup", POD + "securityContext.fsGroup", REMOVED),
    _server("secrets_readable", "not the whole", POD + "volumes.0.secret.optional", True),
    _server("no_secret_in_environment", "environment", CONTAINER + "env",
            [{"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "a", "key": "b"}}}]),
    _server("no_secret_in_environment", "environment", CONTAINER + "envFrom",
            [{"secretRef": {"name": "a"}}]),
    _server("resources", "request", CONTAINER + "resources.requests.cpu", REMOVED),
    _server("resources", "no limit", CONTAINER + "resources.limits.memory", REMOVED),
    _server("resources", "limit on CPU", CONTAINER + "resources.limits.cpu", "250m"),
    _server("resources", "not requested", CONTAINER + "resources.requests.memory", "64Mi"),
    _server("probes", "no livenessProbe", CONTAINER + "livenessProbe", REMOVED),
    _server("probes", "no port", CONTAINER + "livenessProbe.httpGet.port", "http"),
    _server("probes", "is not /readyz", CONTAINER + "readinessProbe.httpGet.path", "/livez"),
    _server("probes", "busy replica", CONTAINER + "livenessProbe.timeoutSeconds", REMOVED),
    _server("images", "with a tag", CONTAINER + "image", "uid2-identity-server"),
    _server("images", "not of version", CONTAINER + "image", "uid2-identity-server:latest"),
    _server("images", "none of", CONTAINER + "image", "identity:0.1.0"),
]

_AVAILABILITY = [
    _server("rollout", "before others", "spec.strategy.rollingUpdate.maxUnavailable", 1),
    _server("rollout", "before others", "spec.strategy", {"type": "Recreate"}),
    _server("rollout", "cannot begin", "spec.strategy.rollingUpdate.maxSurge", 0),
    _server("rollout_pace", "next old one", "spec.minReadySeconds", 5),
    _set("disruption_budget", "more than one", "PodDisruptionBudget/identity-server",
         "spec.maxUnavailable", 0),
    _set("disruption_budget", "not ready", "PodDisruptionBudget/identity-server",
         "spec.unhealthyPodEvictionPolicy", REMOVED),
    _server("spread", "not spread over topology.kubernetes.io/zone",
            POD + "topologySpreadConstraints.0", REMOVED),
    _server("spread", "not spread evenly", POD + "topologySpreadConstraints.1.maxSkew", 2),
    _server("spread", "being scheduled",
            POD + "topologySpreadConstraints.0.whenUnsatisfiable", "DoNotSchedule"),
    _server("spread", "a rollout leaves",
            POD + "topologySpreadConstraints.0.matchLabelKeys", REMOVED),
    _server("replicas", "undoes", "spec.replicas", 3),
    Mutation("replicas", "single", lambda objects: objects.remove(
        objects.one("HorizontalPodAutoscaler", "identity-server"))),
    *[_set("autoscaling", finding, "HorizontalPodAutoscaler/identity-server", path, value)
      for finding, path, value in [
          ("something else", "spec.scaleTargetRef.name", "identity-web"),
          ("too few", "spec.minReplicas", 1),
          ("well before", METRIC, 90),
          ("have found", "spec.behavior.scaleDown.stabilizationWindowSeconds", 60),
          ("at once", "spec.behavior.scaleDown.policies.0.value", 100)]],
    _server("cpu_request", "half a core", CONTAINER + "resources.requests.cpu", "100m"),
]

_CONFIGURATION = [
    _server("termination", "the pod ends after", POD + "terminationGracePeriodSeconds", 17),
    _config("termination", "the pod ends after",
            ("timeout { seconds: 10 }", "timeout { seconds: 60 }")),
    _config("termination", "before endpoints", ("delay { seconds: 5 }", "delay { seconds: 1 }")),
    _config("termination", "calls are cut", ("timeout { seconds: 10 }", "timeout { seconds: 3 }")),
    _server("termination", "hook", CONTAINER + "lifecycle",
            {"preStop": {"sleep": {"seconds": 5}}}),
    _config("memory", "more than half",
            ("memory_quota_bytes: 268435456", "memory_quota_bytes: 402653184")),
    _server("memory", "may need", CONTAINER + "resources.limits.memory", "256Mi"),
    _config("calls_in_flight", "does not start",
            ("synthetic_probe {}", "max_calls_in_flight: 100")),
    _config("addresses", "listen_address", ("0.0.0.0:50051", "127.0.0.1:50051")),
    _server("addresses", "admin_address", CONTAINER + "ports.1.containerPort", 9091),
    _config("alerts", "not noticed", ("synthetic_probe {}", "")),
    _config("callers", "everybody", ('"spiffe://example.com/web-tier"', '"*"')),
    _config("callers", "the web tier's certificate", ("example.com/web-tier", "example.com/other")),
    _config("callers", "not authenticated",
            ('client_ca_file: "/etc/identity-server/tls/ca.crt"', ""),
            ('callers { san: "spiffe://example.com/web-tier" }', "insecure: true")),
    _set("certificates_fit", "no issuer", "Certificate/identity-server", "spec.issuerRef.name", "ca"),
    _set("certificates_fit", "after the alert", "Certificate/identity-server", "spec.renewBefore",
         "240h"),
    _set("certificates_fit", "keeps its key", "Certificate/identity-client",
         "spec.privateKey.rotationPolicy", REMOVED),
    _set("certificates_fit", "refuse it", "Certificate/identity-server", "spec.dnsNames.0", REMOVED),
]

_NETWORK = [
    Mutation("default_deny", "not closed", lambda objects: objects.remove(
        objects.one("NetworkPolicy", "default-deny"))),
    _set("default_deny", "not closed", "NetworkPolicy/default-deny", "spec.policyTypes", ["Ingress"]),
    _set("ingress", "every port is open", "NetworkPolicy/identity-server-callers",
         "spec.ingress.0.ports", REMOVED),
    _set("ingress", "nobody", "NetworkPolicy/identity-server-callers", "spec.ingress", []),
    _set("ingress", "without the label", "NetworkPolicy/identity-server-callers",
         "spec.ingress.0.from.0.podSelector", REMOVED),
    _set("ingress", "every namespace", "NetworkPolicy/identity-server-callers",
         "spec.ingress.0.from.0.namespaceSelector", {}),
    _set("ingress", "others than Prometheus", "NetworkPolicy/identity-server-metrics",
         "spec.ingress.0.from.0.podSelector", REMOVED),
    _set("egress", "look up", "NetworkPolicy/identity-server-egress", "spec.egress.0", REMOVED),
    _set("egress", "anybody", "NetworkPolicy/identity-server-egress", "spec.egress.+", {}),
    _set("egress", "other pods", "NetworkPolicy/identity-server-egress", "spec.egress.+",
         {"to": [{"podSelector": {}}]}),
    _set("egress", "other ports", "NetworkPolicy/identity-server-egress", "spec.egress.1.ports",
         REMOVED),
    _set("egress", "be reached", "NetworkPolicy/identity-server-egress", "spec.egress.1", REMOVED),
    _set("egress", "may call 169.254.0.0/16", "NetworkPolicy/identity-server-egress",
         "spec.egress.1.to.0.ipBlock.except", ["10.0.0.0/8"]),
]


def _add_site(objects, **labels):
    """A caller as in the sandbox, without its policy that lets callers connect."""
    objects.append({
        "kind": "Deployment", "metadata": {"name": "site", "namespace": "identity"},
        "spec": {"template": {"metadata": {"labels": labels}, "spec": {"containers": [
            {"name": "site", "env": [{"name": "IDENTITY_SERVICE", "value": "address"}]}]}}}})


_NETWORK += [
    Mutation("callers_are_labeled", "does not let it", _add_site),
    Mutation("callers_are_labeled", "may not connect",
             lambda objects: _add_site(objects, **{"identity-server-caller": "true"})),
]

_REFERENCES = [
    _set("selectors", "Service identity-server", "Service/identity-server", "spec.selector",
         {"app": "identity"}),
    _set("selectors", "PodMonitor", "PodMonitor/identity-server", "spec.selector.matchLabels",
         {"app": "identity"}),
    _set("selectors", "NetworkPolicy identity-server-egress",
         "NetworkPolicy/identity-server-egress", "spec.podSelector.matchLabels", {"app": "x"}),
    _set("ports", "no port metrics", "PodMonitor/identity-server",
         "spec.podMetricsEndpoints.0.port", "metrics"),
    _server("ports", "no port grpc", CONTAINER + "ports.0.name", "rpc"),
    _server("volumes", "no ConfigMap", POD + "volumes.2.configMap.name", "identity-server"),
    _server("volumes", "who makes", POD + "volumes.0.secret.secretName", "unknown"),
    _server("volumes", "not mounted", CONTAINER + "volumeMounts.0", REMOVED),
    _server("hashes", "not rolled out", POD + "volumes.2.configMap.name", "identity-server"),
    _server("hashes", "restarts replicas", POD + "volumes.0.secret.secretName",
            "identity-server-tls-m6fh7d27t7"),
    _server("accounts", "no account", POD + "serviceAccountName", REMOVED),
    _set("namespaces", "no namespace", "Service/identity-server", "metadata.namespace", "default"),
    _set("labels", "not part of", "Service/identity-server", "metadata.labels", {}),
    _set("monitoring", "another name", "PodMonitor/identity-server", "spec.jobLabel", REMOVED),
    _set("monitoring", "less often", "PodMonitor/identity-server",
         "spec.podMetricsEndpoints.0.interval", "60s"),
    _set("monitoring", "no dashboard", "ConfigMap/identity-service-dashboard", "metadata.labels", {}),
    _server("configuration_argument", "another file", CONTAINER + "args", REMOVED),
]

MUTATIONS = _PODS + _AVAILABILITY + _CONFIGURATION + _NETWORK + _REFERENCES
