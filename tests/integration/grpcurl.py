# SPDX-License-Identifier: Apache-2.0
"""Calls a server with grpcurl, which knows the methods from the .proto files. A server that refuses
calls because it has too many answers no reflection either."""

import contextlib
import dataclasses
import enum
import json
import os
import re
import shutil
import subprocess
import time

from tests.load.binaries import ROOT

IDENTITY_SERVICE = "uid2.identity.v1.IdentityService"
GENERATE = IDENTITY_SERVICE + "/GenerateIdentity"
REFRESH = IDENTITY_SERVICE + "/RefreshIdentity"
EMAIL = "user@example.com"
PROTOS = ["-import-path", str(ROOT / "proto"), "-proto", "uid2/identity/v1/identity_service.proto",
           "-proto", "grpc/health/v1/health.proto", "-proto", "google/rpc/error_details.proto"]
# Far more than a call takes.
SECONDS = 30


class Code(enum.IntEnum):
    """The gRPC status codes that the service uses."""

    OK = 0
    INVALID_ARGUMENT = 3
    DEADLINE_EXCEEDED = 4
    PERMISSION_DENIED = 7
    RESOURCE_EXHAUSTED = 8
    FAILED_PRECONDITION = 9
    UNIMPLEMENTED = 12
    INTERNAL = 13
    UNAVAILABLE = 14


def path() -> str:
    """The path of grpcurl: $GRPCURL, which tools/test sets, or where tools/test builds it, or
    wherever it is on the PATH."""
    built = ROOT / ".cache/bin/grpcurl"
    found = os.environ.get("GRPCURL") or (built if built.exists() else shutil.which("grpcurl"))
    if not found or not os.access(found, os.X_OK):
        raise RuntimeError("grpcurl is missing: tools/test builds it; or set GRPCURL to its path")
    return str(found)


class Endpoint(str):
    """The address of a server that is called over TLS, for the functions that take an address.
    `flags` are grpcurl's."""

    def __new__(cls, address: str, *flags):
        self = super().__new__(cls, address)
        self.flags = flags
        return self


def _flags(address: str) -> tuple:
    return address.flags if isinstance(address, Endpoint) else ("-plaintext",)


@dataclasses.dataclass(frozen=True)
class Reply:
    """How a call ended. `code` is a Code."""

    code: int
    message: str
    details: list
    response: dict

    def detail(self, name: str) -> dict:
        """The detail that is a google.rpc message of this name."""
        found = [detail for detail in self.details
                 if detail["@type"] == "type.googleapis.com/google.rpc." + name]
        assert len(found) == 1, f"{name} in {self}"
        return found[0]

    @property
    def reason(self) -> str:
        info = self.detail("ErrorInfo")
        assert info["domain"] == "uid2.identity"
        return info["reason"]

    @property
    def outcome(self) -> str:
        """The response's outcome, or the error's reason."""
        return self.response["outcome"] if self.code == Code.OK else self.reason

    @property
    def fields(self) -> list:
        """The request fields that are wrong."""
        return [violation["field"] for violation in self.detail("BadRequest")["field_violations"]]

    @property
    def retry_delay(self):
        """The RetryInfo's, in seconds; None if there is none."""
        found = [detail["retry_delay"] for detail in self.details
                 if detail["@type"] == "type.googleapis.com/google.rpc.RetryInfo"]
        assert len(found) <= 1, self
        return float(found[0].removesuffix("s")) if found else None

    @property
    def identity(self) -> dict:
        """The identity in the form that SDKs accept."""
        return json.loads(self.response["identity"]["json"])


def _as_in_proto(value):
    """JSON with the fields' names as in the .proto files. grpcurl writes emailHash for email_hash."""
    if isinstance(value, list):
        return [_as_in_proto(item) for item in value]
    if isinstance(value, dict):
        return {re.sub("[A-Z]", lambda upper: "_" + upper[0].lower(), name): _as_in_proto(item)
                for name, item in value.items()}
    return value


