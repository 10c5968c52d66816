# SPDX-License-Identifier: Apache-2.0
"""A folder with credentials, changed as kubelet changes a mounted secret."""

import os
import pathlib
import shutil


class MountedSecret:
    """Each file is a link into ..data, which is a link to a folder with one version of all files,
    and is replaced by a rename."""

    def __init__(self, folder: pathlib.Path, api_key: str, client_secret: str):
        self.folder = folder
        self._versions = 0
        folder.mkdir(parents=True)
        self.mount(api_key, client_secret)
        for name in ("api_key", "client_secret"):
            (folder / name).symlink_to(f"..data/{name}")

    def mount(self, api_key: str, client_secret: str):
        """Replaces both files at once."""
        self._versions += 1
        version = self.folder / f"..version_{self._versions}"
        version.mkdir()
        (version / "api_key").write_text(api_key)
        (version / "client_secret").write_text(client_secret)
        link = self.folder / "..data_tmp"
        link.symlink_to(version.name)
        os.rename(link, self.folder / "..data")
        if self._versions > 1:
            shutil.rmtree(self.folder / f"..version_{self._versions - 1}")
