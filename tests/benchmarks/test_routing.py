"""The benchmark of the router on a small scale: its figures are those that it says, and equal luck for every way."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks.made_up_venues import PARAMS, cases, estimated_terms, expected_e6, realised_e6
from tests.benchmarks.routing import Work, reduction_interval, routed_ways, saved


def test_the_router_saves_against_every_baseline_on_unseen_days() -> None:
    """EXE-13 and EXE-14 on few days; `python -m tests.benchmarks.routing` measures more."""
    rows = saved(Work(n_known_days=6, n_days=12, orders_a_day=12, n_draws=300))
    assert [row.is_met for row in rows[:4]] == [True] * 4
    assert float(rows[4].measured.rstrip("%")) > 60.0
    assert "unseen" in rows[0].what


def test_a_cost_is_on_average_over_luck_what_is_expected() -> None:
    known = cases(0, 1, 3, 11)
    terms, _ = estimated_terms(cases(0, 4, 10, 11))
    router = routed_ways(terms, known)["router"]
    case = known[0]
    parts = router(case)
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([5])))
    costs = []
    flow = case.order.adv_shares * PARAMS.horizon_s / 23_400 / 2
    for _ in range(2_000):
        gone = {
            name: bool(random.random() < -np.expm1(-each.fade_hz * each.latency_ns / 1e9))
            for name, each in case.truth.items()
        }
        flows = {name: float(random.exponential(flow * each.share_frac)) for name, each in case.truth.items()}
        luck = type(case.luck)(gone, flows, 0.0)
        costs.append(realised_e6(case._replace(luck=luck), parts))
    error = np.std(costs) / np.sqrt(len(costs)) + 200.0 * case.order.shares * 0.01
    assert np.mean(costs) == pytest.approx(expected_e6(case, parts), abs=4 * error)


def test_the_interval_of_a_known_saving_holds_it() -> None:
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([9])))
    other = random.normal(2.0, 0.5, 600)
    low, middle, high = reduction_interval(other * 0.7, other, np.repeat(np.arange(30), 20), 500)
    assert low <= middle <= high
    assert middle == pytest.approx(0.3)
