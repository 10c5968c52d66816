"""Calls a server through grpcurl, as a person would: what it sees is what reflection offers."""

import dataclasses
import json
import os
import shutil
import subprocess
import time

IDENTITY_SERVICE = "uid2.identity.v1.IdentityService"
# Far more than any call here takes.
SECONDS = 30


def path() -> str:
    """Where grpcurl is: the environment's GRPCURL, which tools/test sets, else the PATH's."""
    found = os.environ.get("GRPCURL") or shutil.which("grpcurl")
    if not found or not os.access(found, os.X_OK):
        raise RuntimeError("grpcurl is not there: run these tests with tools/test, which builds it "
                           "and says where it is, or set GRPCURL")
    return found


@dataclasses.dataclass(frozen=True)
class Reply:
    """What a call came to. `code` is the number of its gRPC status, 0 for OK."""

    code: int
    message: str
    details: list
    response: dict

    def detail(self, name: str) -> dict:
        """The google.rpc message of that name among the details."""
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
    def fields(self) -> list:
        """The fields that are at fault."""
        return [violation["field"] for violation in self.detail("BadRequest")["field_violations"]]

    @property
    def retry_delay(self):
        """Of the RetryInfo, in seconds; None: there is none."""
        found = [detail["retry_delay"] for detail in self.details
                 if detail["@type"] == "type.googleapis.com/google.rpc.RetryInfo"]
        assert len(found) <= 1, self
        return float(found[0].removesuffix("s")) if found else None

    @property
    def identity(self) -> dict:
        """The identity as the SDKs take it."""
        return json.loads(self.response["identity"]["json"])


class Pending:
    """A call that is under way."""

    def __init__(self, address: str, method: str, request: dict, seconds: float = SECONDS):
        """seconds: its deadline, which begins before grpcurl has asked what the method is."""
        self.process = subprocess.Popen(
            [path(), "-plaintext", "-max-time", str(seconds), "-format-error", "-d", "@", address,
             method],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.process.stdin.write(json.dumps(request))
        self.process.stdin.close()
        self.process.stdin = None  # communicate() would flush it

    def over(self) -> bool:
        return self.process.poll() is not None

    def kill(self):
        """The caller goes without a word."""
        self.process.kill()
        self.process.communicate()

    def reply(self) -> Reply:
        out, errors = self.process.communicate(timeout=2 * SECONDS)
        if self.process.returncode == 0:
            return Reply(0, "", [], json.loads(out))
        # A status is 64 and its number; anything less is grpcurl's own.
        assert self.process.returncode > 64, errors
        error = json.loads(errors)
        return Reply(error["code"], error["message"], error.get("details", []), {})


def call(address: str, method: str, request: dict) -> Reply:
    return Pending(address, method, request).reply()


def generate(address: str, **request) -> Reply:
    return call(address, f"{IDENTITY_SERVICE}/GenerateIdentity", request)


def refresh(address: str, **request) -> Reply:
    return call(address, f"{IDENTITY_SERVICE}/RefreshIdentity", request)


def health(address: str, service: str = "") -> Reply:
    return call(address, "grpc.health.v1.Health/Check", {"service": service})


def ask(address: str, *question: str) -> str:
    """What `grpcurl ADDRESS list ...` or `describe ...` prints."""
    asked = subprocess.run([path(), "-plaintext", "-max-time", str(SECONDS), address, *question],
                           capture_output=True, text=True, timeout=2 * SECONDS, check=False)
    assert asked.returncode == 0, asked.stderr
    return asked.stdout


def await_full(address: str, pending: list = (), begin=None):
    """Waits until the server has no room for another call: those that were begun are inside.
    begin() begins one of `pending` anew that came just when this call asked for room."""
    end = time.monotonic() + SECONDS
    while generate(address, email="nonsense").reason != "OVERLOADED":
        assert time.monotonic() < end, "there is still room"
        for i, call in enumerate(pending):
            if call.over():
                pending[i] = begin()
