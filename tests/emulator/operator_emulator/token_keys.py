# SPDX-License-Identifier: Apache-2.0
"""The keys that tokens are sealed with."""

import hashlib
import hmac
from typing import Optional

MASTER_KEY_ID = 101
REFRESH_KEY_ID = 102
_DEFAULT_SITE_KEY_ID = 103
_FIRST_SITE_KEY_ID = 1000


class TokenKeys:
    """Derives every key from one secret, so that tokens outlive the process and can be opened by
    every emulator with that secret, as by all operators of one environment."""

    def __init__(self, secret: str, site_ids):
        self._secret = secret.encode()
        self._key_ids = {MASTER_KEY_ID, REFRESH_KEY_ID, _DEFAULT_SITE_KEY_ID}
        for site_id in site_ids:
            self.add_site(site_id)

    def add_site(self, site_id: int):
        """There is no way to remove a site, because its tokens are still about."""
        self._key_ids.add(_FIRST_SITE_KEY_ID + site_id)

    def site_key_id(self, site_id: int) -> int:
        """A site without a key of its own uses the default one, as with the operator."""
        key_id = _FIRST_SITE_KEY_ID + site_id
        return key_id if key_id in self._key_ids else _DEFAULT_SITE_KEY_ID

    def key(self, key_id: int) -> Optional[bytes]:
        """Returns None if this operator does not have that key id."""
        return self.derive(b"key %d" % key_id) if key_id in self._key_ids else None

    def derive(self, label: bytes) -> bytes:
        """Returns 32 bytes that depend only on the secret and the label."""
        return hmac.new(self._secret, label, hashlib.sha256).digest()
