# SPDX-License-Identifier: Apache-2.0
"""Which transport the servers under test call operators with: LEAN or LIBCURL, from the environment
of the tests, or the server's default."""

import os

TRANSPORTS = ("LEAN", "LIBCURL")

_VARIABLE = "OPERATOR_TRANSPORT"

_CONNECTION = "operator_connection {"
# Configurations that choose a transport themselves, or that only libcurl can serve.
_CHOSEN = ("transport:", "proxy_url:", "HTTP_2")


def choose_transport(transport):
    """For the servers that are started from now on. None keeps what the environment says."""
    if transport:
        os.environ[_VARIABLE] = transport


def with_transport(config: str) -> str:
    """The configuration, with the transport of the environment. Lines keep their numbers."""
    transport = os.environ.get(_VARIABLE)
    if not transport or any(word in config for word in _CHOSEN):
        return config
    if _CONNECTION in config:
        return config.replace(_CONNECTION, f"{_CONNECTION} transport: {transport}", 1)
    return f"{config}\noperator_connection {{ transport: {transport} }}\n"
