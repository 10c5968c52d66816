# SPDX-License-Identifier: Apache-2.0
"""A client that floods the server with frames does not keep it from answering other clients."""

import threading

import pytest
from hyperframe.frame import PingFrame

from tests.integration.floods import BATCH, FLOODS, MIB, cpu_seconds
from tests.integration.grpcurl import EMAIL, Code
from tests.integration.http2_client import ConnectionEnded, Http2Client, generate_request
from tests.load.binaries import is_sanitized

REQUEST = generate_request(EMAIL)
# CPU seconds. The server needs a twentieth of it.
MOST_CPU = 10


def memory(server) -> int:
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        [line] = [line for line in status if line.startswith("VmRSS:")]
    return int(line.split()[1]) << 10


@pytest.mark.parametrize("kind", FLOODS)
def test_other_clients_are_answered_and_the_cost_is_bounded(shared_server, kind):
    before = cpu_seconds(shared_server)
    over = threading.Event()

    def flood():
        with Http2Client(shared_server.address) as client:
            try:
                FLOODS[kind](client)
                # A ping is answered when everything before it has been handled.
                client.send(PingFrame(0, b"the last").serialize())
                while True:
                    frame = client.receive()
                    if isinstance(frame, PingFrame) and frame.opaque_data == b"the last":
                        break
            except ConnectionEnded:
                pass
        over.set()

    flooding = threading.Thread(target=flood)
    flooding.start()
    answered = 0
    with Http2Client(shared_server.address) as other:
        while not over.is_set() or not answered:
            assert other.call(other.headers(), REQUEST).status == Code.OK
            answered += 1
    flooding.join()
    assert cpu_seconds(shared_server) - before < MOST_CPU
    # As many resets again and again do not fill the memory. A sanitizer keeps what was freed.
    assert is_sanitized() or memory(shared_server) < 512 * MIB


def test_a_flood_of_pings_ends_its_connection(shared_server):
    with Http2Client(shared_server.address) as client:
        with pytest.raises(ConnectionEnded):
            while True:
                client.send(PingFrame(0, b"12345678").serialize() * BATCH)
                client.receive()
        client.await_end()
