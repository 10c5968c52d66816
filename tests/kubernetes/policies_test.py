# SPDX-License-Identifier: Apache-2.0
"""The manifests keep every policy, and every policy finds what breaks it."""

import pytest
from tests.kubernetes.mutations import MUTATIONS
from tests.kubernetes.policies import OF_ALL_TOGETHER, POLICIES
from tests.kubernetes.rendering import render


@pytest.mark.parametrize("policy", sorted(set(POLICIES) - OF_ALL_TOGETHER))
def test_an_overlay_keeps_the_policy(overlay, policy):
    assert list(POLICIES[policy](overlay)) == []


@pytest.mark.parametrize("policy", sorted(OF_ALL_TOGETHER))
def test_production_keeps_the_policy_together_with_the_examples(production, policy):
    assert list(POLICIES[policy](production)) == []


def test_the_sandbox_alone_may_be_in_clear():
    assert list(POLICIES["callers"](render("sandbox"))) == []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=str)
def test_what_breaks_a_policy_is_found(production, mutation):
    mutation.change(production)
    findings = list(POLICIES[mutation.policy](production))
    assert any(mutation.finding in finding for finding in findings), findings


def test_every_policy_has_been_broken():
    assert {mutation.policy for mutation in MUTATIONS} == set(POLICIES)
