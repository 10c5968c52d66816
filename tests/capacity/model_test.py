# SPDX-License-Identifier: Apache-2.0
"""The capacity model with fixed figures, and its fit to points that were computed from them."""

import dataclasses
import json

import pytest
from tests.capacity import check, document
from tests.capacity.fit import fit
from tests.capacity.model import Cost, Options, peak_in_flight, plan

# If a worker took nothing to be awake, a core would carry 25,000 calls a second without TLS, and
# 20,000 with it.
COST = Cost(busy_us=40, wake_us=60, awake_cores=0.02, operator_tls_us=6, caller_tls_us=4, base_mib=20,
            caller_tls_mib=8, call_kib=16, tls_call_kib=32, connection_kib=10, tls_connection_kib=40)
NO_TLS = Options(operator_tls=False, caller_tls=False)


ASLEEP = dataclasses.replace(COST, awake_cores=0)


def test_a_saturated_core_answers_one_call_after_the_other():
    assert ASLEEP.rate_at(1) == pytest.approx(25_000)
    assert COST.rate_at(1) == pytest.approx(0.98 * 25_000)
    assert COST.rate_at(1, operator_tls=True, caller_tls=True) == pytest.approx(0.98 * 20_000)
    assert ASLEEP.us_per_call(25_000) == pytest.approx(40)


def test_a_call_costs_most_if_each_must_wake_the_threads():
    assert ASLEEP.us_per_call(0.001) == pytest.approx(100, rel=1e-4)
    costs = [ASLEEP.us_per_call(rate) for rate in (100, 1000, 5000, 20_000)]
    assert costs == sorted(costs, reverse=True)


@pytest.mark.parametrize("utilization", [0.1, 0.5, 0.9])
def test_the_rate_for_a_utilization_keeps_the_core_busy_for_that_share(utilization):
    rate = COST.rate_at(utilization)
    assert rate * COST.us_per_call(rate) / 1e6 == pytest.approx(utilization)


def test_a_core_that_calls_keep_awake_for_too_long_carries_nothing():
    assert COST.rate_at(0.02) == 0
    with pytest.raises(ValueError, match="allow more with --utilization"):
        plan(COST, 100, dataclasses.replace(NO_TLS, utilization=0.02))


def test_what_keeps_a_worker_awake_weighs_most_at_a_low_rate():
    assert COST.us_per_call(1) - ASLEEP.us_per_call(1) == pytest.approx(20_000, rel=1e-3)
    assert COST.us_per_call(20_000) - ASLEEP.us_per_call(20_000) < 1


def test_two_workers_cost_what_two_replicas_with_one_cost():
    assert ASLEEP.us_per_call(8000, workers=2) == pytest.approx(ASLEEP.us_per_call(4000))


def test_replicas_at_a_fixed_total_rate_cost_more_the_more_there_are():
    busy = [count * 6000 / count * COST.us_per_call(6000 / count) for count in (1, 2, 4)]
    assert busy == sorted(busy)


def test_memory_grows_with_calls_and_connections():
    assert COST.mib(0, 0) == 20
    assert COST.mib(1024, 512) == pytest.approx(20 + 16 + 5)
    assert COST.mib(1024, 512, operator_tls=True, caller_tls=True) == pytest.approx(20 + 8 + 32 + 20)


@pytest.mark.parametrize("rate, ms, calls", [(100, 0.0001, 1), (10_000, 10, 130), (1000, 2000, 2135)])
def test_calls_in_flight_follow_little_s_law_and_leave_room_for_busy_moments(rate, ms, calls):
    assert peak_in_flight(rate, ms) == calls


def test_a_plan_has_enough_replicas_and_not_one_too_many():
    options = dataclasses.replace(NO_TLS, cores=1, utilization=0.6)
    made = plan(COST, 100_000, options)
    most = COST.rate_at(0.6)
    assert (made.replicas - 1) * most < 100_000 <= made.replicas * most
    assert 0.9 < made.cores_busy / (made.replicas * 0.6) <= 1
    # More than 0.6, and less than 0.9, because a call costs less the busier the core is.
    assert 0.7 < made.without_a_zone < 0.9


