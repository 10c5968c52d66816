# SPDX-License-Identifier: Apache-2.0
"""Sends every request of testdata/operator/operator_replies.json, which holds what the real
operator answered, and expects that answer."""

import json
import os
import time

import pytest

from tests.emulator import sealed_call
from tests.emulator import testdata
from tests.emulator.emulator_process import EmulatorProcess
from tests.emulator.operator_emulator import base64_text, envelope
from tests.emulator.operator_emulator.scope import Scope

_ROWS = testdata.load("operator/operator_replies.json")["replies"]

_SHORT_MS = {"identity": 400, "refresh_from": 200, "refresh": 600}
_SHORT_FLAGS = [f"--{name.replace('_', '-')}-ms={ms}" for name, ms in _SHORT_MS.items()]
# Instead of waiting for a token to expire, send it to an operator whose clock is ahead.
_LATER_MS = _SHORT_MS["refresh"] + 300
_LIFETIMES_MS = {"identity": 3_600_000, "refresh_from": 900_000, "refresh": 86_400_000}
_FIELDS = [
    "advertising_token",
    "refresh_token",
    "identity_expires",
    "refresh_expires",
    "refresh_from",
    "refresh_response_key",
]


@pytest.fixture(scope="module")
def emulators():
    with EmulatorProcess() as uid2, EmulatorProcess(scope=Scope.EUID) as euid:
        with EmulatorProcess(*_SHORT_FLAGS) as short:
            with EmulatorProcess(*_SHORT_FLAGS, f"--clock-offset-ms={_LATER_MS}") as later:
                yield {"uid2": uid2, "euid": euid, "short": short, "short, later": later}


@pytest.mark.parametrize("row", _ROWS, ids=[row["case"].replace(" ", "_") for row in _ROWS])
def test_answers_as_the_operator(emulators, row):
    send = row["send"]
    for _ in range(send.get("tries", 1)):
        request = _Request(emulators, send)
        if send.get("twice"):
            request.send()
        response, body = request.send()
        if response.status == row["http"]:
            break
    assert response.status == row["http"], body[:300]
    assert response.getheader("Content-Type") == row["content_type"]
    _check_headers(row, response)
    _check_body(row, send, request, body)


def _check_headers(row, response):
    for name in ("Date", "Server", "Keep-Alive", "Connection"):
        assert response.getheader(name) is None
    if row["send"]["method"] == "OPTIONS":
        assert response.getheader("vary") is None
        assert response.getheader("access-control-allow-origin") == "https://pub.example"
        assert response.getheader("access-control-allow-methods") == "GET,POST,OPTIONS"
        assert "Authorization" not in response.getheader("access-control-allow-headers")
    else:
        assert response.getheader("vary") == "origin"
        sent = dict(row["send"].get("headers", []))
        assert response.getheader("access-control-allow-origin") == sent.get("Origin")


def _check_body(row, send, request, body):
    if row["http"] == 200 and send["opens"]:
        expected = row["body"]
        if isinstance(expected, str):  # "<sealed success>", "<binary ...>"
            expected = {"body": "<identity>", "status": "success"}
        _check_fields(request, expected, request.open(body))
    elif isinstance(row["body"], dict):
        accepted = [row["body"]] + [
            {"message": message, "status": "client_error"} for message in send.get("or", [])
        ]
        assert body.decode() in map(_compact, accepted)
    else:
        assert body.decode() == row["body"]


def _check_fields(request, expected, text):
    fields = json.loads(text)
    assert text.decode() == _compact(fields)
    assert list(fields) == list(expected)
    assert fields["status"] == expected["status"]
    if expected.get("body") == "<identity>":
        _check_identity(request, fields["body"])


def _check_identity(request, identity):
    assert list(identity) == _FIELDS
    assert len(identity["advertising_token"]) == 218
    first_character = {"email": "A4", "phone": "B4"} if request.is_uid2 else {"email": "E4"}
    assert identity["advertising_token"][:2] in first_character[request.kind]
    assert len(identity["refresh_token"]) == 388
    assert len(base64_text.decode(identity["refresh_response_key"])) == envelope.KEY_LENGTH
    issued = identity["identity_expires"] - _LIFETIMES_MS["identity"]
    assert abs(issued - time.time() * 1000) < 20_000
    assert identity["refresh_from"] == issued + _LIFETIMES_MS["refresh_from"]
    assert identity["refresh_expires"] == issued + _LIFETIMES_MS["refresh"]


