# SPDX-License-Identifier: Apache-2.0
"""What docs/calling.md advises clients to do."""

import json
import re

from tests.load.binaries import ROOT


def service_config() -> dict:
    """The service config that makes a client lose no call when replicas restart."""
    text = (ROOT / "docs/calling.md").read_text(encoding="utf-8")
    [block] = re.findall(r"^```json\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return json.loads(block)


def retry_policy() -> dict:
    """That service config without its health checks and without balancing."""
    return {"methodConfig": service_config()["methodConfig"]}
