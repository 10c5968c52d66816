# SPDX-License-Identifier: Apache-2.0
"""Images and containers for the tests of this folder, which tools/image --test runs."""

import contextlib
import shutil

import pytest

from tests.drill import network
from tests.image.container import Container
from tests.image.images import ROOT, Image

SAMPLE = ROOT / "deploy/local"


@pytest.fixture(scope="session", autouse=True)
def fixture_network():
    """A network with nothing but loopback, as the containers of a pod share one."""
    assert network.isolate(), "no network of its own: run this as root"


@pytest.fixture(scope="session", name="image")
def fixture_image():
    """Gives images by their name, with a file system that no container has used."""
    with contextlib.ExitStack() as stack:
        yield lambda name: stack.enter_context(contextlib.closing(Image(name)))


@pytest.fixture(scope="module", name="run")
def fixture_run(image):
    """Runs an image by its name, until the end of the module at the latest."""
    with contextlib.ExitStack() as stack:
        yield lambda name, *arguments, **more: stack.enter_context(
            contextlib.closing(Container(image(name), *arguments, **more)))


@pytest.fixture(scope="module", name="configuration")
def fixture_configuration(tmp_path_factory):
    """The folder that a pod mounts at /etc/identity-server: the sample, with an admin port."""
    folder = tmp_path_factory.mktemp("etc")
    shutil.copytree(SAMPLE / "credentials", folder / "credentials")
    sample = (SAMPLE / "server.txtpb").read_text()
    (folder / "server.txtpb").write_text(sample + 'admin_address: "127.0.0.1:9090"\n')
    folder.chmod(0o755)
    return folder


@pytest.fixture(scope="module", name="emulator")
def fixture_emulator(run):
    """The operator of the sample, from its image."""
    container = run("uid2-operator-emulator")
    container.await_line("operator emulator listening on ")
    return container
