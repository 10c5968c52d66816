# SPDX-License-Identifier: Apache-2.0
"""What the server's configuration and the manifests must agree on. A policy takes all objects and
the fields in effect, and returns its findings as text."""

import re

from tests.kubernetes.rendering import container
from tests.kubernetes.text_format import seconds

MEBIBYTE = 1 << 20
# docs/operations.md, Capacity: the process itself, and each call in flight.
PROCESS_BYTES = 64 * MEBIBYTE
CALL_BYTES = 40 << 10
# The default, where the limit on open files has room for it.
MOST_CALLS = 2048
# The process ends at most this much after its drain.
END_SECONDS = 2


def _bytes(quantity: str) -> int:
    number, unit = re.fullmatch(r"(\d+)(Mi|Gi)", quantity).groups()
    return int(number) * (MEBIBYTE if unit == "Mi" else 1 << 30)


def termination(objects, config):
    """The kubelet kills nothing that still drains, and endpoints change before the port closes."""
    [drain] = config["drain"]
    delay, timeout = seconds(drain["delay"][0]), seconds(drain["timeout"][0])
    grace = objects.server()["spec"].get("terminationGracePeriodSeconds", 30)
    if delay + timeout + END_SECONDS >= grace:
        yield f"a drain may take {delay + timeout + END_SECONDS:g} s, and the pod ends after {grace} s"
    if delay < 5:
        yield "the port is closed before endpoints have changed"
    if timeout < seconds(config["max_call_time"][0]):
        yield "calls are cut that may still take longer"
    if "preStop" in container(objects.server(), "identity-server").get("lifecycle", {}):
        yield "a hook delays the drain, which waits by itself"


def memory(objects, config):
    limit = _bytes(container(objects.server(), "identity-server")["resources"]["limits"]["memory"])
    quota = int(config["memory_quota_bytes"][0])
    if quota > limit / 2:
        yield f"memory_quota_bytes is more than half of the limit of {limit}"
    needed = PROCESS_BYTES + quota + MOST_CALLS * CALL_BYTES
    if limit < needed:
        yield f"{MOST_CALLS} calls in flight may need {needed} bytes, and the limit is {limit}"


def calls_in_flight(objects, _):
    """A pod cannot raise the limit on open files, so that the server must fit the calls to it."""
    if re.search(r"^\s*max_calls_in_flight", objects.configuration(), re.MULTILINE):
        yield "max_calls_in_flight is set: where open files do not suffice, the server does not start"


def addresses(objects, config):
    ports = {port["name"]: port["containerPort"]
             for port in container(objects.server(), "identity-server")["ports"]}
    for field, name in [("listen_address", "grpc"), ("admin_address", "admin")]:
        if config.get(field) != [f"0.0.0.0:{ports[name]}"]:
            yield f"{field} is not the port {name} of every address"


def alerts(_, config):
    if "synthetic_probe" not in config:
        yield "no synthetic_probe: an outage without traffic is not noticed"


def callers(objects, config):
    """In clear only with the emulator; otherwise the certificates of cert-manager fit."""
    emulated = any("operator-emulator" in one["name"]
                   for one in objects.server()["spec"].get("initContainers", []))
    if "tls" not in config:
        if not emulated:
            yield "gRPC is not encrypted"
        return
    if "client_ca_file" not in config["tls"][0]:
        yield "callers are not authenticated"
    certificates = {one["metadata"]["name"]: one["spec"] for one in objects.of("Certificate")}
    clients = [name for one in certificates.values() if "client auth" in one.get("usages", [])
               for name in [*one.get("uris", []), *one.get("dnsNames", [])]]
    listed = [one["san"][0] for one in config.get("callers", [])]
    if "*" in listed:
        yield "everybody with a certificate may call"
    if not set(clients) & set(listed):
        yield f"callers lists {listed}, and the web tier's certificate has {clients}"


def certificates_fit(objects, _):
    """The server's names are those of the services; issuers exist; renewals come before alerts."""
    issuers = {one["metadata"]["name"] for one in objects.of("ClusterIssuer")}
    namespace = objects.server()["namespace"]
    for one in objects.of("Certificate"):
        name, spec = one["metadata"]["name"], one["spec"]
        if spec["issuerRef"]["name"] not in issuers:
            yield f"{name}: there is no issuer {spec['issuerRef']['name']}"
        duration, before = (int(spec[field].removesuffix("h"))
                            for field in ["duration", "renewBefore"])
        if not duration / 3 < before < duration:
            yield f"{name}: is renewed after the alert, which comes when a third is left"
        if not spec.get("isCA") and spec["privateKey"].get("rotationPolicy") != "Always":
            yield f"{name}: keeps its key when it is renewed"
        if "server auth" not in spec.get("usages", []):
            continue
        for service in objects.of("Service"):
            host = f"{service['metadata']['name']}.{namespace}.svc.cluster.local"
            if host not in spec["dnsNames"]:
                yield f"{name}: clients that call {host} refuse it"
