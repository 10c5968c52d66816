# SPDX-License-Identifier: Apache-2.0
"""What the server's container finds below its mount paths, in a folder of the tests."""

import base64
import pathlib
import shutil

from tests.integration.client_authority import ClientAuthority, dns, uris
from tests.integration.configurations import GOOD_SECRET
from tests.integration.grpcurl import Endpoint
from tests.integration.server_process import run
from tests.kubernetes import text_format
from tests.kubernetes.rendering import Objects, container, volume

# What some container runtimes allow, and no pod can change.
OPEN_FILES = 1024
# What clients call.
HEADLESS = "identity-server-headless.identity.svc.cluster.local"
# Of the environment that the production overlay calls.
API_KEY = "UID2-C-I-999-abcdef.ghi"


class MountedConfiguration:
    """Mounts what the manifests mount and nothing else, so that a file that the configuration names
    and no volume has is missing. Secrets that the manifests do not have get throwaway content.

    text: the configuration, with its paths in this folder. authority: of the certificates."""

    def __init__(self, objects: Objects, folder: pathlib.Path):
        pod = objects.server()
        self.folder = folder
        (folder / "authority").mkdir()
        self.authority = ClientAuthority(folder / "authority")
        self.text = objects.configuration()
        for mount in container(pod, "identity-server")["volumeMounts"]:
            path = folder / mount["mountPath"].strip("/")
            path.mkdir(parents=True)
            self._fill(path, volume(pod, mount["name"]), objects)
            # As a whole word: a path that is mounted nowhere stays what it is.
            self.text = self.text.replace(f'"{mount["mountPath"]}/', f'"{path}/').replace(
                f'"{mount["mountPath"]}"', f'"{path}"')

    def _fill(self, path: pathlib.Path, mounted: dict, objects: Objects):
        if "secret" not in mounted:
            return
        name = mounted["secret"]["secretName"]
        data = {one["metadata"]["name"]: one["data"] for one in objects.of("Secret")}.get(name)
        if data:
            for file, content in data.items():
                (path / file).write_bytes(base64.b64decode(content))
        elif "credentials" in name:
            (path / "api_key").write_text(API_KEY)
            (path / "client_secret").write_text(GOOD_SECRET)
        else:
            names = next((one["spec"]["dnsNames"] for one in objects.of("Certificate")
                          if one["spec"]["secretName"] == name), [])
            own = self.authority.issue(dns(*names))
            shutil.copy(own.file, path / "tls.crt")
            shutil.copy(own.key, path / "tls.key")
            shutil.copy(self.authority.file, path / "ca.crt")

    def effective(self) -> dict:
        """What the real server says about the configuration, as its fields. Fails if it finds a
        problem, or anything to remark but the limit of open files."""
        path = self.folder / "server.txtpb"
        path.write_text(self.text)
        result = run("--print_config", f"--config={path}", open_files=OPEN_FILES)
        remarks = [line for line in result.stderr.splitlines()
                   if "max_calls_in_flight: lowered to 384" not in line]
        assert (result.returncode, remarks) == (0, []), result.stderr
        return text_format.parse(result.stdout)

    def client(self, server, uri: str) -> Endpoint:
        """The server, called by its name in the cluster with a certificate for this URI."""
        endpoint = self.authority.client(server, *uris(uri))
        return Endpoint(server.address, *endpoint.flags, "-authority", HEADLESS)
