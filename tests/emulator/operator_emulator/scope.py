# SPDX-License-Identifier: Apache-2.0
"""The two identity spaces an operator may serve."""

from enum import IntEnum


class Scope(IntEnum):
    """The values used in the type byte of tokens."""

    UID2 = 0
    EUID = 1

    @property
    def documentation(self) -> str:
        """The page that the operator's messages link to."""
        site = "https://unifiedid.com" if self is Scope.UID2 else "https://euid.eu"
        return f"{site}/docs/getting-started/gs-encryption-decryption"