def test_a_small_load_still_has_a_replica_in_each_zone():
    assert plan(COST, 10, Options(zones=3)).replicas == 3
    assert plan(COST, 10, Options(zones=1)).replicas == 1


def test_a_million_calls_a_second_need_no_more_in_flight_each_than_a_hundred_thousand():
    small, large = (plan(COST, rate, Options()) for rate in (100_000, 1_000_000))
    assert large.replicas == pytest.approx(10 * small.replicas, rel=0.15)
    assert large.in_flight == pytest.approx(small.in_flight, rel=0.15)
    assert large.operator_connections == large.replicas * large.in_flight
    assert large.gib == pytest.approx(large.replicas * large.mib / 1024)


def cpu(use, rate, replicas=1, workers=1, operator_tls=False, caller_tls=False):
    return {"for": use, "replicas": replicas, "workers": workers, "operator_tls": operator_tls,
            "caller_tls": caller_tls, "connections": 8, "operator_ms": 20, "rate": rate,
            "us_per_call": COST.us_per_call(rate / replicas, workers, operator_tls, caller_tls)}


def memory(use, in_flight, connections=8, replicas=1, operator_tls=False, caller_tls=False):
    return {"for": use, "replicas": replicas, "workers": 1, "operator_tls": operator_tls,
            "caller_tls": caller_tls, "connections": connections, "in_flight": in_flight,
            "mib": replicas * COST.mib(in_flight / replicas, connections - 8, operator_tls, caller_tls)}


def points():
    """What would be measured if the model were exact, with a base that has the eight connections of
    the load generator."""
    return {
        "where": {"date": "2026-11-30", "machine": "a machine", "commit": "abc", "seconds": 9,
                  "cores_busy_elsewhere": 0.5},
        "idle": {"cores": 0.001},
        "cpu": [*(cpu("fit", rate) for rate in (500, 1000, 4000, 20_000)), cpu("check", 2000),
                cpu("fit", 1000, operator_tls=True), cpu("fit", 1000, caller_tls=True),
                cpu("check", 3000, operator_tls=True, caller_tls=True),
                cpu("check", 6000, replicas=4), cpu("check", 6000, workers=2)],
        "memory": [memory("fit", 50), memory("fit", 4000), memory("check", 2000, replicas=4),
                   memory("fit", 500, operator_tls=True), memory("fit", 50, connections=508),
                   memory("fit", 50, connections=508, caller_tls=True),
                   memory("fit", 50, connections=108, caller_tls=True)],
        "connections": [{"rate": 2000, "operator_ms": 100, "operator_connections": 200}],
    }


def test_a_fit_to_exact_points_finds_the_figures():
    found = dataclasses.asdict(fit(points()))
    # The load generator's own connections are part of the base.
    assert found == pytest.approx(dataclasses.asdict(COST), rel=0.03)


def test_a_fit_predicts_the_other_points_and_none_that_it_was_made_of():
    measured = points()
    comparisons = check.compare(fit(measured), measured)
    assert len(comparisons) == 4 + 1 + 1
    assert check.largest(comparisons, "µs") < 0.01
    assert check.largest(comparisons, "MiB") < 0.03
    assert comparisons[-1].error == 0


def test_a_point_that_the_model_does_not_explain_is_reported_with_its_error():
    measured = points()
    measured["cpu"][4]["us_per_call"] *= 2
    text = check.report(check.compare(fit(measured), measured))
    assert "1 replica, 2,000 calls/s in all" in text
    assert "-50.0%" in text


def test_a_figure_that_would_be_negative_is_zero():
    measured = points()
    for point in measured["cpu"]:
        point["us_per_call"] = 30 + point["rate"] / 1000
    cost = fit(measured)
    assert cost.busy_us > 0
    assert 0 in (cost.wake_us, cost.awake_cores)


def test_too_few_points_are_no_figures():
    measured = points()
    measured["cpu"] = measured["cpu"][:2] + measured["cpu"][5:]
    with pytest.raises(ValueError, match="too few different points for 3 figures"):
        fit(measured)


def test_measured_points_survive_their_file():
    assert json.loads(document.json_text(points())) == points()
