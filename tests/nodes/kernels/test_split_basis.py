"""Numbers brought to the shares of another day."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import polars as pl

from nodes.kernels.split_basis import cut_at_splits, factors_since, lagged_a_share, split_rows
from nodes.kernels.standing import FROM, UNTIL
from tests.nodes.features.fact_panels import INSTANT, at, daily_bars, end_of

FIRST, SECOND = date(2014, 1, 8), date(2014, 1, 13)
BARS = daily_bars(date(2014, 1, 6), date(2014, 1, 15), {FIRST: 7.0, SECOND: 0.5}, symbols="AB")
DAYS = BARS.bar_on.to_list()


def factors(stated_at: datetime) -> list[float]:
    """The factor of each bar of A for a number stated at one instant."""
    stated = pl.Series([stated_at] * len(DAYS), dtype=INSTANT)
    found = factors_since(stated, BARS.symbol, BARS.bar_on, BARS.split_ratio, BARS.segments)
    return [float(factor) for factor in found[: len(DAYS) // 2]]


def test_the_splits_of_a_panel_are_those_of_its_bars() -> None:
    found = split_rows(BARS.symbol, BARS.bar_on, BARS.split_ratio)
    assert found.rows() == [("A", FIRST, 7.0), ("B", FIRST, 7.0), ("A", SECOND, 0.5), ("B", SECOND, 0.5)]


def test_a_split_counts_from_its_day_for_what_was_stated_before() -> None:
    assert factors(end_of(date(2014, 1, 7))) == [1.0, 1.0, 7.0, 7.0, 7.0, 3.5, 3.5, 3.5]
    assert factors(end_of(FIRST)) == [1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5]


def test_what_is_older_than_the_panel_is_unknown() -> None:
    assert np.isnan(factors(end_of(date(2014, 1, 5)))).all()


def test_a_spell_is_cut_at_each_split_that_it_spans() -> None:
    spell = pl.DataFrame({"symbol": ["A"], FROM: [at(date(2014, 1, 6))], UNTIL: [None], "held": [10.0]}).with_columns(
        pl.col(FROM, UNTIL).cast(INSTANT)
    )
    found = cut_at_splits(spell, split_rows(BARS.symbol, BARS.bar_on, BARS.split_ratio), "held", 1).sort(FROM)
    assert found["held"].to_list() == [10.0, 70.0, 35.0]
    assert found[FROM][1:].to_list() == found[UNTIL][:-1].to_list()
    a_share = cut_at_splits(spell, split_rows(BARS.symbol, BARS.bar_on, BARS.split_ratio), "held", -1).sort(FROM)
    assert a_share["held"].to_list() == [10.0, 10.0 / 7.0, 10.0 / 7.0 / 0.5]


def test_an_amount_of_before_is_in_the_shares_of_the_row() -> None:
    amounts, same = pl.Series([7.0] * len(DAYS)), pl.Series([1] * len(DAYS))
    found = lagged_a_share(amounts, same, BARS.split_ratio, BARS.segments, 1).to_list()
    assert found[: len(DAYS) // 2] == [None, 7.0, 1.0, 7.0, 7.0, 14.0, 7.0, 7.0]
    other = pl.Series([1, 2] * (len(DAYS) // 2))
    assert lagged_a_share(amounts, other, BARS.split_ratio, BARS.segments, 1).null_count() == len(DAYS)


def test_an_amount_in_new_shares_is_the_same_alone_and_among_many() -> None:
    """DESIGN section 3: polars divides a long column by a scalar as a product, a short one as a quotient."""
    amounts = [0.01 * cents for cents in range(1, 2001)]
    begun, split = (
        datetime(2014, 1, 2, tzinfo=UTC),
        pl.DataFrame({"symbol": ["A"], "ex_on": [date(2014, 6, 9)], "ratio": [7.0]}),
    )
    stated = pl.DataFrame({"symbol": ["A"] * len(amounts), "value": amounts}).with_columns(
        pl.lit(begun).cast(pl.Datetime("ns", "UTC")).alias(FROM), pl.lit(None, pl.Datetime("ns", "UTC")).alias(UNTIL)
    )
    found = cut_at_splits(stated, split, "value", -1).filter(pl.col(UNTIL).is_null())["value"].to_list()
    assert found == [amount / 7.0 for amount in amounts]
