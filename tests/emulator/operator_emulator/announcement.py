# SPDX-License-Identifier: Apache-2.0
"""What the emulator prints once it can be called: for people, for programs, and for a shell."""

import base64
import json
import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from . import next_steps
from .callers import GENERATOR, Caller
from .config import Config

OUTPUTS = ("text", "json", "env")


@dataclass(frozen=True)
class Announcement:
    config: Config
    urls: list
    control_url: Optional[str]
    ca_file: Optional[Path]  # with TLS

    def in_form(self, output: str, explain: bool) -> str:
        """output: one of OUTPUTS. explain: whether text also says what to try next."""
        if output == "json":
            return self._json()
        return self._env() if output == "env" else self._text(explain)

    def _text(self, explain: bool) -> str:
        lines = [f"operator emulator listening on {url}" for url in self.urls]
        if self.control_url is not None:
            lines.append(f"control on {self.control_url}")
        if self.ca_file is not None:
            lines.append(f"CA certificate in {self.ca_file}")
        if explain:
            lines.append(
                next_steps.text(
                    self.config.scope,
                    self._first_caller(),
                    self._env(),
                    self.urls[0],
                    self.control_url,
                    self.ca_file,
                ).rstrip("\n")
            )
        return "\n".join(lines) + "\n"

    def _json(self) -> str:
        fields = {
            "urls": self.urls,
            "control_url": self.control_url,
            "ca_file": self._ca_path(),
            "scope": self.config.scope.name,
            "pid": os.getpid(),
            "keys": [_described(caller) for caller in self.config.callers],
        }
        return json.dumps(fields) + "\n"

    def _env(self) -> str:
        """Commands for a shell. The first three names are those of the public UID2 samples."""
        caller = self._first_caller()
        variables = {
            "UID_SERVER_BASE_URL": self.urls[0],
            "UID_API_KEY": caller and caller.api_key,
            "UID_CLIENT_SECRET": caller and _secret(caller),
            "EMULATOR_CONTROL_URL": self.control_url,
            "EMULATOR_CA_FILE": self._ca_path(),
            "EMULATOR_PID": str(os.getpid()),
        }
        return "".join(
            f"export {name}={shlex.quote(value)}\n"
            for name, value in variables.items()
            if value is not None
        )

    def _first_caller(self) -> Optional[Caller]:
        """The first key that may generate."""
        callers = self.config.callers
        return next((c for c in callers if GENERATOR in c.roles and not c.disabled), None)

    def _ca_path(self) -> Optional[str]:
        return self.ca_file and str(self.ca_file.absolute())


def _described(caller: Caller) -> dict:
    return {
        "name": caller.name,
        "api_key": caller.api_key,
        "client_secret": _secret(caller),
        "site_id": caller.site_id,
        "roles": sorted(caller.roles),
        "disabled": caller.disabled,
    }


def _secret(caller: Caller) -> str:
    return base64.b64encode(caller.client_secret).decode()
