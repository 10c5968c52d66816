# SPDX-License-Identifier: Apache-2.0
"""What docs/deploying.md names exists, and its numbers are those of the manifests."""

import pathlib
import re
import subprocess

import pytest
from tests.docs.document import Document
from tests.load.binaries import binary

yaml = pytest.importorskip("yaml", reason="tools/setup --monitoring installs PyYAML")

# Through the link that stands for the document: the sources, not what the sandbox has of them.
PATH = (pathlib.Path(__file__).absolute().parents[2] / "docs/deploying.md").resolve()
ROOT = PATH.parents[1]
DOCUMENT = Document(PATH)
COMMANDS = DOCUMENT.commands()
# What the reader makes, by names that no manifest has.
MADE_BY_READERS = {"identity-server-client-ca", "identity-server-credentials-NAME"}
# Files, labels and fields of others.
OTHER_WORDS = {"api_key", "client_secret", "default_ulimits"}


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def manifests() -> str:
    files = sorted((ROOT / "deploy/kubernetes").rglob("*"))
    return "".join(file.read_text(encoding="utf-8") for file in files if file.is_file())


def objects(path: str) -> list:
    return [item for item in yaml.safe_load_all(read(path)) if item]


def production(field: str, unit: str = "seconds") -> int:
    """A number in the configuration of the production overlay."""
    text = read("deploy/kubernetes/overlays/production/server.txtpb")
    return int(re.search(rf"\b{field} {{ {unit}: (\d+) }}", text)[1])


def test_every_path_exists():
    named = re.findall(r"\b(?:deploy|docs|tests|tools)/[\w./-]*\w", DOCUMENT.text)
    assert len(set(named)) > 15
    missing = {path for path in named if not (ROOT / path).exists()}
    assert not missing


def test_every_component_overlay_and_example_can_be_applied():
    named = [words[words.index("-k") + 1] for words in COMMANDS if "-k" in words]
    named += [path.rstrip("`") for path in DOCUMENT.words if path.startswith("deploy/kubernetes/co")]
    assert len(named) >= 8
    for path in named:
        assert path == "OVERLAY" or (ROOT / path / "kustomization.yaml").is_file(), path


@pytest.mark.parametrize("program", ["identity_server", "identityctl"])
def test_every_flag_of_our_programs_exists(program):
    path = binary("server/identity_server" if program == "identity_server" else "client/identityctl")
    uses = [words[words.index(program):] for words in COMMANDS if program in words]
    if program == "identity_server":
        # The image's entry point.
        uses += [words for words in COMMANDS if words[:2] == ["docker", "run"]]
        uses = [[word for word in words if word.endswith("config") or "config=" in word]
                for words in uses]
    else:
        [pod] = [yaml.safe_load(block.text) for block in DOCUMENT.blocks if block.name == "pod"]
        uses += [["identityctl", *pod["spec"]["containers"][0]["args"]]]
        uses += [["identityctl", "health", word] for word in DOCUMENT.words
                 if word in ("--ca", "--cert", "--key", "--server_name")]
        uses += [["identityctl", "generate", "--email", "--participant"]]
    assert uses
    for words in uses:
        command = [word for word in words[1:2] if program == "identityctl"]
        said = subprocess.run([path, *command, "--help"], capture_output=True, text=True, timeout=30,
                              check=True).stdout
        for flag in re.findall(r"(?<!\S)--\w+", " ".join(words)):
            assert re.search(rf"{flag}\b", said), (words, flag)


def test_every_name_in_snake_case_is_a_field_or_a_metric():
    fields = set(re.findall(r"^ +(?:optional |repeated )?[\w.]+ (\w+) = \d+;",
                            read("proto/uid2/identity/config/v1/server_config.proto"), re.MULTILINE))
    metrics = set(re.findall(r"^\| `(\w+)`", read("deploy/monitoring/METRICS.md"), re.MULTILINE))
    named = {part for word in DOCUMENT.words if re.fullmatch(r"[a-z_.]+", word) and "_" in word
             for part in word.split(".")}
    assert named & fields and named & metrics
    assert not named - fields - metrics - OTHER_WORDS


