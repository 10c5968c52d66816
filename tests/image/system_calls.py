# SPDX-License-Identifier: Apache-2.0
"""The system calls that container engines allow, in the form that runc takes."""

import json
import pathlib
import platform

PROFILE = pathlib.Path("/usr/share/containers/seccomp.json")
_ARCHITECTURES = {
    "x86_64": ("amd64", "SCMP_ARCH_X86_64"),
    "aarch64": ("arm64", "SCMP_ARCH_AARCH64"),
}


def _applies(rule, architecture):
    """Whether the rule is for a process without capabilities."""
    included, excluded = rule.get("includes") or {}, rule.get("excludes") or {}
    return (not included.get("caps") and architecture in included.get("arches", [architecture]) and
            architecture not in excluded.get("arches", []))


def restricted() -> dict:
    """The profile for a process without capabilities. An engine resolves its conditions itself."""
    profile = json.loads(PROFILE.read_text())
    go_name, architecture = _ARCHITECTURES[platform.machine()]
    [architectures] = [[known["architecture"], *known["subArchitectures"]]
                       for known in profile["archMap"] if known["architecture"] == architecture]
    fields = ["names", "action", "args", "errnoRet"]
    return {
        "defaultAction": profile["defaultAction"],
        "defaultErrnoRet": profile["defaultErrnoRet"],
        "architectures": architectures,
        "syscalls": [{field: rule[field] for field in fields if rule.get(field) is not None}
                     for rule in profile["syscalls"] if _applies(rule, go_name)],
    }
