# SPDX-License-Identifier: Apache-2.0
"""Calls replicas at a steady rate, and prints the code of each call. Ends with stdin.

steady.py HOST:PORT,HOST:PORT... SERVICE_CONFIG     the config is JSON, or empty for none
"""
import sys
import threading

import grpc
from uid2.identity.v1 import identity_service_pb2 as api
from uid2.identity.v1 import identity_service_pb2_grpc

DEADLINE_SECONDS = 10
INTERVAL_SECONDS = 0.02


def main(addresses, service_config):
    target = f"ipv4:{addresses}" if "," in addresses else addresses
    options = [("grpc.service_config", service_config)] if service_config else []
    ending = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ending.set()), daemon=True).start()
    calls = []
    with grpc.insecure_channel(target, options=options) as channel:
        service = identity_service_pb2_grpc.IdentityServiceStub(channel)
        while not ending.wait(INTERVAL_SECONDS):
            request = api.GenerateIdentityRequest(email="user@example.com")
            calls.append(service.GenerateIdentity.future(request, timeout=DEADLINE_SECONDS))
            calls[-1].add_done_callback(lambda call: print(call.code().value[0], flush=True))
        for call in calls:
            call.exception()


if __name__ == "__main__":
    main(*sys.argv[1:])
