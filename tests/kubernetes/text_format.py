# SPDX-License-Identifier: Apache-2.0
"""Reads protobuf's text format, as far as identity_server --print_config writes it."""

import json
import re

_TOKEN = re.compile(r'#[^\n]*|("(?:\\.|[^"\\])*")|([\w.+-]+)|([:{}])|\s+')


def parse(text: str) -> dict:
    """The values of each field, in order: text, numbers as text, and messages as dictionaries."""
    tokens = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        assert match, text[position:position + 40]
        tokens += [token for token in match.groups() if token]
        position = match.end()
    message = _message(iter(tokens))
    return message


def _message(tokens) -> dict:
    fields = {}
    for name in tokens:
        if name == "}":
            break
        token = next(tokens)
        if token == ":":
            token = next(tokens)
        value = _message(tokens) if token == "{" else (
            json.loads(token) if token.startswith('"') else token)
        fields.setdefault(name, []).append(value)
    return fields


def seconds(message: dict) -> float:
    """Of a google.protobuf.Duration."""
    return int(message.get("seconds", ["0"])[0]) + int(message.get("nanos", ["0"])[0]) / 1e9
