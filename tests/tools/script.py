# SPDX-License-Identifier: Apache-2.0
"""The commands of tools/ as Python modules, and where they lie."""

import importlib.machinery
import importlib.util
import pathlib
import sys

TOOLS = pathlib.Path(__file__).absolute().parents[2] / "tools"


def load(name):
    """The command tools/NAME as a module; its main is not run."""
    if str(TOOLS) not in sys.path:
        sys.path.insert(0, str(TOOLS))
    module_name = name.removesuffix(".py")
    loader = importlib.machinery.SourceFileLoader(module_name, str(TOOLS / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(module_name, loader))
    loader.exec_module(module)
    return module
