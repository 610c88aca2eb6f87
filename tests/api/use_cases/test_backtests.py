"""A backtest whole: what changes cost, what size and assumptions do, and what cannot be asked."""

from __future__ import annotations

import pytest

from api.use_cases.backtests import VARIED, change
from nodes.vocabulary.errors import EdgeError
from tests.api.backtest_samples import CHANGE, TIGHT, ran_backtest


def test_a_change_says_what_it_costs_on_the_same_sessions_and_luck() -> None:
    found = ran_backtest().found
    dear, tight = found.comparisons
    assert (dear.name, tight.name) == (CHANGE, TIGHT)
    assert dear.differences["cost_bps"] > 0.0
    assert dear.figures["spread_cost_usd"] > found.values["spread_cost_usd"]
    assert dear.yearly_difference.value < 0.0
    assert dear.yearly_difference.low <= dear.yearly_difference.value <= dear.yearly_difference.high
    assert tight.differences["fill_frac"] < 0.0
    assert tight.n_other_orders > 0
    assert dear.yearly_difference.n_periods == found.tables.sessions.height - 1


def test_a_study_varies_size_and_every_assumption() -> None:
    found = ran_backtest().found
    assert [each.opening_cash_usd for each in found.capacity] == list(found.assumptions.capacity_usd)
    assert [each.name for each in found.sensitivity] == [name for name, _ in VARIED]
    invested = [each.figures["mean_gross_frac"] for each in found.capacity]
    assert invested[-1] < invested[1]
    assert found.capacity[1].figures == pytest.approx(dict(found.values), nan_ok=True)


def test_too_few_orders_leave_the_gap_out_and_say_why() -> None:
    found = ran_backtest().found
    assert (found.gap is None) == bool(found.gap_absence)


def test_changes_are_written_as_names_and_values() -> None:
    assert change(" spread_frac = 2 , seed=7") == {"spread_frac": 2, "seed": 7}
    with pytest.raises(EdgeError, match="'spread_frac' changes nothing; write NAME=VALUE"):
        change("spread_frac")
