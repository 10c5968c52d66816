# SPDX-License-Identifier: Apache-2.0
"""The emulator normalises as the real operator was seen to."""

import pytest

from tests.emulator import testdata
from tests.emulator.operator_emulator import base64_text, dii

_CASES = testdata.load("normalization_cases.json")["cases"]


def test_there_are_cases_of_every_kind():
    kinds = {(case["kind"], case["accepted"]) for case in _CASES}
    assert len(kinds) == 8


@pytest.mark.parametrize("case", _CASES, ids=range(len(_CASES)))
def test_normalises_as_the_operator(case):
    identifier = dii.identify(case["kind"], case["input"])
    assert (identifier is not None) == case["accepted"]
    if case["sha256"] is not None:
        assert base64_text.encode(identifier.hash) == case["sha256"]


@pytest.mark.parametrize(
    "text, normalized",
    [
        ("a@ba@z.com", None),
        (" a b @c.com ", "ab@c.com"),
        ("A.B+c@GMAIL.com", "ab@gmail.com"),
        ("+@gmail.com", None),
        ("a.b@googlemail.com", "a.b@googlemail.com"),
        ("a@ gmail.com", "a@ gmail.com"),
    ],
)
def test_email_becomes(text, normalized):
    assert dii.normalize_email(text) == normalized


def test_hash_of_phone_kind_is_another_identifier():
    text = base64_text.encode(dii.sha256("optout@example.com"))
    assert dii.identify("email_hash", text) == dii.identify("email", "optout@example.com")
    assert dii.identify("phone_hash", text) != dii.identify("email_hash", text)
