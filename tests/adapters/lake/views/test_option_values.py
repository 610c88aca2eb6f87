"""Chains priced: forwards, volatilities, flags and surfaces, made up and real."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from adapters.feeds.files.leases import no_leases
from adapters.feeds.files.option_contracts import Batch
from adapters.feeds.files.options import option_quotes, option_table
from adapters.lake.views.option_values import american_volatility, chain_surface, priced
from nodes.kernels.options.chains import expiry_instants
from nodes.vocabulary.errors import DataError
from tests.nodes.kernels.options.facts import AT, option_facts

RATE_FRAC = 0.03


def chain(facts: pl.DataFrame) -> pl.DataFrame:
    """Facts of one instant as a chain."""
    left = (expiry_instants(facts["expiry_on"]) - pl.lit(AT)).dt.total_seconds()
    years = pl.select(left / (365.0 * 86_400)).to_series()
    alive = facts.with_columns(years=years).filter(pl.col("years") > 0.0)
    return alive.sort("expiry_on", "strike_usd", "right")


def test_volatility_greeks_and_forward_come_out_of_quotes_alone() -> None:
    """SVC-MKT-04."""
    table = priced(chain(option_facts()), RATE_FRAC)
    near = table.filter((pl.col("strike_usd") - 100.0).abs() <= 5.0)
    np.testing.assert_allclose(near["implied_volatility_frac"].to_numpy(), 0.25, rtol=2e-3)
    wanted = (pl.col("strike_usd") == 100.0) & (pl.col("right") == "C") & (pl.col("years") > 0.4)
    call = table.row(by_predicate=wanted, named=True)
    assert call["delta"] == pytest.approx(0.55, abs=0.02)
    assert call["forward_usd"] == pytest.approx(101.0, abs=0.1)
    assert not table["is_flagged"].any()


def test_a_missing_side_has_a_reason_and_no_volatility() -> None:
    """Missing is never zero."""
    facts = option_facts().with_columns(bid_usd=pl.when(strike_usd=120.0).then(None).otherwise("bid_usd"))
    table = priced(chain(facts), RATE_FRAC).filter(strike_usd=120.0)
    assert table["implied_volatility_frac"].null_count() == table["delta"].null_count() == table.height
    assert table["unsolved"].unique().to_list() == ["missing_input"]


def test_flags_stand_beside_the_quotes_they_are_of() -> None:
    """SVC-MKT-03: parity and no-arbitrage checks flagged."""
    is_bad = (pl.col("strike_usd") == 100.0) & (pl.col("right") == "P") & (pl.col("ask_usd").is_between(4.0, 6.0))
    facts = option_facts().with_columns(
        bid_usd=pl.when(is_bad).then(0.5).otherwise("bid_usd"), ask_usd=pl.when(is_bad).then(0.6).otherwise("ask_usd")
    )
    table = priced(chain(facts), RATE_FRAC, spot_usd=100.0)
    assert table.filter("is_parity")["strike_usd"].unique().to_list() == [100.0]
    assert table.filter("is_parity").height == 2
    assert table["is_flagged"].sum() >= 2


def test_a_spot_that_is_given_is_used() -> None:
    table = priced(chain(option_facts()), RATE_FRAC, spot_usd=150.0)
    assert table["is_below_exercise"].any()


def test_nothing_tells_a_spot_in_a_chain_without_pairs() -> None:
    calls = chain(option_facts().filter(right="C"))
    with pytest.raises(DataError, match="nothing tells the underlying's price; give spot_usd"):
        priced(calls, RATE_FRAC)
    table = priced(calls, RATE_FRAC, spot_usd=100.0)
    assert table["implied_volatility_frac"].null_count() == table.height


def test_the_surface_of_a_flat_chain_is_flat_and_smooth() -> None:
    found = chain_surface(priced(chain(option_facts(strikes=tuple(np.arange(75.0, 130.0, 2.5)))), RATE_FRAC))
    assert found is not None
    assert [item.n_points for item in found.slices] == sorted(item.n_points for item in found.slices)
    np.testing.assert_allclose(found.surface.volatility_frac(np.linspace(-0.05, 0.05, 5), 0.3), 0.25, atol=3e-3)
    assert found.check.is_smooth(0.005)


def test_a_saturday_and_its_friday_are_one_slice() -> None:
    wide = option_facts(days=(14, 15, 91), strikes=tuple(np.arange(75.0, 130.0, 2.5)))
    found = chain_surface(priced(chain(wide), RATE_FRAC))
    assert found is not None
    assert [item.expiry_on for item in found.slices] == [date(2014, 6, 20), date(2014, 9, 5)]


def test_few_quotes_have_no_surface() -> None:
    assert chain_surface(priced(chain(option_facts(strikes=(95.0, 100.0, 105.0))), RATE_FRAC)) is None


@pytest.fixture(scope="module")
def apple(shared_data: Path) -> pl.DataFrame:
    """AAPL's whole chain at the close of 2014-06-06, priced; the share closed at 645.57."""
    facts = option_quotes(
        option_table(shared_data / "e4_option_quotes_daily_aapl.parquet"), Batch("e4", "lean", no_leases()), None
    ).facts
    return priced(chain(facts.filter(quoted_at=AT)), 0.001, spot_usd=645.57)


