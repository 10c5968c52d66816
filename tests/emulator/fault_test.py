# SPDX-License-Identifier: Apache-2.0
"""Fault descriptions, and which calls a fault applies to."""

import random

import pytest

from tests.emulator.operator_emulator import fault
from tests.emulator.operator_emulator.counters import Counters
from tests.emulator.operator_emulator.distribution import Distribution
from tests.emulator.operator_emulator.fault import Slot
from tests.emulator.operator_emulator.fault_plan import FaultPlan


@pytest.mark.parametrize(
    "text, fields",
    [
        ("wrong_key", {"kind": "wrong_key", "times": None, "share": 1.0}),
        ("delay,ms=20,times=3", {"kind": "delay", "ms": "20", "times": 3}),
        ("delay,ms=normal:50:10", {"ms": "normal:50:10"}),
        ("clock,offset_ms=-5000,endpoint=generate", {"offset_ms": -5000, "endpoint": "generate"}),
        ("reply,code=503,headers=X-A: 1; Via: y:z", {"headers": {"X-A": "1", "Via": "y:z"}}),
        ('{"kind":"reply","code":200,"body":"a,b=c"}', {"code": 200, "body": "a,b=c"}),
        ("reset", {"at": "before_head"}),
        ("refuse,ms=5,drop_open=true", {"ms": 5, "drop_open": True}),
    ],
)
def test_description_is_understood(text, fields):
    described = fault.parse(text).described()
    assert {name: described[name] for name in fields} == fields


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("explode", "no fault explode: one of delay, "),
        ("repley,code=503", "no fault repley (did you mean reply?): one of delay, "),
        ("delay", "delay: ms is missing"),
        ("delay,ms=-1", "delay: ms: milliseconds must be finite"),
        ("delay,ms=poisson:1", "delay: ms: no distribution 'poisson'"),
        ("delay,ms=uniform:1", "delay: ms: uniform takes 2 numbers"),
        ("delay,ms=exponential:0", "delay: ms: the mean"),
        ("delay,ms=nan", "delay: ms: milliseconds must be finite"),
        ("delay,ms", "'ms' is not name=value"),
        ("delay,ms=1,ms=2", "'ms=2' is not name=value, or is there twice"),
        ("delay,ms=1,sec=1", "delay: unknown: sec"),
        ("delay,mss=1", "delay: unknown: mss (did you mean ms?)"),
        ("delay,ms=1,tmies=1", "delay: unknown: tmies (did you mean times?)"),
        ("delay,ms=1e400", "delay: ms: milliseconds must be finite"),
        ("delay,ms=1,times=" + "9" * 5000, "delay: times: "),
        ("delay,ms=1,times=0", "delay: times: "),
        ("delay,ms=1,share=0", "delay: share: "),
        ("delay,ms=1,share=1.5", "delay: share: "),
        ("delay,ms=1,endpoint=login", "delay: endpoint: "),
        ("reset,at=the_end", "reset: at: the_end is not one of before_head"),
        ("reset,at=in_haed", "reset: at: in_haed (did you mean in_head?) is not one of"),
        ("reply,code=99", "reply: code: "),
        ("reply,code=100", "reply: code: "),
        ("reply,code=600", "reply: code: "),
        ("reply,code=999", "reply: code: "),
        ("reply,code=503,headers=Retry-Afer: 1", "reply: headers: unknown: Retry-Afer (did you"),
        ("reply,code=503,headers=Own: 1", "reply: headers: unknown: Own; a header of your own"),
        ("reply,code=503,headers=Content-Length: 1", "reply: headers: unknown: Content-Length"),
        ("reply,code=503,headers=Retry After: 1", "reply: headers: 'Retry After' is not the name"),
        ("reply,code=503,headers=: 1", "reply: headers: '' is not the name"),
        ("garbage,bytes=1000000000000", "garbage: bytes: "),
        ('{"kind":"reply","code":200.5}', "reply: code: "),
        ('{"kind":"reply","code":200,"headers":{"X-A":"b\\r\\nC: d"}}', "reply: headers: "),
        ('{"kind":"reply","code":200,"headers":{"X-A":1}}', "reply: headers: "),
        ("{", "not JSON: "),
        ('["delay"]', "no fault "),
        ("tls_break,endpoint=generate", "tls_break: unknown: endpoint"),
        ("refuse,times=1", "refuse: unknown: times"),
        ("refuse,drop_open=maybe", "refuse: drop_open: "),
    ],
)
def test_bad_description_is_refused_with_its_place(text, complaint):
    with pytest.raises(fault.FaultError) as error:
        fault.parse(text)
    assert str(error.value).startswith(complaint)


@pytest.mark.parametrize(
    "text, low, high, mean",
    [
        ("20", 20, 20, 20),
        ("uniform:10:50", 10, 50, 30),
        ("exponential:20", 0, 1000, 20),
        ("normal:50:10", 0, 150, 50),
    ],
)
def test_distribution_has_its_range_and_mean(text, low, high, mean):
    source = random.Random(7)
    values = [Distribution.parse(text).sample_ms(source) for _ in range(20_000)]
    assert low <= min(values) and max(values) <= high
    assert sum(values) / len(values) == pytest.approx(mean, rel=0.03)
    assert str(Distribution.parse(text)) == text


def _plan(*texts, seed=1) -> FaultPlan:
    plan = FaultPlan(Counters(), seed)
    for text in texts:
        plan.add(fault.parse(text))
    return plan


def _codes(plan, count, endpoint="generate") -> list:
    chosen = [plan.for_call(endpoint).get(Slot.REPLY) for _ in range(count)]
    return [one and one["code"] for one in chosen]


def test_faults_of_one_slot_come_one_after_the_other():
    plan = _plan("reply,code=503,times=2", "reply,code=429,times=1")
    assert _codes(plan, 4) == [503, 503, 429, None]


def test_faults_of_several_slots_come_together():
    chosen = _plan("delay,ms=1", "reply,code=503", "drip").for_call("refresh")
    assert [chosen.get(slot).kind for slot in (Slot.DELAY, Slot.REPLY, Slot.WIRE)] == [
        "delay",
        "reply",
        "drip",
    ]
    assert chosen.get(Slot.CLOCK) is None


def test_call_of_another_endpoint_uses_nothing_up():
    plan = _plan("reply,code=503,times=1,endpoint=refresh")
    assert _codes(plan, 2, "generate") == [None, None]
    assert _codes(plan, 2, "refresh") == [503, None]


def test_share_is_kept_and_repeats_with_its_seed():
    codes = _codes(_plan("reply,code=503,share=0.25"), 4000)
    assert codes.count(503) == pytest.approx(1000, rel=0.1)
    assert codes == _codes(_plan("reply,code=503,share=0.25"), 4000)
    assert codes != _codes(_plan("reply,code=503,share=0.25", seed=2), 4000)


def test_removed_fault_applies_no_more():
    plan = _plan("reply,code=503")
    (number,) = plan.numbers()
    assert plan.remove(number).kind == "reply"
    assert plan.remove(number) is None
    assert _codes(plan, 1) == [None]


def test_handshake_faults_concern_no_calls():
    plan = _plan("tls_break,times=1")
    assert plan.for_call("generate").get(Slot.HANDSHAKE) is None
    assert plan.for_handshake().get(Slot.HANDSHAKE).kind == "tls_break"
    assert plan.for_handshake().get(Slot.HANDSHAKE) is None
    assert plan.described()[0]["applied"] == 1
