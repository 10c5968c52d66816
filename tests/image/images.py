# SPDX-License-Identifier: Apache-2.0
"""The images that tools/image --test has built."""

import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).absolute().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

# pylint: disable=wrong-import-position
import image_builders
import product

VERSION = product.version()


class Image:
    """An image: its configuration, and `root`, a copy of its file system. close() removes that."""

    def __init__(self, name: str):
        self._buildah = image_builders.buildah(ROOT)
        reference = f"localhost/{name}:{VERSION}"
        inspected = json.loads(self._buildah.run("inspect", "--type=image", reference))
        self.config = inspected["OCIv1"]["config"]
        self._container = self._buildah.run("from", "--pull-never", reference)
        # runc wants no symbolic link in it.
        self.root = pathlib.Path(self._buildah.run("mount", self._container)).resolve()

    def close(self):
        self._buildah.run("rm", self._container)

    def files(self):
        """Everything in the file system but folders, as paths relative to its root."""
        return {str(path.relative_to(self.root)) for path in self.root.rglob("*")
                if path.is_symlink() or not path.is_dir()}