def _compact(value) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class _Request:
    """The request of one row. send() may be called repeatedly."""

    def __init__(self, emulators, send):
        self._emulators = emulators
        self._send = send
        self._to = emulators[send["to"]]
        self.is_uid2 = self._to.scope is Scope.UID2
        self.kind = "email"
        self._secret = None
        self._nonce = None
        self._response_key = None
        self._headers = [tuple(pair) for pair in send.get("headers", [])]
        self._body = self._build_body(send["body"])
        if send["auth"] is not None:
            self._headers.append(("Authorization", self._authorization(send["auth"])))
        if send["type"] is not None:
            self._headers.append(("Content-Type", send["type"]))

    def send(self):
        return self._to.request(
            self._send["method"], self._send["path"], self._headers, self._body
        )

    def open(self, body: bytes) -> bytes:
        """The JSON inside a sealed reply."""
        if self._send["type"] != "application/octet-stream":
            body = base64_text.decode(body.decode("ascii"))
        if self._send["opens"] == "response_key":
            return envelope.open_sealed(self._response_key, body)
        message = envelope.open_message(self._secret, body)
        assert message.nonce == self._nonce
        assert abs(message.time_ms - time.time() * 1000) < 20_000
        return message.json

    def _authorization(self, text: str) -> str:
        text = text.replace("{key}", self._to.caller().api_key)
        for name in ("mapper", "disabled"):
            if f"{{key:{name}}}" in text:
                text = text.replace(f"{{key:{name}}}", self._to.caller(name).api_key)
        assert "{" not in text, "a placeholder that this test does not know"
        return text

    def _build_body(self, body) -> bytes:
        for _ in range(1000):
            value = _with_steps(self._base_body(body), body.get("steps", []))
            if self._is_as_wanted(body):
                return value
        raise AssertionError("no base64 with the wanted characters came up")

    def _is_as_wanted(self, body) -> bool:
        if "has" in body and not all(c in self._envelope for c in body["has"]):
            return False
        return "pad" not in body or self._envelope.endswith("=" * body["pad"])

    def _base_body(self, body) -> bytes:
        if "text" in body:
            return body["text"].encode()
        if "hex" in body:
            return bytes.fromhex(body["hex"])
        if "fill" in body:
            character, count = body["fill"]
            return character.encode() * count
        if "token" in body:
            return self._token(body).encode()
        return self._seal(body).encode()

    def _seal(self, body) -> str:
        by = body.get("by", "publisher")
        secret = os.urandom(32) if by == "random" else self._to.caller(by).client_secret
        payload = body["seal"]
        if isinstance(payload, str):
            is_hex = payload.startswith("hex:")
            payload = bytes.fromhex(payload[4:]) if is_hex else payload.encode()
            self.kind = "phone" if b'"phone' in payload else "email"
        time_ms = body.get("time_ms")
        if "offset_ms" in body:
            time_ms = time.time_ns() // 1_000_000 + body["offset_ms"]
        call = sealed_call.seal(secret, payload, time_ms, body.get("version", envelope.VERSION))
        self._secret, self._nonce, self._envelope = call.secret, call.nonce, call.body
        return call.body

    def _token(self, body) -> str:
        identity = sealed_call.generate(self._emulators[body["of"]], body["token"])
        self._response_key = base64_text.decode(identity["refresh_response_key"])
        if "at" in body:
            field, after_ms = body["at"]
            assert identity[field] + after_ms <= time.time() * 1000 + _LATER_MS
            self._to = self._emulators["short, later"]
        return identity[body["part"]]


def _with_steps(value: bytes, steps) -> bytes:
    for name, *arguments in steps:
        value = _STEPS[name](value, *arguments)
    return value


def _on_bytes(change):
    def step(value, *arguments):
        data = bytearray(base64_text.decode(value.decode("ascii")))
        change(data, *arguments)
        return base64_text.encode(bytes(data)).encode()

    return step


def _flip(data, at, mask):
    data[at] ^= mask


def _set(data, at, hex_text):
    new = bytes.fromhex(hex_text)
    data[at : at + len(new)] = new


_STEPS = {
    "append": lambda value, text: value + text.encode(),
    "prepend": lambda value, text: text.encode() + value,
    "insert": lambda value, at, text: value[:at] + text.encode() + value[at:],
    "cut": lambda value, count: value[:-count],
    "unpad": lambda value: value.rstrip(b"="),
    "urlsafe": lambda value: value.translate(bytes.maketrans(b"+/", b"-_")),
    "json": lambda value, field: json.dumps({field: value.decode()}).encode(),
    "decode": lambda value: base64_text.decode(value.decode("ascii")),
    "encode": lambda value: base64_text.encode(value).encode(),
    "flip": _on_bytes(_flip),
    "set": _on_bytes(_set),
}