def test_every_alert_and_reason_exists():
    alerts = set(re.findall(r"- alert: (\w+)", read("deploy/monitoring/rules.yaml")))
    assert set(re.findall(r"`(Identity[A-Z]\w+)`", DOCUMENT.text)) <= alerts
    known = read("proto/uid2/identity/v1/error_reason.proto") + read(
        "proto/uid2/identity/v1/identity_service.proto") + read(
        "proto/grpc/health/v1/health.proto")
    named = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b|`([A-Z]{5,})`", DOCUMENT.text)) - {""}
    assert {name for name in named if name not in known} <= {"OVERLAY"}


def test_every_object_is_in_a_manifest():
    named = set(re.findall(r"\bidentity-[A-Za-z-]*\w", DOCUMENT.text)) - MADE_BY_READERS
    known = manifests() + "".join(path.name for path in (ROOT / "deploy/systemd").iterdir())
    assert len(named) > 8
    assert {name for name in named if name not in known} == set()


def test_the_pod_that_calls_satisfies_the_policies():
    [pod] = [yaml.safe_load(block.text) for block in DOCUMENT.blocks if block.name == "pod"]
    [policy] = objects("deploy/kubernetes/overlays/production/callers.yaml")
    [source] = policy["spec"]["ingress"][0]["from"]
    assert pod["metadata"]["labels"].items() >= source["podSelector"]["matchLabels"].items()
    namespace = source["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
    assert pod["metadata"]["namespace"] == namespace
    [certificate] = objects("deploy/kubernetes/examples/web-tier/certificate.yaml")
    assert pod["spec"]["volumes"][0]["secret"]["secretName"] == certificate["spec"]["secretName"]
    [deployment] = objects("deploy/kubernetes/base/deployment.yaml")
    server = deployment["spec"]["template"]["spec"]
    assert pod["spec"]["securityContext"].items() <= server["securityContext"].items()
    assert (pod["spec"]["containers"][0]["securityContext"]
            == server["containers"][0]["securityContext"])


def test_the_numbers_are_those_of_the_manifests():
    [deployment] = objects("deploy/kubernetes/base/deployment.yaml")
    pod = deployment["spec"]["template"]["spec"]
    grace = pod["terminationGracePeriodSeconds"]
    assert f"`terminationGracePeriodSeconds`\n({grace} s)" in DOCUMENT.text
    delay, timeout = production("delay"), production("timeout")
    assert f"`drain.delay` ({delay} s)" in DOCUMENT.text
    assert delay + timeout + 2 < grace
    unit = read("deploy/systemd/identity-server.service")
    assert delay + timeout + 2 < int(re.search(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)[1])
    assert f"ready for {deployment['spec']['minReadySeconds']} seconds" in DOCUMENT.text
    resources = pod["containers"][0]["resources"]
    assert resources["requests"]["memory"] == resources["limits"]["memory"] == "512Mi"
    assert "512 MiB: twice `memory_quota_bytes`" in DOCUMENT.text
    assert "memory_quota_bytes: 268435456" in read(
        "deploy/kubernetes/overlays/production/server.txtpb")


def test_the_calls_that_fit_into_1024_open_files_are_computed_right():
    fit = (1024 - 256) // 2
    assert f"What {fit} calls in flight mean:" in DOCUMENT.text
    rows = re.findall(r"^\| ([\d.]+) (ms|s)\b.*?\| ([\d,]+)", DOCUMENT.text, re.MULTILINE)
    assert len(rows) == 4
    for time, unit, rate in rows:
        seconds = float(time) / (1000 if unit == "ms" else 1)
        assert int(rate.replace(",", "")) == round(fit / seconds)