@pytest.mark.shared_data
def test_the_forward_of_a_real_chain_falls_by_its_dividends(apple: pl.DataFrame) -> None:
    """AAPL paid about 3.29 a quarter: ex-dates in August and November 2014, February and May 2015."""
    forwards = dict(apple.select("expiry_on", "forward_usd").unique().iter_rows())
    assert forwards[date(2014, 7, 19)] == pytest.approx(645.7, abs=0.4)
    assert forwards[date(2014, 10, 18)] == pytest.approx(643.2, abs=0.5)
    assert forwards[date(2015, 1, 17)] == pytest.approx(640.9, abs=0.8)


@pytest.mark.shared_data
def test_real_quotes_are_nearly_all_free_of_arbitrage(apple: pl.DataFrame) -> None:
    """SVC-MKT-03: the flags of a real chain are few."""
    assert apple.height > 2100
    assert apple["is_flagged"].mean() < 0.01  # type: ignore[operator]  # a mean of flags is a number
    assert not apple["is_crossed"].any()


@pytest.mark.shared_data
def test_real_volatility_at_the_money_agrees_with_an_independent_source(apple: pl.DataFrame, shared_data: Path) -> None:
    """SVC-MKT-04: another vendor's at-the-money volatility of that day is 0.242."""
    independent = pl.read_parquet(shared_data / "e6_atm_iv_20names_wide.parquet").filter(
        pl.col("date").dt.date() == date(2014, 6, 6)
    )["AAPL"][0]
    month = apple.filter(pl.col("expiry_on") == date(2014, 7, 19), pl.col("is_out"))
    at_the_money = month.filter((pl.col("strike_usd") - 645.0).abs() <= 5.0)["implied_volatility_frac"].mean()
    assert at_the_money == pytest.approx(independent, abs=0.02)


@pytest.mark.shared_data
def test_the_surface_of_a_real_chain_is_smooth(apple: pl.DataFrame) -> None:
    """SVC-MKT-04: surface smoothness check, on the whole chain of 2014-06-06."""
    found = chain_surface(apple)
    assert found is not None
    assert found.check.n_slices == 12
    assert found.check.n_with_butterfly == 0
    assert found.check.worst_rmse_frac < 0.05
    assert found.check.calendar_gap > -1e-3


@pytest.mark.shared_data
def test_early_exercise_moves_real_volatilities_by_fractions_of_a_point(apple: pl.DataFrame) -> None:
    """Calls and puts of one strike then agree to a point; dividends in cash, as here, are spread into a yield.

    By Black's formula, on the forward that calls and puts share, they agree by construction.
    """
    american = apple.with_columns(american_volatility(apple, 0.001, 645.57, 25))
    deep = american.filter(pl.col("expiry_on") == date(2016, 1, 15), pl.col("strike_usd").is_between(600.0, 800.0))
    name = "american_volatility_frac"
    wide = deep.pivot("right", index="strike_usd", values=name).drop_nulls()
    assert wide.height > 10
    assert (wide["P"] - wide["C"]).abs().max() < 0.01  # type: ignore[operator]  # a largest number is a number
    out = american.filter("is_out").select(gap=pl.col("implied_volatility_frac") - pl.col(name)).drop_nulls()
    assert out["gap"].min() > -1e-6  # type: ignore[operator]  # a smallest number is a number
    assert out["gap"].quantile(0.99) < 0.01  # type: ignore[operator]  # and so is a quantile
