"""Measures of smiles that are known, at known times; what is not enclosed is missing."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from nodes.kernels.options.chains import chains_as_of
from nodes.kernels.options.smiles import MEASURES, Horizons, smile_measures, smiles_as_of
from tests.nodes.kernels.options.facts import AT, DAY_S, instants, option_facts

WHERE = Horizons(near_days=60.0, far_days=120.0, least_days=7.0)


def measures(facts: pl.DataFrame, where: Horizons = WHERE, n_rows: int = 1) -> pl.DataFrame:
    symbols, at = pl.Series(["AAA"] * n_rows), instants(*[AT] * n_rows)
    return smile_measures(chains_as_of(facts, symbols, at, DAY_S), np.full(n_rows, 100.0), 0.03, where)


def test_a_flat_smile_is_read_as_its_volatility_everywhere() -> None:
    found = measures(option_facts(volatility=0.3)).row(0, named=True)
    for name in ("atm_near_frac", "atm_far_frac"):
        assert found[name] == pytest.approx(0.3, rel=2e-3)
    for name in ("put_wing_frac", "call_wing_frac"):
        assert found[name] == pytest.approx(0.3, rel=1e-2)


def test_carry_is_interest_less_dividends() -> None:
    assert measures(option_facts()).row(0, named=True)["carry_frac"] == pytest.approx(0.02, abs=2e-3)


def test_the_move_is_the_straddle_of_the_first_expiry() -> None:
    found = measures(option_facts(volatility=0.3)).row(0, named=True)
    assert found["move_frac"] == pytest.approx(0.3 * math.sqrt(30 / 365) * math.sqrt(2 / math.pi), rel=5e-3)


def test_the_spread_is_that_of_quotes_near_the_money() -> None:
    wide = option_facts().with_columns(bid_usd=pl.col("ask_usd") * 0.8)
    assert measures(wide).row(0, named=True)["spread_frac"] == pytest.approx(0.2 / 0.9)


def test_a_dearer_put_wing_is_skew() -> None:
    facts = option_facts()
    is_low_put = (pl.col("right") == "P") & (pl.col("strike_usd") < 100.0)
    dear = facts.with_columns(
        (pl.when(is_low_put).then(pl.col(side) + 0.6).otherwise(pl.col(side))).alias(side)
        for side in ("bid_usd", "ask_usd")
    )
    found = measures(dear).row(0, named=True)
    assert found["put_wing_frac"] > found["call_wing_frac"] + 0.02


def test_times_that_no_expiries_enclose_are_missing_and_never_extrapolated() -> None:
    found = measures(option_facts(days=(91, 182)), Horizons(60.0, 120.0, 7.0)).row(0, named=True)
    assert found["atm_near_frac"] is None
    assert found["carry_frac"] is None
    assert found["atm_far_frac"] == pytest.approx(0.25, rel=2e-3)


def test_strikes_that_do_not_reach_the_wings_leave_them_missing() -> None:
    found = measures(option_facts(strikes=(98.0, 99.0, 100.0, 101.0, 102.0))).row(0, named=True)
    assert found["put_wing_frac"] is found["call_wing_frac"] is None
    assert found["atm_near_frac"] == pytest.approx(0.25, rel=2e-3)


def test_expiries_nearer_than_the_least_are_not_read() -> None:
    found = measures(option_facts(), Horizons(60.0, 120.0, 45.0)).row(0, named=True)
    assert found["atm_near_frac"] is None


def test_one_sided_quotes_have_no_volatility() -> None:
    """Missing is never zero: a chain of asks alone says nothing."""
    found = measures(option_facts().with_columns(bid_usd=pl.lit(None, pl.Float64)))
    assert found.null_count().row(0) == (1,) * len(MEASURES)


def test_no_chain_leaves_a_row_of_nulls() -> None:
    found = measures(option_facts().clear(), n_rows=2)
    assert found.height == 2
    assert found.null_count().row(0) == (2,) * len(MEASURES)


def test_a_row_alone_is_bit_for_bit_the_row_among_others() -> None:
    facts = pl.concat([option_facts(), option_facts("BBB", volatility=0.4)])
    symbols, at = pl.Series(["AAA", "BBB", "AAA"]), instants(AT, AT + timedelta(hours=2), AT + timedelta(hours=3))
    whole = smile_measures(chains_as_of(facts, symbols, at, DAY_S), np.full(3, 100.0), 0.03, WHERE)
    for row in range(3):
        part = chains_as_of(facts, symbols[row : row + 1], at[row : row + 1], DAY_S)
        assert smile_measures(part, np.full(1, 100.0), 0.03, WHERE).equals(whole[row])


def test_many_rows_are_read_some_at_a_time_with_the_bits_of_one_at_a_time() -> None:
    facts, n_rows = option_facts(), 300
    symbols = pl.Series(["AAA", "ZZZ", "AAA"] * 100)
    at = instants(*(AT + timedelta(minutes=row) for row in range(n_rows)))
    whole = smiles_as_of(facts, symbols, at, np.full(n_rows, 100.0), DAY_S, 0.03, WHERE)
    assert whole.height == n_rows
    for row in (0, 1, 127, 128, 299):
        alone = smiles_as_of(facts, symbols[row : row + 1], at[row : row + 1], np.full(1, 100.0), DAY_S, 0.03, WHERE)
        assert alone.equals(whole[row])


def test_no_rows_have_no_measures() -> None:
    empty = smiles_as_of(option_facts(), pl.Series([], dtype=pl.String), instants(), np.empty(0), DAY_S, 0.03, WHERE)
    assert empty.columns == list(MEASURES)
    assert empty.is_empty()
