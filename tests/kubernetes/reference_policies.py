# SPDX-License-Identifier: Apache-2.0
"""What an object names must exist. A policy takes all objects and returns its findings as text."""

import re

from tests.kubernetes.network_policies import selects
from tests.kubernetes.rendering import container, containers

# A hash that kustomize appends to the name of a generated object.
HASH = r"-[a-z0-9]{10}"
# In the production overlay, none of them is in the service's namespace.
CALLERS = {"matchLabels": {"identity-server-caller": "true"}}


def _selected(objects, namespace, labels):
    return [pod for pod in objects.pods()
            if pod["namespace"] == namespace and selects({"matchLabels": labels},
                                                         pod["metadata"]["labels"])]


def selectors(objects):
    """Each selects the pods that its label app.kubernetes.io/name says, and no others."""
    chosen = [(one, one["spec"]["selector"]) for one in objects.of("Service")]
    chosen += [(one, one["spec"]["selector"]["matchLabels"])
               for one in objects.of("Deployment", "PodDisruptionBudget", "PodMonitor")]
    chosen += [(one, one["spec"]["podSelector"]["matchLabels"])
               for one in objects.of("NetworkPolicy") if one["spec"]["podSelector"] not in ({}, CALLERS)]
    for one, wanted in chosen:
        found = [pod["name"] for pod in _selected(objects, one["metadata"]["namespace"], wanted)]
        if found != [one["metadata"]["labels"]["app.kubernetes.io/name"]]:
            yield f"{one['kind']} {one['metadata']['name']}: selects {found}"


def ports(objects):
    """By a name that the selected container has."""
    def named(one, port, labels):
        for pod in _selected(objects, one["metadata"]["namespace"], labels):
            if port not in {known["name"] for known in containers(pod)[-1]["ports"]}:
                yield f"{one['kind']} {one['metadata']['name']}: there is no port {port}"

    for one in objects.of("Service"):
        for port in one["spec"]["ports"]:
            yield from named(one, port["targetPort"], one["spec"]["selector"])
    for one in objects.of("PodMonitor"):
        for port in one["spec"]["podMetricsEndpoints"]:
            yield from named(one, port["port"], one["spec"]["selector"]["matchLabels"])
    for one in objects.of("NetworkPolicy"):
        for rule in one["spec"].get("ingress", []):
            for port in rule["ports"]:
                yield from named(one, port["port"], one["spec"]["podSelector"]["matchLabels"])


def volumes(objects, documented):
    """Each exists or is documented as to be created, is mounted, and each mount has one."""
    made = {(one["kind"], one["metadata"]["name"]) for one in objects}
    made |= {("Secret", one["spec"]["secretName"]) for one in objects.of("Certificate")}
    for pod in objects.pods():
        names = [one["name"] for one in pod["spec"].get("volumes", [])]
        mounted = {mount["name"] for one in containers(pod) for mount in one.get("volumeMounts", [])}
        for name in sorted(mounted ^ set(names)):
            yield f"{pod['name']}: the volume {name} is not defined, or not mounted"
        for one in pod["spec"].get("volumes", []):
            config_map = one.get("configMap", {}).get("name")
            if config_map and ("ConfigMap", config_map) not in made:
                yield f"{pod['name']}: there is no ConfigMap {config_map}"
            secret = one.get("secret", {}).get("secretName")
            if secret and ("Secret", secret) not in made and secret not in documented:
                yield f"{pod['name']}: nothing says who makes the secret {secret}"


def hashes(objects):
    """A changed configuration is a rollout; a changed secret is none."""
    pod = objects.server()
    for one in pod["spec"]["volumes"]:
        config_map = one.get("configMap", {}).get("name")
        if config_map and not re.fullmatch("identity-server" + HASH, config_map):
            yield f"a change of {config_map} is not rolled out"
        secret = one.get("secret", {}).get("secretName")
        if secret and re.search(HASH + "$", secret):
            yield f"a change of {secret} restarts replicas"
    for one in objects.of("ConfigMap", "Secret"):
        if one.get("immutable"):
            yield f"{one['metadata']['name']}: never changes"


def accounts(objects):
    names = {one["metadata"]["name"] for one in objects.of("ServiceAccount")}
    if objects.server()["spec"].get("serviceAccountName") not in names:
        yield "the server has no account of its own"


def namespaces(objects):
    """Everything of the service is in its namespace."""
    names = {one["metadata"]["name"] for one in objects.of("Namespace")}
    for one in objects:
        if one["kind"] != "Namespace" and one["metadata"].get("namespace") not in names:
            yield f"{one['kind']} {one['metadata']['name']}: in no namespace of these manifests"


def labels(objects):
    for one in objects:
        found = one["metadata"].get("labels", {})
        if found.get("app.kubernetes.io/part-of") != "uid2-identity-service":
            yield f"{one['kind']} {one['metadata']['name']}: not part of the service"


def monitoring(objects):
    """The rules and the dashboard know the job by one name, and the sidecar finds the dashboard."""
    for one in objects.of("PodMonitor"):
        label = one["spec"].get("jobLabel")
        if objects.server()["metadata"]["labels"].get(label) != "identity-server":
            yield "Prometheus gives the job another name than the rules have"
        [endpoint] = one["spec"]["podMetricsEndpoints"]
        if endpoint.get("path") != "/metrics" or endpoint.get("interval") not in ["15s", "30s"]:
            yield "metrics are not scraped, or less often than the rules need"
        dashboards = [found for found in objects.of("ConfigMap")
                      if found["metadata"].get("labels", {}).get("grafana_dashboard") == "1"]
        if len(dashboards) != 1:
            yield "no dashboard"


def configuration_argument(objects):
    """The server reads the file that is mounted."""
    server = container(objects.server(), "identity-server")
    [mount] = [one for one in server["volumeMounts"] if one["name"] == "config"]
    if server.get("args") != [f"--config={mount['mountPath']}/server.txtpb"]:
        yield "the server reads another file than the mounted configuration"
