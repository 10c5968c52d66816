# SPDX-License-Identifier: Apache-2.0
"""The service and the operator emulator, which share no code, agree on DII and consent strings.

Both get the corpora of the fuzzers and made-up values. More of them, or others:

    bazel test //tests/fuzz:differential_test --test_env=CASES=1000000 --test_env=SEED=7
"""

import os
import pathlib
import subprocess

import pytest

from tests.emulator.operator_emulator import base64_text, consent, dii
from tests.fuzz.case_generator import Cases
from tests.load.binaries import binary

CORPUS = pathlib.Path(__file__).with_name("corpus")
COUNT = int(os.environ.get("CASES", "20000"))
SEED = int(os.environ.get("SEED", "1"))
REJECTED = "rejected"
NO_VERDICT = ("outdated", "undecodable")


def service_answers(policy, field, values):
    """What the service would do with each value."""
    lines = "".join(f"{policy} {field} {value.encode().hex()}\n" for value in values)
    asked = subprocess.run([binary("tests/fuzz/dii_answers")], input=lines, text=True,
                           capture_output=True, check=True)
    answers = asked.stdout.splitlines()
    assert len(answers) == len(values) and "unknown question" not in answers
    return answers


def corpus(name):
    """The inputs that are text. The service takes no other, and the emulator cannot be asked."""
    found = []
    for path in sorted((CORPUS / name).iterdir()):
        try:
            found.append(path.read_bytes().decode("utf-8"))
        except UnicodeDecodeError:
            continue
    assert len(found) >= 10
    return found


def made_up(make):
    return [make() for _ in range(COUNT)]


def operator_answer(field, value):
    identifier = dii.identify(field, value)
    return REJECTED if identifier is None else base64_text.encode(identifier.hash)


def operator_verdict(value):
    try:
        return consent.is_sufficient(value)
    except consent.OutdatedConsent:
        return "outdated"
    except consent.UndecodableConsent:
        return "undecodable"


def differing(values, answers, allowed):
    """Those values for which `allowed(value, answer)` does not hold."""
    return [(value, answer) for value, answer in zip(values, answers)
            if not allowed(value, answer)][:10]


@pytest.fixture(name="cases")
def fixture_cases():
    return Cases(SEED)


FIELDS = {"email": Cases.email, "phone": Cases.phone, "email_hash": Cases.hash,
          "phone_hash": Cases.hash}


@pytest.mark.parametrize("field", FIELDS)
def test_under_operator_policy_both_accept_the_same_dii_with_the_same_hash(cases, field):
    values = corpus("dii") + made_up(lambda: FIELDS[field](cases))
    answers = service_answers("operator", field, values)
    assert differing(values, answers,
                     lambda value, answer: answer == operator_answer(field, value)) == []
    # A generator of which all values are alike would prove nothing.
    assert 0.02 < answers.count(REJECTED) / len(answers) < 0.98


@pytest.mark.parametrize("field", FIELDS)
def test_what_strict_policy_accepts_has_the_operators_hash(cases, field):
    values = corpus("dii") + made_up(lambda: FIELDS[field](cases))
    answers = service_answers("strict", field, values)
    assert differing(values, answers, lambda value, answer: answer in (
        REJECTED, operator_answer(field, value))) == []
    assert 0.02 < answers.count(REJECTED) / len(answers) < 0.98


@pytest.mark.parametrize("policy", ["operator", "strict"])
def test_a_consent_string_is_rejected_only_if_an_euid_operator_could_not_judge_it(cases, policy):
    values = corpus("consent") + made_up(cases.consent)
    answers = service_answers(policy, "euid_consent", values)
    assert differing(values, answers, lambda value, answer: answer != REJECTED or
                     operator_verdict(value) in NO_VERDICT) == []
    assert 0.02 < answers.count(REJECTED) / len(answers) < 0.98


@pytest.mark.parametrize("policy", ["operator", "strict"])
def test_no_string_reaches_an_euid_operator_that_it_answers_with_a_server_error(cases, policy):
    values = corpus("consent") + made_up(cases.consent)
    answers = service_answers(policy, "euid_consent", values)
    assert differing(values, answers, lambda value, answer: answer == REJECTED or
                     operator_verdict(value) != "outdated") == []
    verdicts = {operator_verdict(value) for value in values}
    assert {"outdated", "undecodable", False} <= verdicts


def test_a_uid2_operator_gets_every_string(cases):
    values = corpus("consent") + made_up(cases.consent)
    assert REJECTED not in service_answers("operator", "uid2_consent", values)
