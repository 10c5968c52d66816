# SPDX-License-Identifier: Apache-2.0
"""Who may connect to whom. A policy takes all objects and returns its findings as text."""

import ipaddress

PRIVATE = ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
           "fc00::/7", "fe80::/10"]
DNS = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
       "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}}


def selects(selector: dict, labels: dict) -> bool:
    """A podSelector without expressions."""
    assert set(selector) <= {"matchLabels"}, selector
    return selector.get("matchLabels", {}).items() <= labels.items()


def of_pod(objects, pod, direction):
    """The rules of all policies for a pod. direction: "ingress" or "egress"."""
    for one in objects.of("NetworkPolicy"):
        if (one["metadata"]["namespace"] == pod["namespace"]
                and direction.capitalize() in one["spec"]["policyTypes"]
                and selects(one["spec"]["podSelector"], pod["metadata"]["labels"])):
            yield from one["spec"].get(direction, [])


def default_deny(objects):
    for namespace in objects.of("Namespace"):
        name = namespace["metadata"]["name"]
        denied = set()
        for one in objects.of("NetworkPolicy"):
            spec = one["spec"]
            if one["metadata"]["namespace"] == name and spec["podSelector"] == {}:
                denied |= {kind for kind in spec["policyTypes"] if kind.lower() not in spec}
        if denied != {"Ingress", "Egress"}:
            yield f"namespace {name}: not closed by default in both directions"


def ingress(objects):
    """Each port of the server is open for those who need it, and nobody else."""
    opened = {}
    for rule in of_pod(objects, objects.server(), "ingress"):
        for port in rule.get("ports", [{"port": "every port"}]):
            opened.setdefault(port["port"], []).extend(rule.get("from", [{}]))
    for port in sorted(set(opened) - {"grpc", "admin"}):
        yield f"{port} is open"
    callers = opened.get("grpc", [])
    if not callers:
        yield "nobody may call"
    for source in callers:
        labels = source.get("podSelector", {}).get("matchLabels", {})
        if labels.get("identity-server-caller") != "true":
            yield "pods without the label of a caller may call"
        if source.get("namespaceSelector") == {}:
            yield "pods of every namespace may call"
    for source in opened.get("admin", []):
        if not source.get("namespaceSelector", {}).get("matchLabels") or not source.get("podSelector"):
            yield "others than Prometheus may read the metrics"


def callers_are_labeled(objects):
    """The site of the sandbox is a caller."""
    for pod in objects.pods():
        environment = {one["name"]: one.get("value", "")
                       for one in pod["spec"]["containers"][0].get("env", [])}
        address = environment.get("IDENTITY_SERVICE")
        if address and pod["metadata"]["labels"].get("identity-server-caller") != "true":
            yield f"{pod['name']}: calls the server, and its label does not let it"
        if address and not any("port" in port and port["port"] == "grpc"
                               for rule in of_pod(objects, pod, "egress")
                               for port in rule.get("ports", [])):
            yield f"{pod['name']}: calls the server, and may not connect to it"


def egress(objects):
    """DNS, and port 443 of public addresses."""
    for pod in objects.pods():
        rules = list(of_pod(objects, pod, "egress"))
        if not any(DNS in rule.get("to", []) for rule in rules):
            yield f"{pod['name']}: cannot look up names"
    reached = []
    for rule in of_pod(objects, objects.server(), "egress"):
        if not rule.get("to"):
            yield "the server may call anybody"
        blocks = [peer["ipBlock"] for peer in rule.get("to", []) if "ipBlock" in peer]
        if not blocks and rule.get("to") != [DNS]:
            yield "the server may call other pods"
        if blocks and [(port["protocol"], port["port"]) for port in rule.get("ports", [])] != [
                ("TCP", 443)]:
            yield "the server may use other ports than 443"
        reached += blocks
    if {block["cidr"] for block in reached} != {"0.0.0.0/0", "::/0"}:
        yield "operators cannot be reached"
    closed = [ipaddress.ip_network(one) for block in reached for one in block.get("except", [])]
    for private in map(ipaddress.ip_network, PRIVATE):
        if not any(private.version == one.version and private.subnet_of(one) for one in closed):
            yield f"the server may call {private}"
