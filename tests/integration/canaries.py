# SPDX-License-Identifier: Apache-2.0
"""Values that must appear nowhere, and the calls that plant them."""

import base64
import contextlib
import hashlib
import json
import urllib.parse

from tests.integration import any_bytes, grpcurl
from tests.integration.grpcurl import GENERATE, REFRESH

EMAIL = "planted.person@example.com"
PHONE = "+15550123456789"
# The operator does not know this API key.
API_KEY = "UID2-C-L-777-plantd." + "Planted" * 5
# Not the one of the operator's key.
SECRET = b"Planted secret of thirty-two byt"
CONSENT = "CPhJRpMPhJRpMABAMBFRACBoALAAAEJAAIYgAKwAQAKgArABAAqAAA"
# Of the proxy, in the form of its file.
PROXY_CREDENTIALS = "planted-user:planted-password"
# In header fields of callers.
TOKEN = "planted-metadata-token"


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def forms(data: bytes) -> set:
    """The ways in which a program may write these bytes."""
    return {data.hex(), data.hex().upper(), base64_of(data),
            base64.urlsafe_b64encode(data).decode().rstrip("=")}


def hashes(text: str) -> list:
    """In base64 and in hexadecimal digits, as the API takes them."""
    digest = hashlib.sha256(text.encode()).digest()
    return [base64_of(digest), digest.hex()]


def of_user() -> set:
    """What must not appear of the user."""
    found = {CONSENT}
    for text in (EMAIL, PHONE):
        digest = hashlib.sha256(text.encode()).digest()
        found |= {text, urllib.parse.quote(text)} | forms(text.encode()) | forms(digest)
        # The hash of the hash, which an operator makes.
        found |= forms(hashlib.sha256(base64_of(digest).encode()).digest())
    return found


def of_credentials(api_key: str, client_secret: bytes) -> set:
    return {api_key} | forms(api_key.encode()) | forms(client_secret)


def of_proxy() -> set:
    user, password = PROXY_CREDENTIALS.split(":")
    return {user, password} | forms(PROXY_CREDENTIALS.encode())


def of_key(pem: bytes) -> set:
    """What must not appear of a private key: each line of its base64, and its bytes."""
    lines = pem.decode().split("-----")[2].split()
    return set(lines) | forms(base64.b64decode("".join(lines)))


def of_identity(identity: dict) -> set:
    return {value for value in identity.values() if isinstance(value, str)}


class Planting:
    """Makes calls, and keeps all replies."""

    def __init__(self, address: str, folder):
        """address: may be a grpcurl.Endpoint."""
        self.address = address
        self.replies = []
        self._any_bytes = any_bytes.flags(folder)

    def call(self, method, request, seconds=grpcurl.SECONDS, flags=()):
        pending = grpcurl.Pending(self.address, method, request, seconds, flags)
        self.replies.append(pending.reply())
        return self.replies[-1]

    def generate(self, **request):
        return self.call(GENERATE, request)

    def refresh(self, identity, **request):
        return self.call(REFRESH, {"identity_json": json.dumps(identity), **request})

    def refusals(self, identity: dict):
        """Once each reason that depends on the content of the request."""
        self.generate(participant="site", email=EMAIL, phone=PHONE)
        self.generate(participant="site", email=EMAIL.replace("@", "@ "))
        self.generate(participant="site", email=EMAIL.replace("@", " "))
        self.generate(participant="site", phone=PHONE[1:])
        self.generate(participant="site", email_hash=hashes(EMAIL)[0][:-2])
        self.generate(participant="site", phone_hash=EMAIL)
        self.generate(participant="site", email=EMAIL, tcf_consent_string=EMAIL)
        self.generate(participant=EMAIL, email=EMAIL)
        self.generate(email=EMAIL)
        self.refresh({**identity, "advertising_token": 1}, participant="site")
        self.refresh({"email": EMAIL}, participant="site")
        self.refresh(EMAIL, participant="site")

    def odd_requests(self):
        """What no client of ours sends: other bytes, an unknown method, header fields, a message
        that is too large."""
        text = base64_of(EMAIL.encode() + b"\xff")
        self.call(GENERATE, {"email": text}, flags=self._any_bytes)
        self.call(REFRESH, {"identity_json": text}, flags=self._any_bytes)
        self.call(grpcurl.IDENTITY_SERVICE + "/Unknown", {}, flags=self._any_bytes)
        self.call(GENERATE, {"email": EMAIL, "participant": EMAIL * 3000})
        for field in (f"authorization: Bearer {TOKEN}", f"cookie: {TOKEN}; email={EMAIL}",
                      # gRPC refuses it by itself, with the whole connection.
                      f"x-large: {EMAIL}{TOKEN * 1000}"):
            self.call(GENERATE, {"email": EMAIL, "participant": "site"}, flags=["-H", field])

    def other_services(self):
        """Health and reflection, asked for a user."""
        grpcurl.health(self.address)
        grpcurl.health(self.address, EMAIL)
        with contextlib.suppress(AssertionError):
            grpcurl.ask(self.address, "describe", EMAIL)

    def operator_failures(self, site, due, identity: dict):
        """Replies that repeat the request, and every way not to reply. `due` refreshes identities
        at once."""
        bodies = [EMAIL, json.dumps({"status": "client_error", "message": EMAIL}),
                  json.dumps({"status": "success", "body": identity})]
        faults = [{"kind": "reply", "code": code, "body": body}
                  for body in bodies for code in (200, 400, 500)]
        faults += [{"kind": "reply", "code": code, "body": EMAIL,
                    "headers": {"Location": f"http://127.0.0.1/{TOKEN}", "X-Echo": EMAIL}}
                   for code in (301, 401, 403, 429, 503)]
        faults += [{"kind": kind} for kind in
                   ("wrong_nonce", "wrong_key", "truncate", "garbage", "reset", "close", "not_http",
                    "endless")]
        faults += [{"kind": "clock", "offset_ms": 600_000}]
        for fault in faults:
            for operator in (site, due):
                operator.start_over()
                operator.add_fault(**fault)
            self.generate(participant="site", email=EMAIL, tcf_consent_string=CONSENT)
            self.refresh(identity, participant="due")
        for operator in (site, due):
            operator.start_over()
            operator.add_fault("delay", ms=5000)
        self.call(GENERATE, {"participant": "site", "email": EMAIL}, seconds=1)
        self.refresh(identity, participant="due")
        for operator in (site, due):
            operator.start_over()
