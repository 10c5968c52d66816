# SPDX-License-Identifier: Apache-2.0
"""Calls an operator through the public Python SDK, one JSON object a line in, one out."""

import json
import sys

from uid2_client import IdentityTokens, TokenGenerateInput, Uid2PublisherClient

_INPUTS = {
    "email": TokenGenerateInput.from_email,
    "phone": TokenGenerateInput.from_phone,
    "email_hash": TokenGenerateInput.from_hashed_email,
    "phone_hash": TokenGenerateInput.from_hashed_phone,
}


def _respond(request: dict) -> dict:
    client = Uid2PublisherClient(request["url"], request["api_key"], request["client_secret"])
    if "identity" in request:
        response = client.refresh_token(IdentityTokens.from_json_string(request["identity"]))
    else:
        user = _INPUTS[request["kind"]](request["value"])
        if "consent" in request:
            user = user.with_transparency_and_consent_string(request["consent"])
        response = client.generate_token(user)
    if response.is_optout():
        return {"outcome": "optout"}
    identity = IdentityTokens.from_json_string(response.get_identity_json_string())
    return {
        "outcome": response.status,
        "identity": identity.get_json_string(),
        "refreshable": identity.is_refreshable(),
        "due": identity.is_due_for_refresh(),
    }


def main():
    for line in sys.stdin:
        try:
            reply = _respond(json.loads(line))
        except Exception as error:  # Whatever the SDK throws is what is asked for.
            reply = {"outcome": "error", "error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


main()
