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
    "value, text", [("a", "a"), (5, "5"), (True, "true"), (["a@b.com"], '["a@b.com"]'), ({}, "{}")]
)
def test_field_of_another_type_is_read_as_its_text(value, text):
    assert payload_json.text_of(value) == text
