# SPDX-License-Identifier: Apache-2.0
"""The images run as a pod with the restricted profile runs them."""

import urllib.request

import pytest

from tests.image.container import SECONDS, USER, memory_folder, read_only
from tests.image.images import VERSION
from tests.integration.admin_port import AdminPort

ADMIN = AdminPort("127.0.0.1:9090")
EMAIL = "user@example.com"


def start_server(run, configuration):
    container = run("uid2-identity-server", mounts=(
        read_only(configuration, "/etc/identity-server"), memory_folder("/run/identity-server")))
    assert container.await_line("identity_server listening on ") == "127.0.0.1:50051"
    container.await_line("admin port listening on ")
    return container


@pytest.fixture(name="server")
def fixture_server(run, configuration, emulator):
    assert emulator.process.poll() is None
    container = start_server(run, configuration)
    yield container
    container.stop()


def identityctl(run, *arguments, stdin=""):
    container = run("uid2-identityctl", list(arguments), stdin=stdin)
    output = container.output()
    assert container.process.returncode == 0, output + container.errors()
    return output


def test_process_1_has_no_privileges_and_fits_its_calls_into_the_open_files(server):
    status = server.status()
    assert status["NSpid"].split()[-1] == "1"
    assert status["Uid"].split() == [str(USER)] * 4 and status["Gid"].split() == [str(USER)] * 4
    for kind in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]:
        assert int(status[kind], 16) == 0, kind
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"
    server.await_error("max_calls_in_flight: lowered to 384: ")
    assert ADMIN.metrics().sum("max_calls_in_flight") == 384


def test_it_is_ready_issues_an_identity_and_ends_with_0_on_sigterm(server, run):
    assert ADMIN.request("/readyz").status == 200
    assert "ISSUED" in identityctl(run, "generate", stdin=EMAIL + "\n")
    assert server.stop() == 0
    assert '"stopped"' in server.errors()


def test_a_call_in_flight_is_answered_before_the_end(run, configuration):
    """The emulator of this test takes its time."""
    run("uid2-operator-emulator", ["--listen=127.0.0.1:8081", "--fault=delay,ms=1000"]).await_line(
        "operator emulator listening on ")
    path = configuration / "server.txtpb"
    sample = path.read_text()
    path.write_text(sample.replace("127.0.0.1:8080", "127.0.0.1:8081"))
    try:
        server = start_server(run, configuration)
    finally:
        path.write_text(sample)
    call = run("uid2-identityctl", ["generate"], stdin=EMAIL + "\n")
    ADMIN.await_metrics(lambda metrics: metrics.sum("calls_in_flight") == 1)
    assert server.stop() == 0
    assert "ISSUED" in call.output()


def test_it_trusts_the_authorities_in_the_image(run, configuration):
    sample = (configuration / "server.txtpb").read_text()
    path = configuration / "https.txtpb"
    path.write_text(sample.replace("http://127.0.0.1:8080", "https://operator.example.com"))
    container = run("uid2-identity-server",
                    ["--check_config", "--config=/etc/identity-server/https.txtpb"],
                    mounts=(read_only(configuration, "/etc/identity-server"),))
    assert container.output() == "/etc/identity-server/https.txtpb is good\n", container.errors()


@pytest.mark.parametrize("name", ["uid2-identity-server", "uid2-identityctl"])
def test_version_and_commit_are_in_the_program_as_in_the_label(run, image, name):
    revision = image(name).config["Labels"]["org.opencontainers.image.revision"]
    container = run(name, ["--version"])
    said = container.output()
    assert said.split()[1] == VERSION
    assert revision[:12] in said



def test_the_site_serves_its_page_and_ends_with_0_on_sigterm(run, server):
    assert server.process.poll() is None
    site = run("uid2-identity-web", environment={
        "SITE_LISTEN": "127.0.0.1:8082", "SITE_URL": "http://127.0.0.1:8082",
        "SITE_PASSWORD": "made up", "UID2_OPERATOR_URL": "http://127.0.0.1:8080"})
    site.await_line("site listening on ")
    for path, text in [("/", "<title>"), ("/scripts/prebid.js", "pbjs")]:
        with urllib.request.urlopen(f"http://127.0.0.1:8082{path}", timeout=SECONDS) as response:
            assert response.status == 200 and text in response.read().decode()
    assert site.stop() == 0


def test_a_site_that_is_not_configured_says_what_it_needs(run):
    site = run("uid2-identity-web")
    site.output()
    assert site.process.returncode == 2, site.errors()
    assert "SITE_URL: " in site.errors() and "SITE_PASSWORD: " in site.errors()
