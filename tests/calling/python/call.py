# SPDX-License-Identifier: Apache-2.0
import sys
from pathlib import Path

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status
from uid2.identity.v1 import identity_service_pb2 as api
from uid2.identity.v1 import identity_service_pb2_grpc

DEADLINE_SECONDS = 1


def mutual_tls(ca, certificate, key):
    """The authority of the server's certificate, and this client's certificate and key: PEM files,
    which are read once."""
    content = [Path(path).read_bytes() for path in (ca, key, certificate)]
    return grpc.ssl_channel_credentials(*content)


def main(address, email, *files):
    if files:
        channel = grpc.secure_channel(address, mutual_tls(*files))
    else:
        channel = grpc.insecure_channel(address)
    with channel:  # A web tier shares one.
        service = identity_service_pb2_grpc.IdentityServiceStub(channel)
        try:
            generated = service.GenerateIdentity(
                api.GenerateIdentityRequest(email=email), timeout=DEADLINE_SECONDS
            )
            if generated.outcome != api.GenerateIdentityResponse.ISSUED:
                print(api.GenerateIdentityResponse.Outcome.Name(generated.outcome))
                return 0
            print(generated.identity.json)

            refreshed = service.RefreshIdentity(
                api.RefreshIdentityRequest(identity_json=generated.identity.json),
                timeout=DEADLINE_SECONDS,
            )
            print(api.RefreshIdentityResponse.Outcome.Name(refreshed.outcome))
            return 0
        except grpc.RpcError as error:
            print(error.code().name, *reasons(error), file=sys.stderr)
            return 1


def reasons(error):
    """The reason, the fields at fault and the milliseconds to wait, if the error has them."""
    status = rpc_status.from_call(error)  # None if the call never reached the service.
    for detail in status.details if status else ():
        for message in (
            error_details_pb2.ErrorInfo(),
            error_details_pb2.BadRequest(),
            error_details_pb2.RetryInfo(),
        ):
            if not detail.Unpack(message):
                continue
            if isinstance(message, error_details_pb2.ErrorInfo):
                yield message.reason
            elif isinstance(message, error_details_pb2.BadRequest):
                yield from (violation.field for violation in message.field_violations)
            else:
                yield f"retry in {message.retry_delay.ToMilliseconds()} ms"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
