# SPDX-License-Identifier: Apache-2.0
"""Which payloads the operator's JSON reader accepts."""

import pytest

from tests.emulator.operator_emulator import payload_json


@pytest.mark.parametrize(
    "text, value",
    [
        (' { "a" : 1 } ', {"a": 1}),
        ('{/*x*/"a"//y\n:1}', {"a": 1}),
        ('{"a":"/*not a comment*/ //nor this"}', {"a": "/*not a comment*/ //nor this"}),
        ('{"a":1,"a":2}', {"a": 2}),
    ],
)
def test_takes(text, value):
    assert payload_json.parse_object(text) == value


@pytest.mark.parametrize(
    "text",
    ["[]", '"a"', "", "{", "{} x", "\ufeff{}", "{'a':1}", '{"a":NaN}', "{/*}", '{"a":"\t"}', "1"],
)
def test_refuses(text):
    with pytest.raises(payload_json.InvalidJson):
        payload_json.parse_object(text)


def test_a_thousand_levels_pass_and_one_more_does_not():
    levels = payload_json.MAXIMUM_NESTING - 1
    payload_json.parse_object('{"a":' + "[" * levels + "]" * levels + "}")
    with pytest.raises(payload_json.InvalidJson):
        payload_json.parse_object('{"a":' + "[" * (levels + 1) + "]" * (levels + 1) + "}")


@pytest.mark.parametrize(
    "text, read",
    [
        ('"a"', "a"),
        ("5", "5"),
        ("-0", "0"),
        ("12345678901234567890123", "12345678901234567890123"),
        ("1e5", "100000.0"),
        ("-0.0", "-0.0"),
        ("2.50", "2.5"),
        ("123456789.125", "1.23456789125E8"),
        ("1.5e300", "1.5E300"),
        ("1e-7", "1.0E-7"),
        ("0.001", "0.001"),
        ("1e400", "Infinity"),
        ("true", "true"),
        ("[]", "[]"),
        ("{}", "{}"),
        ('["a@b.com",1,null,[false]]', "[a@b.com, 1, null, [false]]"),
        ('{"a":"b\\n","c":{"d":[]}}', "{a=b\n, c={d=[]}}"),
    ],
)
def test_field_of_another_type_is_read_as_the_operators_platform_prints_it(text, read):
    value = payload_json.parse_object('{"a":' + text + "}")["a"]
    assert payload_json.text_of(value) == read


@pytest.mark.parametrize("template", ['{"a":%s}', '{"a":-%s}', '{"a":0.%s}', '{"a":%se0}'])
def test_number_has_a_thousand_digits_at_most(template):
    payload_json.parse_object(template % ("1" * 999))
    with pytest.raises(payload_json.InvalidJson):
        payload_json.parse_object(template % ("1" * 1001))


def test_name_has_50000_characters_at_most():
    payload_json.parse_object('{"' + "a" * 50_000 + '":1}')
    with pytest.raises(payload_json.InvalidJson):
        payload_json.parse_object('{"x":{"' + "a" * 50_001 + '":1}}')
