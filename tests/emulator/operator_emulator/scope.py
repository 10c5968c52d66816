"""The two identity spaces an operator may serve."""

from enum import IntEnum


class Scope(IntEnum):
    """The numbers are those of the tokens' type byte."""

    UID2 = 0
    EUID = 1

    @property
    def documentation(self) -> str:
        """Where the operator's messages point to."""
        site = "https://unifiedid.com" if self is Scope.UID2 else "https://euid.eu"
        return f"{site}/docs/getting-started/gs-encryption-decryption"