class Pending:
    """A call in flight."""

    def __init__(self, address: str, method: str, request: dict, seconds: float = SECONDS,
                 flags: list = ()):
        """seconds: the deadline. flags: grpcurl's, instead of those that name the .proto files."""
        self.process = _start(address, method, "-max-time", str(seconds), *(flags or PROTOS))
        _send(self.process, request)

    def over(self) -> bool:
        return self.process.poll() is not None

    def kill(self):
        """The caller disappears without cancelling."""
        self.process.kill()
        self.process.communicate()

    def reply(self) -> Reply:
        reply, errors = _reply(self.process)
        assert reply, errors
        return reply


@contextlib.contextmanager
def connected(address: str, method: str):
    """Connects, and gives a function that makes one call over the connection. It returns None if
    grpcurl could not connect."""
    process = _start(address, method, *PROTOS)

    def make_call(request: dict):
        if process.poll() is None:
            _send(process, request)
        return _reply(process)[0]

    yield make_call
    process.kill()


def _start(address: str, method: str, *flags) -> subprocess.Popen:
    return subprocess.Popen(
        [path(), *_flags(address), "-format-error", "-d", "@", *flags, address, method],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _send(process: subprocess.Popen, request: dict):
    process.stdin.write(json.dumps(request))
    process.stdin.close()
    process.stdin = None  # communicate() would flush it


def _reply(process: subprocess.Popen) -> tuple:
    """The reply, or None and what grpcurl says if the fault is its own."""
    out, errors = process.communicate(timeout=2 * SECONDS)
    if process.returncode == 0:
        return Reply(0, "", [], _as_in_proto(json.loads(out))), ""
    # grpcurl exits with 64 plus the status code. Lower numbers are its own errors.
    if process.returncode <= 64:
        return None, errors
    error = _as_in_proto(json.loads(errors))
    return Reply(error["code"], error.get("message", ""), error.get("details", []), {}), ""


def call(address: str, method: str, request: dict) -> Reply:
    return Pending(address, method, request).reply()


def generate(address: str, **request) -> Reply:
    return call(address, GENERATE, request)


def refresh(address: str, **request) -> Reply:
    return call(address, REFRESH, request)


def issue(address: str) -> str:
    """The JSON of a new identity."""
    reply = generate(address, email=EMAIL)
    assert reply.outcome == "ISSUED", reply
    return reply.response["identity"]["json"]


def health(address: str, service: str = "") -> Reply:
    return call(address, "grpc.health.v1.Health/Check", {"service": service})


class Watch:
    """An open Health/Watch stream."""

    def __init__(self, process):
        self._lines = process.stdout

    def next(self):
        """Waits for the next status; None if the stream has ended."""
        response = ""
        while not response.endswith("}\n"):
            line = self._lines.readline()
            if not line:
                return None
            response += line
        return json.loads(response)["status"]


@contextlib.contextmanager
def watch_health(address: str):
    """Keeps a Health/Watch stream open, and gives it."""
    with subprocess.Popen([path(), *_flags(address), *PROTOS, "-d", "{}", address,
                           "grpc.health.v1.Health/Watch"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True) as process:
        yield Watch(process)
        process.kill()


def ask(address: str, *question: str) -> str:
    """The output of `grpcurl ADDRESS list ...` or `describe ...`."""
    asked = _ask(address, *question)
    assert asked.returncode == 0, asked.stderr
    return asked.stdout


def ask_in_vain(address: str, *question: str) -> str:
    """Why grpcurl cannot answer."""
    asked = _ask(address, *question)
    assert asked.returncode != 0, asked.stdout
    return asked.stderr


def _ask(address: str, *question: str) -> subprocess.CompletedProcess:
    return subprocess.run([path(), *_flags(address), "-max-time", str(SECONDS), address, *question],
                          capture_output=True, text=True, timeout=2 * SECONDS, check=False)


def await_room(address: str):
    """Waits until the server has room for another call."""
    end = time.monotonic() + SECONDS
    while generate(address, email="nonsense").reason == "OVERLOADED":
        assert time.monotonic() < end, "there is still no room"


def await_full(address: str, pending: list = (), begin=None):
    """Waits until the server refuses another call, so that all those begun are in flight. If a
    probe took the room of one of `pending`, begin() repeats that call."""
    end = time.monotonic() + SECONDS
    while generate(address, email="nonsense").reason != "OVERLOADED":
        assert time.monotonic() < end, "there is still room"
        for i, call in enumerate(pending):
            if call.over():
                pending[i] = begin()
