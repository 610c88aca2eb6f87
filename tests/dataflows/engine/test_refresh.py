"""Last rows from last windows: what a row reads, and that the rest of the history leaves no mark on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest

from api.use_cases.leak_audit import feature_plan
from dataflows.audit.leaks import audited_names
from dataflows.engine.evaluation import guarded
from dataflows.engine.plan import Plan
from dataflows.engine.refresh import Refresh
from dataflows.engine.warm_up import warm_ups
from dataflows.features import FeatureSnapshot
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.units import Panel
from tests.dataflows.engine import contracted
from tests.nodes import bars as made

N_ROWS = {"AAA": 700, "BBB": 60, "CCC": 1}


@cache
def plan() -> Plan:
    return feature_plan()


def history(seed: int = 1) -> pl.DataFrame:
    """An old share that split, one of three months, and one whose first session is the last one."""
    parts = [
        made.bars(name, 700, seed + place, 650).tail(n_rows) for place, (name, n_rows) in enumerate(N_ROWS.items())
    ]
    panel = made.panel(*parts)
    closes = [datetime.combine(day, time(21), UTC) for day in panel["session_on"]]
    closed_at = pl.Series(closes, dtype=pl.Datetime("ns", "UTC"))
    return panel.with_columns(closed_at=closed_at, split_ratio=pl.col("adjustment_ratio"))


def snapshot(panel: pl.DataFrame) -> FeatureSnapshot:
    return FeatureSnapshot(Panel(panel), Panel(made.index_panel(700)), panel["session_on"].to_list()[-1])


def last_rows(values: Mapping[str, Any], name: str, n_shares: int = len(N_ROWS)) -> bytes:
    """The last row of each share of a column, whose shares may have been cut to fewer rows each."""
    column = values[name]
    if isinstance(column, Absent) or not isinstance(column, pl.Series):
        return encode(str(column))
    sizes = [min(size, rows_of(len(column))) for size in N_ROWS.values()]
    ends = np.cumsum(sizes) - 1
    assert len(ends) == n_shares
    return encode(column.gather(ends.tolist()))


def rows_of(height: int) -> int:
    """How many last rows of each share a column of a height has."""
    return next(n for n in range(1, 701) if sum(min(size, n) for size in N_ROWS.values()) == height)


def test_shares_of_any_age_get_the_values_of_the_whole_history() -> None:
    """PIT-03: an old share, one younger than most windows and one with a single bar, bit for bit."""
    panel = snapshot(history())
    served, (whole, _) = Refresh(plan()).latest(panel), guarded(plan(), panel)
    assert [name for name in audited_names(plan()) if last_rows(served, name) != last_rows(whole, name)] == []
    young = whole["total_return_frac"].to_list()
    assert young[-1] is None, "a first bar has no return"


def test_bars_from_before_its_windows_leave_no_mark_on_a_feature() -> None:
    n_read, rows, panel = 300, warm_ups(plan()), history()
    is_old = pl.int_range(pl.len()).over("symbol") + n_read < pl.len().over("symbol")
    other = panel.with_columns(
        pl.when(is_old).then(pl.col("close_usd") * 3.0).otherwise("close_usd").alias("close_usd")
    )
    one, two = (Refresh(plan()).latest(snapshot(item)) for item in (panel, other))
    near = [name for name in audited_names(plan()) if rows[name] <= n_read]
    assert "momentum_frac" in near
    assert [name for name in near if last_rows(one, name) != last_rows(two, name)] == []


def test_serving_leaves_no_mark_on_what_is_served_next() -> None:
    refresh = Refresh(plan())
    first, second = snapshot(history()), snapshot(history(seed=9))
    fresh = Refresh(plan()).latest(second)
    refresh.latest(first)
    again = refresh.latest(second)
    assert [name for name in audited_names(plan()) if last_rows(again, name) != last_rows(fresh, name)] == []


def test_a_lag_of_one_bar_reads_two_rows_and_no_more() -> None:
    refresh = Refresh(contracted.plan())
    assert refresh.n_rows == 2
    served = refresh.latest(contracted.snapshot([10.0, 20.0, 30.0, 40.0]))
    assert served["price_usd"].to_list() == [30.0]
    assert served["closed_at"].len() == 1, "others read its last row alone"


def test_a_value_out_of_its_range_is_served_as_unknown() -> None:
    served = Refresh(contracted.plan()).latest(contracted.snapshot([10.0, 500.0, 30.0]))
    assert served["price_usd"].to_list() == [None]


def test_a_share_with_fewer_bars_than_the_window_has_no_value() -> None:
    assert Refresh(contracted.plan()).latest(contracted.snapshot([10.0]))["price_usd"].to_list() == [None]


@pytest.mark.parametrize("closes", [[10.0, 20.0, 30.0], [10.0, 500.0, 30.0], [0.0, 0.0, 0.0]])
def test_what_is_served_is_the_last_row_of_the_guarded_history(closes: list[float]) -> None:
    panel = contracted.snapshot(closes)
    served, (whole, _) = Refresh(contracted.plan()).latest(panel), guarded(contracted.plan(), panel)
    for name in ("price_usd", "mood_score", "raters_count"):
        assert str(served[name][-1]) == str(whole[name][-1])


def test_facts_that_are_not_there_are_served_as_unknown() -> None:
    panel = snapshot(history())
    served = Refresh(plan()).latest(replace(panel, factors=None))
    assert isinstance(served["vix_score"], Absent)
