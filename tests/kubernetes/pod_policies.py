# SPDX-License-Identifier: Apache-2.0
"""What each pod must be like. A policy takes all objects and returns its findings as text."""

import re

from tests.kubernetes.rendering import containers

# The volume types of the Pod Security Standards' restricted profile.
VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim",
           "projected", "secret"}
IMAGES = ("uid2-identity-server", "uid2-identityctl", "uid2-operator-emulator", "uid2-identity-web")


def _each_container(objects):
    for pod in objects.pods():
        for one in containers(pod):
            yield f"{pod['name']}/{one['name']}", pod, one


def restricted(objects):
    """The profile that the API server enforces for pods; for a Deployment it would only warn."""
    for namespace in objects.of("Namespace"):
        if namespace["metadata"]["labels"].get("pod-security.kubernetes.io/enforce") != "restricted":
            yield f"namespace {namespace['metadata']['name']}: does not enforce restricted"
    if not objects.of("Namespace"):
        yield "no namespace"
    for pod in objects.pods():
        spec = pod["spec"]
        for field in ["hostNetwork", "hostPID", "hostIPC"]:
            if spec.get(field):
                yield f"{pod['name']}: {field}"
        for one in spec.get("volumes", []):
            if not set(one) - {"name"} <= VOLUMES:
                yield f"{pod['name']}: volume {one['name']} has a type that is not allowed"
    for name, pod, one in _each_container(objects):
        context = {**pod["spec"].get("securityContext", {}), **one.get("securityContext", {})}
        if context.get("runAsNonRoot") is not True or not context.get("runAsUser"):
            yield f"{name}: may run as root"
        if context.get("seccompProfile") != {"type": "RuntimeDefault"}:
            yield f"{name}: no seccomp profile"
        if context.get("allowPrivilegeEscalation") is not False:
            yield f"{name}: may gain privileges"
        if context.get("capabilities") != {"drop": ["ALL"]}:
            yield f"{name}: has capabilities"
        if context.get("privileged"):
            yield f"{name}: is privileged"
        if any("hostPort" in port for port in one.get("ports", [])):
            yield f"{name}: has a host port"


def read_only(objects):
    for name, _, one in _each_container(objects):
        if one["securityContext"].get("readOnlyRootFilesystem") is not True:
            yield f"{name}: can write to its image's files"


def no_token(objects):
    for account in objects.of("ServiceAccount"):
        if account.get("automountServiceAccountToken") is not False:
            yield f"{account['metadata']['name']}: its token is mounted"
    for pod in objects.pods():
        if pod["spec"].get("automountServiceAccountToken") is not False:
            yield f"{pod['name']}: a token is mounted"


def no_sub_path(objects):
    """A file that is mounted by subPath never changes."""
    for name, _, one in _each_container(objects):
        for mount in one.get("volumeMounts", []):
            if "subPath" in mount or "subPathExpr" in mount:
                yield f"{name}: {mount['mountPath']} is mounted by subPath"


def mounts_not_nested(objects):
    """A mount inside a read-only mount needs a folder there, which not every runtime can make."""
    for name, _, one in _each_container(objects):
        paths = [mount["mountPath"].rstrip("/") + "/" for mount in one.get("volumeMounts", [])]
        for path in paths:
            if any(path != other and path.startswith(other) for other in paths):
                yield f"{name}: {path} is inside another mount"


def secrets_readable(objects):
    """By the server's group, and by nobody else."""
    for pod in objects.pods():
        for one in pod["spec"].get("volumes", []):
            if "secret" not in one:
                continue
            if one["secret"].get("defaultMode") != 0o440:
                yield f"{pod['name']}: {one['name']} does not have the mode 0440"
            if not pod["spec"]["securityContext"].get("fsGroup"):
                yield f"{pod['name']}: no fsGroup that may read {one['name']}"
            if "items" in one["secret"] or one["secret"].get("optional"):
                yield f"{pod['name']}: {one['name']} is not the whole secret"


def no_secret_in_environment(objects):
    """A variable never changes, and whoever can read /proc can read it."""
    for name, _, one in _each_container(objects):
        from_secret = any("secretRef" in source for source in one.get("envFrom", []))
        if from_secret or any("secretKeyRef" in variable.get("valueFrom", {})
                              for variable in one.get("env", [])):
            yield f"{name}: has a secret in its environment"


def resources(objects):
    for name, _, one in _each_container(objects):
        requests, limits = one["resources"]["requests"], one["resources"].get("limits", {})
        if not {"cpu", "memory", "ephemeral-storage"} <= set(requests):
            yield f"{name}: does not request what it needs"
        if not {"memory", "ephemeral-storage"} <= set(limits):
            yield f"{name}: has no limit on memory or storage"
        if "cpu" in limits:
            yield f"{name}: has a limit on CPU"
        if one["name"] == "identity-server" and requests["memory"] != limits.get("memory"):
            yield f"{name}: may need memory that it has not requested"


def probes(objects):
    for name, pod, one in _each_container(objects):
        ports = {port["name"] for port in one.get("ports", [])}
        for kind in ["startupProbe", "livenessProbe", "readinessProbe"]:
            probe = one.get(kind)
            # A sidecar that has started is ready.
            if not probe and (kind == "startupProbe" or one in pod["spec"]["containers"]):
                yield f"{name}: no {kind}"
            port = probe and next(iter(probe[how]["port"] for how in ["httpGet", "tcpSocket"]
                                       if how in probe), None)
            if probe and port not in ports:
                yield f"{name}: its {kind} names no port of the container"
        if one["name"] != "identity-server":
            continue
        for kind, path in [("startupProbe", "/livez"), ("livenessProbe", "/livez"),
                           ("readinessProbe", "/readyz")]:
            if one.get(kind, {}).get("httpGet") != {"path": path, "port": "admin"}:
                yield f"{name}: its {kind} is not {path} of the admin port"
        liveness = one.get("livenessProbe", {})
        if liveness.get("timeoutSeconds", 1) < 5:
            yield f"{name}: a busy replica would be restarted"


def images(objects, version):
    for name, _, one in _each_container(objects):
        image = re.fullmatch(r"(?:.+/)?([^/:@]+):([^:@]+)", one["image"])
        if not image or image[1] not in IMAGES:
            yield f"{name}: {one['image']} is none of this project's images with a tag"
        elif image[2] != version:
            yield f"{name}: {one['image']} is not of version {version}"
