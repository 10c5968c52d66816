# SPDX-License-Identifier: Apache-2.0
"""What keeps enough replicas serving. A policy takes all objects and returns its findings."""

import re

# An operator of the cluster may scale down; a replica's calls must have moved before that.
CLIENTS_MOVE_WITHIN = 330
GRPC_RESOLVES_EVERY = 30


def _server(objects):
    return objects.one("Deployment", "identity-server")["spec"]


def rollout(objects):
    strategy = _server(objects)["strategy"]
    update = strategy.get("rollingUpdate", {})
    if strategy.get("type", "RollingUpdate") != "RollingUpdate" or update.get("maxUnavailable") != 0:
        yield "a rollout takes replicas away before others are ready"
    if not update.get("maxSurge"):
        yield "a rollout cannot begin"


def rollout_pace(objects):
    """Only for the autoscaled one: see minReadySeconds in the base."""
    if (objects.of("HorizontalPodAutoscaler")
            and _server(objects).get("minReadySeconds", 0) < GRPC_RESOLVES_EVERY):
        yield "clients do not find a new replica before the next old one leaves"


def disruption_budget(objects):
    budget = objects.one("PodDisruptionBudget", "identity-server")["spec"]
    if budget.get("maxUnavailable") != 1 or "minAvailable" in budget:
        yield "a drained node may take more than one replica at a time, or none"
    if budget.get("unhealthyPodEvictionPolicy") != "AlwaysAllow":
        yield "a replica that is not ready keeps its node from being drained"


def spread(objects):
    pod = _server(objects)["template"]
    constraints = {one["topologyKey"]: one
                   for one in pod["spec"].get("topologySpreadConstraints", [])}
    for key in ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]:
        one = constraints.get(key)
        if not one:
            yield f"not spread over {key}"
            continue
        labels = one["labelSelector"]["matchLabels"]
        if one["maxSkew"] != 1 or not labels.items() <= pod["metadata"]["labels"].items():
            yield f"not spread evenly over {key}"
        if one["whenUnsatisfiable"] != "ScheduleAnyway":
            yield f"the loss of a {key} keeps replacements from being scheduled"
        if one.get("matchLabelKeys") != ["pod-template-hash"]:
            yield f"a rollout leaves revisions unevenly spread over {key}"


def replicas(objects):
    """Either the autoscaler or the manifest says how many there are."""
    scalers = objects.of("HorizontalPodAutoscaler")
    stated = _server(objects).get("replicas")
    if scalers and stated is not None:
        yield "applying the manifests undoes what the autoscaler has set"
    if not scalers and (stated or 1) < 2:
        yield "a single replica"


def autoscaling(objects):
    for scaler in objects.of("HorizontalPodAutoscaler"):
        spec, name = scaler["spec"], scaler["metadata"]["name"]
        target = spec["scaleTargetRef"]
        if (target["kind"], target["name"]) != ("Deployment", "identity-server"):
            yield f"{name}: scales something else"
        if spec.get("minReplicas", 1) < 3 or spec["maxReplicas"] <= spec["minReplicas"]:
            yield f"{name}: too few replicas for three zones"
        [metric] = spec["metrics"]
        resource = metric.get("resource", {})
        if resource.get("name") != "cpu" or resource["target"].get("averageUtilization", 100) > 60:
            yield f"{name}: does not add replicas well before their CPU is used up"
        down = spec["behavior"]["scaleDown"]
        if down.get("stabilizationWindowSeconds", 300) <= CLIENTS_MOVE_WITHIN:
            yield f"{name}: removes replicas before clients have found those that were added"
        if any(policy["type"] == "Percent" and policy["value"] > 10
               for policy in down.get("policies", [{"type": "Percent", "value": 100}])):
            yield f"{name}: removes many replicas at once"


def is_cpu(quantity, least):
    """Whether a quantity of CPU such as 250m or 1 is at least this many millicores."""
    number, milli = re.fullmatch(r"(\d+)(m?)", str(quantity)).groups()
    return int(number) * (1 if milli else 1000) >= least


def cpu_request(objects):
    """Half a core or more where there is real load (docs/known-limits.md)."""
    [one] = [one for one in _server(objects)["template"]["spec"]["containers"]
             if one["name"] == "identity-server"]
    if (objects.of("HorizontalPodAutoscaler")
            and not is_cpu(one["resources"]["requests"].get("cpu", "0"), 500)):
        yield "a replica with less than half a core collapses when an operator restarts"
