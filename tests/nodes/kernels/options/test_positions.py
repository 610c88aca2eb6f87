"""Open interest as of: the last report before each instant, by contract."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl

from nodes.kernels.options.positions import put_call_ratios
from tests.nodes.kernels.options.facts import AT, DAY_S, instants, option_facts, stamped


def interest(puts: int | None, calls: int | None) -> pl.DataFrame:
    contracts = option_facts(days=(91,), strikes=(90.0, 100.0)).drop("bid_usd", "ask_usd", "quoted_at")
    counts = pl.when(right="P").then(pl.lit(puts, pl.Int64)).otherwise(pl.lit(calls, pl.Int64))
    return contracts.with_columns(open_interest=counts)


def ratio(facts: pl.DataFrame, max_age_s: int = DAY_S) -> float:
    return float(put_call_ratios(facts, pl.Series(["AAA"]), instants(AT), max_age_s)[0])


def test_the_ratio_is_open_puts_over_open_calls() -> None:
    assert ratio(interest(30, 20)) == 1.5


def test_the_last_report_counts_and_later_ones_do_not() -> None:
    earlier = stamped(interest(10, 10), AT - timedelta(hours=3), AT - timedelta(hours=3))
    later = stamped(interest(99, 10), AT + timedelta(hours=1), AT + timedelta(hours=1), 50)
    assert ratio(pl.concat([earlier, interest(20, 10), later], how="diagonal")) == 2.0


def test_no_open_call_no_report_and_an_old_report_leave_no_ratio() -> None:
    assert np.isnan(ratio(interest(5, 0)))
    assert np.isnan(ratio(interest(5, 5).clear()))
    old = stamped(interest(5, 5), AT - timedelta(days=2), AT - timedelta(days=2))
    assert np.isnan(ratio(old))


def test_a_count_that_is_missing_is_not_zero_and_not_counted() -> None:
    assert np.isnan(ratio(interest(5, None)))
    assert ratio(interest(0, 5)) == 0.0
