"""Option features over bars and facts of option quotes: as of each bar's close, and missing where unknown."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from nodes.features import options
from nodes.vocabulary.units import (
    Frac,
    FracColumn,
    InstantColumn,
    Panel,
    Seconds,
    Segments,
    Sessions,
    SymbolColumn,
    UsdColumn,
)
from tests.nodes.kernels.options.facts import AT, DAY_S, instants, option_facts

WEEK = Seconds(7 * DAY_S)
ONE = Segments(np.array([0, 4]))


def smiles(facts: pl.DataFrame, n_bars: int = 2) -> Panel:
    """Bars of AAA on consecutive days, the last one at the time of the chain."""
    closes = instants(*[AT - timedelta(days=n_bars - 1 - bar) for bar in range(n_bars)])
    symbol, close = pl.Series(["AAA"] * n_bars), pl.Series([100.0] * n_bars)
    return options.option_smiles(
        Panel(facts),
        SymbolColumn(symbol),
        InstantColumn(closes),
        UsdColumn(close),
        Frac(0.03),
        Seconds(DAY_S // 2),
        WEEK,
    )


CHAIN = option_facts(days=(20, 45, 120), volatility=0.3)


def test_a_chain_is_seen_on_its_day_and_not_before() -> None:
    """SVC-MKT-04: as of the bar's close."""
    found = options.atm_iv_30d_frac(smiles(CHAIN))
    assert found.to_list() == [None, pytest.approx(0.3, rel=3e-3)]


def test_features_of_a_flat_surface_show_neither_skew_nor_slope() -> None:
    panel = smiles(CHAIN)
    near, far = options.atm_iv_30d_frac(panel), options.atm_iv_90d_frac(panel)
    assert options.iv_term_slope_frac(near, far)[-1] == pytest.approx(0.0, abs=2e-3)
    assert options.iv_skew_frac(panel)[-1] == pytest.approx(0.0, abs=5e-3)
    assert options.iv_curvature_frac(panel)[-1] == pytest.approx(0.0, abs=5e-3)
    assert options.implied_carry_frac(panel)[-1] == pytest.approx(0.02, abs=3e-3)


def test_move_and_spread_are_those_of_the_first_expiry() -> None:
    panel = smiles(CHAIN)
    assert options.implied_move_frac(panel)[-1] == pytest.approx(0.3 * (20 / 365) ** 0.5 * 0.79788, rel=1e-2)
    assert 0.0 < options.option_spread_frac(panel)[-1] < 0.1


def test_rank_percentile_and_change_are_taken_over_bars() -> None:
    volatility = FracColumn(pl.Series([0.2, 0.4, 0.3, 0.25]))
    assert options.iv_rank_frac(volatility, ONE, Sessions(4)).to_list()[-1] == pytest.approx(0.25)
    assert options.iv_percentile_frac(volatility, ONE, Sessions(4)).to_list()[-1] == pytest.approx(1 / 3)
    assert options.iv_change_frac(volatility, ONE, Sessions(2)).to_list()[2:] == [
        pytest.approx(0.1),
        pytest.approx(-0.15),
    ]


def test_a_session_without_volatility_leaves_the_window_without_rank() -> None:
    volatility = FracColumn(pl.Series([0.2, None, 0.3, 0.25]))
    assert options.iv_rank_frac(volatility, ONE, Sessions(3)).to_list() == [None, None, None, None]


def test_the_variance_premium_is_a_years_variance() -> None:
    found = options.variance_premium_frac(FracColumn(pl.Series([0.3, None])), FracColumn(pl.Series([0.01, 0.01])))
    assert found.to_list() == [pytest.approx(0.09 - 0.0252), None]


def test_put_call_ratio_is_that_of_the_last_report() -> None:
    interest = CHAIN.with_columns(open_interest=pl.when(right="P").then(3).otherwise(2))
    found = options.put_call_ratio_frac(
        Panel(interest), SymbolColumn(pl.Series(["AAA", "ZZZ"])), InstantColumn(instants(AT, AT)), WEEK
    )
    assert found.to_list() == [1.5, None]


def test_no_options_at_all_leave_every_feature_missing() -> None:
    panel = smiles(CHAIN.clear())
    for feature in (
        options.atm_iv_30d_frac,
        options.iv_skew_frac,
        options.implied_move_frac,
        options.option_spread_frac,
    ):
        assert feature(panel).null_count() == 2


@pytest.mark.shared_data
def test_a_real_chain_has_plausible_features(shared_data: Path) -> None:
    """AAPL at the close of 2014-06-06; another vendor's volatility at the money of that day is 0.242."""
    table = pl.read_parquet(shared_data / "e4_option_quotes_daily_aapl.parquet").filter(pl.col("date").dt.day() == 6)
    facts = table.select(
        pl.col("symbol").alias("underlying_id"),
        pl.col("expiry").str.to_date("%Y%m%d").alias("expiry_on"),
        pl.col("strike").alias("strike_usd"),
        "right",
        pl.col("bid_close").cast(pl.Float64).alias("bid_usd"),
        pl.col("ask_close").cast(pl.Float64).alias("ask_usd"),
        *(pl.lit(AT, pl.Datetime("ns", "UTC")).alias(name) for name in ("quoted_at", "event_at", "known_at")),
        pl.int_range(pl.len()).alias("sequence"),
    )
    close = pl.Series([645.57])
    symbol, at = SymbolColumn(pl.Series(["AAPL"])), InstantColumn(instants(AT))
    panel = options.option_smiles(Panel(facts), symbol, at, UsdColumn(close), Frac(0.001), Seconds(DAY_S), WEEK)
    near, far = options.atm_iv_30d_frac(panel), options.atm_iv_90d_frac(panel)
    assert near[0] == pytest.approx(0.23, abs=0.025)
    assert far[0] == pytest.approx(0.23, abs=0.025)
    assert -0.03 < options.iv_skew_frac(panel)[0] < 0.1
    assert 0.01 < options.implied_move_frac(panel)[0] < 0.04
    assert -0.05 < options.implied_carry_frac(panel)[0] < 0.02
    assert 0.0 < options.option_spread_frac(panel)[0] < 0.2
