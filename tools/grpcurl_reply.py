#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Formats replies that grpcurl printed, and turns a generate reply into a refresh request.

Usage: grpcurl_reply.py show <REPLY           the reply, with the identity's `json` as an object
       grpcurl_reply.py outcome <REPLY        its outcome
       grpcurl_reply.py refresh <REPLY        a RefreshIdentity request for its identity, of the
                                              participant `publisher`
       grpcurl_reply.py force_refresh <REPLY  one that is sent to the operator in any case
"""

import json
import sys

# The sample configuration's.
PARTICIPANT = "publisher"
# Tokens stand in full in `json`; what only repeats them is cut to this.
_SHOWN_CHARACTERS = 24


def show(reply):
    """Returns the reply as human-readable text."""
    identity = reply.get("identity", {})
    for name, value in identity.items():
        if name != "json" and len(value) > 2 * _SHOWN_CHARACTERS:
            identity[name] = value[:_SHOWN_CHARACTERS] + "..."
    if "json" in identity:
        identity["json"] = json.loads(identity["json"])
    return json.dumps(reply, indent=2)


def outcome(reply):
    return reply["outcome"]


def refresh(reply, **more):
    request = {"participant": PARTICIPANT, "identity_json": reply["identity"]["json"], **more}
    return json.dumps(request)


def force_refresh(reply):
    return refresh(reply, force=True)


def main(arguments):
    commands = {command.__name__: command for command in (show, outcome, refresh, force_refresh)}
    if len(arguments) != 2 or arguments[1] not in commands:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        print(commands[arguments[1]](json.load(sys.stdin)))
    except (KeyError, ValueError) as error:
        print(f"unexpected reply: {error!r}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
