# SPDX-License-Identifier: Apache-2.0
"""compose.yaml: what it names exists, its containers are restricted, and their configurations are
accepted by the programs that read them."""

import re
import shutil
import subprocess

import pytest
from tests.compose.compose_file import CHECKOUT, FILE, binds, document, lay_out, ports, services
from tests.load.binaries import binary
from tests.monitoring.promtool import promtool

SERVICES = services()
BUILT = {name: service for name, service in SERVICES.items() if "build" in service}
DOCKERFILE = CHECKOUT / "deploy/docker/Dockerfile"


def server(*arguments) -> subprocess.CompletedProcess:
    return subprocess.run([binary("server/identity_server"), *arguments], capture_output=True,
                          text=True, timeout=30, check=False, env={})


@pytest.fixture(name="config")
def fixture_config(tmp_path):
    """The server's configuration, with its credentials where the container has them."""
    return lay_out(SERVICES["identity-server"], tmp_path) / "etc/identity-server/server.txtpb"


@pytest.mark.parametrize("name", SERVICES)
def test_what_a_container_mounts_exists_and_is_read_only(name):
    for source, _, options in binds(SERVICES[name]):
        assert source.exists()
        assert options == ["ro"]


@pytest.mark.parametrize("name", BUILT)
def test_an_image_is_built_from_a_target_that_the_dockerfile_has(name):
    build = BUILT[name]["build"]
    assert (FILE.parent / build["context"]).resolve() == CHECKOUT
    assert CHECKOUT / build["dockerfile"] == DOCKERFILE
    targets = re.findall(r"^FROM \S+ AS (\S+)", DOCKERFILE.read_text(encoding="utf-8"),
                         re.MULTILINE)
    assert build["target"] in targets


@pytest.mark.parametrize("name", BUILT)
def test_an_image_has_the_version_of_the_server_and_is_never_pulled(name):
    version = re.match(r"identity_server (\S+)", server("--version").stdout)[1]
    assert re.fullmatch(r"uid2-[a-z-]+:" + re.escape(version), BUILT[name]["image"])
    assert BUILT[name]["build"]["args"] == {"VERSION": version}
    assert BUILT[name]["pull_policy"] == "build"


def test_an_image_of_others_has_a_version():
    for service in SERVICES.values():
        assert re.search(r":v?\d+\.\d+\.\d+$", service["image"]), service["image"]


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_may_do_nothing_but_its_work(name):
    service = SERVICES[name]
    user, _, group = service["user"].partition(":")
    assert int(user) > 0 and int(group) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"] and service["pids_limit"]
    assert not {"cap_add", "privileged", "devices", "pid", "ipc", "userns_mode"} & set(service)
    assert service.get("network_mode", "").partition(":")[0] in ("", "service")


def test_published_ports_are_on_loopback_and_have_one_number_each():
    published = [port for service in SERVICES.values() for port in ports(service)]
    assert published
    assert {address for address, _, _ in published} == {"127.0.0.1"}
    assert all(outside == inside for _, outside, inside in published)
    assert len({outside for _, outside, _ in published}) == len(published)


def test_what_others_wait_for_can_come():
    waits = [(awaited, how["condition"]) for service in SERVICES.values()
             if isinstance(service.get("depends_on"), dict)
             for awaited, how in service["depends_on"].items()]
    assert waits
    for awaited, condition in waits:
        if condition == "service_healthy":
            assert SERVICES[awaited]["healthcheck"]["test"][0] == "CMD"
        else:
            assert condition == "service_completed_successfully"
            assert SERVICES[awaited]["restart"] == "no"


def test_the_server_accepts_its_configuration(config):
    result = server("--check_config", f"--config={config}")
    assert (result.returncode, result.stderr) == (0, "")


def test_the_server_may_finish_its_drain_before_it_is_killed(config):
    printed = server("--print_config", f"--config={config}").stdout
    drain = re.search(r"^drain \{\n(.*?)^\}", printed, re.MULTILINE | re.DOTALL)[1]
    seconds = sum(int(number) for number in re.findall(r"\bseconds: (\d+)", drain))
    seconds += sum(int(number) for number in re.findall(r"\bnanos: (\d+)", drain)) / 1e9
    grace = re.fullmatch(r"(\d+)s", SERVICES["identity-server"]["stop_grace_period"])[1]
    # decision 0028: 2 s for what follows the drain.
    assert seconds > 0 and int(grace) > seconds + 2


def test_the_memory_limit_leaves_room_for_the_quota(config):
    printed = server("--print_config", f"--config={config}").stdout
    quota, calls = (int(re.search(rf"^{field}: (\d+)", printed, re.MULTILINE)[1])
                    for field in ("memory_quota_bytes", "max_calls_in_flight"))
    limit = re.fullmatch(r"(\d+)m", SERVICES["identity-server"]["mem_limit"])[1]
    # docs/operations.md, Capacity.
    assert int(limit) << 20 >= (64 << 20) + quota + calls * (40 << 10)


def test_prometheus_accepts_its_configuration_and_finds_the_rules(tmp_path):
    root = lay_out(SERVICES["prometheus"], tmp_path)
    result = promtool("check", "config", root / "etc/prometheus/prometheus.yaml")
    assert result.returncode == 0, result.stdout + result.stderr
    assert re.search(r"SUCCESS: \d+ rules found", result.stdout)


def test_docker_compose_accepts_the_file(tmp_path):
    if not shutil.which("docker-compose"):
        pytest.skip("docker-compose is missing: tools/setup --compose installs it")
    # Debian's version is older than this line of the Compose Specification.
    text = FILE.read_text(encoding="utf-8").replace(f"\nname: {document()['name']}\n", "\n")
    result = subprocess.run(
        ["docker-compose", "-f", "-", "--project-directory", str(FILE.parent), "config"],
        input=text, capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    for name in SERVICES.keys() - {"identityctl"}:
        assert f"\n  {name}:\n" in result.stdout
