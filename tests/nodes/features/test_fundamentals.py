"""Features of fundamentals: nothing before it was known, splits taken into account."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from adapters.feeds.files.companyfacts import company_facts
from nodes.features import fundamentals as features
from nodes.vocabulary.units import FracColumn, Panel, Segments, SharesColumn, UsdColumn
from tests.adapters.feeds.files.sec_json import companyfacts_json
from tests.nodes.features.fact_panels import at, balance, daily_bars, facts, flow

Y2, Y1, Y0 = date(2012, 12, 31), date(2013, 12, 31), date(2014, 12, 31)
SPLIT_ON = date(2014, 6, 9)
BARS = daily_bars(date(2013, 1, 2), date(2015, 6, 30), {SPLIT_ON: 7.0})


def balances(concept: str, unit: str = "USD") -> Panel:
    """A balance of each year's end, known at the close two months later; the first restated down in July 2014."""
    return facts(
        [
            balance(concept, Y2, 100.0, at(date(2013, 2, 28)), unit),
            balance(concept, Y1, 120.0, at(date(2014, 2, 28)), unit),
            balance(concept, Y1, 110.0, at(date(2014, 7, 31)), unit),
            balance(concept, Y2, 90.0, at(date(2014, 10, 31)), unit),
            balance(concept, Y0, 150.0, at(date(2015, 2, 27)), unit),
        ]
    )


@pytest.mark.parametrize(
    ("node", "concept"),
    [
        (features.total_assets_usd, "Assets"),
        (features.book_equity_usd, "StockholdersEquity"),
        (features.total_liabilities_usd, "Liabilities"),
    ],
)
def test_a_balance_is_the_newest_periods_newest_revision_known_at_the_close(
    node: Callable[..., UsdColumn], concept: str
) -> None:
    found = node(balances(concept), BARS.symbol, BARS.closed_at)
    values = {day: found[BARS.row(day)] for day in (date(2013, 2, 27), date(2013, 2, 28), date(2014, 2, 28))}
    assert list(values.values()) == [None, 100.0, 120.0]
    assert found[BARS.row(date(2014, 7, 31))] == 110.0
    assert found[BARS.row(date(2014, 10, 31))] == 110.0, "an old period's late revision replaces no newer period"
    assert found[-1] == 150.0


def test_a_split_after_the_count_multiplies_the_shares() -> None:
    found = features.outstanding_shares(
        balances("EntityCommonStockSharesOutstanding", "shares"),
        BARS.symbol, BARS.closed_at, BARS.bar_on, BARS.split_ratio, BARS.segments,
    )  # fmt: skip
    assert found[BARS.row(date(2013, 3, 1))] is None, "the count is older than the first bar: splits may be missing"
    assert found[BARS.row(date(2014, 6, 6))] == 120
    assert found[BARS.row(SPLIT_ON)] == 840
    assert found[-1] == 150


YEARS = (date(2012, 1, 1), Y2), (date(2013, 1, 1), Y1)
PARTS = (date(2013, 1, 1), date(2013, 3, 31)), (date(2014, 1, 1), date(2014, 3, 31))


@pytest.mark.parametrize(
    ("node", "concept"),
    [
        (features.sales_ttm_usd, "Revenues"),
        (features.cost_of_sales_ttm_usd, "CostOfRevenue"),
        (features.net_income_ttm_usd, "NetIncomeLoss"),
        (features.operating_cash_flow_ttm_usd, "NetCashProvidedByUsedInOperatingActivities"),
    ],
)
def test_a_trailing_year_is_made_of_what_was_known(node: Callable[..., UsdColumn], concept: str) -> None:
    known = facts(
        [
            flow(concept, *YEARS[1], 400.0, at(date(2014, 2, 28))),
            flow(concept, *PARTS[1], 120.0, at(date(2014, 5, 1))),
            flow(concept, *PARTS[0], 90.0, at(date(2014, 5, 1))),
            flow(concept, *YEARS[1], 390.0, at(date(2014, 8, 1))),
        ]
    )
    found = node(known, BARS.symbol, BARS.closed_at)
    days = (date(2014, 2, 27), date(2014, 2, 28), date(2014, 4, 30), date(2014, 5, 1), date(2014, 8, 1))
    assert [found[BARS.row(day)] for day in days] == [None, 400.0, 400.0, 430.0, 420.0]


def test_growth_compares_with_the_year_before_as_restated_by_then() -> None:
    found = features.asset_growth_frac(balances("Assets"), BARS.symbol, BARS.closed_at)
    days = (date(2013, 3, 1), date(2014, 2, 28), date(2014, 7, 31), date(2014, 10, 31), date(2015, 2, 27))
    wanted = [None, 0.2, 0.1, pytest.approx(20 / 90), pytest.approx(40 / 110)]
    assert [found[BARS.row(day)] for day in days] == [wanted[0], *map(pytest.approx, (0.2, 0.1)), *wanted[3:]]


def test_sales_growth_is_of_trailing_years() -> None:
    known = facts(
        [
            flow("Revenues", *YEARS[0], 200.0, at(date(2013, 2, 28))),
            flow("Revenues", *YEARS[1], 300.0, at(date(2014, 2, 28))),
        ]
    )
    found = features.sales_growth_frac(known, BARS.symbol, BARS.closed_at)
    assert (found[BARS.row(date(2014, 2, 27))], found[-1]) == (None, 0.5)


def test_a_split_is_no_issuance() -> None:
    known = facts(
        [
            balance("CommonStockSharesOutstanding", date(2013, 4, 30), 100.0, at(date(2013, 5, 1)), "shares"),
            balance("CommonStockSharesOutstanding", date(2014, 4, 30), 110.0, at(date(2014, 5, 1)), "shares"),
            balance("CommonStockSharesOutstanding", date(2015, 4, 30), 770.0, at(date(2015, 5, 1)), "shares"),
        ]
    )
    found = features.net_issuance_frac(known, BARS.symbol, BARS.closed_at, BARS.bar_on, BARS.split_ratio, BARS.segments)
    assert found[BARS.row(date(2014, 5, 1))] == pytest.approx(0.1)
    assert found[-1] == pytest.approx(0.0)


def test_a_count_restated_for_a_split_is_not_split_again() -> None:
    """Statements count in the shares of the filing's day (SAB Topic 4.C): the July count of 2014 made 5880 of 840."""
    concept = "CommonStockSharesOutstanding"
    known = facts(
        [
            balance(concept, date(2013, 4, 30), 100.0, at(date(2013, 5, 1)), "shares"),
            balance(concept, date(2014, 4, 30), 120.0, at(date(2014, 5, 1)), "shares"),
            balance(concept, date(2014, 4, 30), 840.0, at(date(2014, 7, 31)), "shares"),
        ]
    )
    asked = (known, BARS.symbol, BARS.closed_at, BARS.bar_on, BARS.split_ratio, BARS.segments)
    counts, issued = features.outstanding_shares(*asked), features.net_issuance_frac(*asked)
    assert [counts[BARS.row(day)] for day in (date(2014, 6, 6), SPLIT_ON, date(2014, 7, 31))] == [120, 840, 840]
    assert issued[BARS.row(date(2014, 6, 6))] == issued[BARS.row(SPLIT_ON)] == issued[-1] == pytest.approx(0.2)


def test_age_counts_from_when_it_was_known() -> None:
    found = features.statement_age_days(balances("Assets"), BARS.symbol, BARS.closed_at)
    assert found[BARS.row(date(2014, 3, 10))] == 10
    assert found[0] is None


def test_ratios_are_ratios_and_missing_where_nothing_is_under_the_line() -> None:
    usd = [UsdColumn(pl.Series(values)) for values in ([10.0, 10.0, None], [4.0, 4.0, 4.0], [40.0, 0.0, 40.0])]
    a, b, whole = usd
    assert features.book_to_market_frac(a, whole).to_list() == [0.25, None, None]
    assert features.earnings_yield_frac(a, whole).to_list() == [0.25, None, None]
    assert features.sales_yield_frac(a, whole).to_list() == [0.25, None, None]
    assert features.cash_flow_yield_frac(a, whole).to_list() == [0.25, None, None]
    assert features.return_on_equity_frac(a, whole).to_list() == [0.25, None, None]
    assert features.leverage_frac(a, whole).to_list() == [0.25, None, None]
    assert features.gross_profitability_frac(a, b, whole).to_list() == [0.15, None, None]
    assert features.accruals_frac(b, a, whole).to_list() == [-0.15, None, None]
    assert features.market_cap_usd(b, SharesColumn(pl.Series([3, None, 2]))).to_list() == [12.0, None, 8.0]


@pytest.mark.shared_data
def test_apples_worth_does_not_jump_on_its_split(shared_data: Path) -> None:
    """DESIGN section 10: 7:1 on 2014-06-09. The count of April is in old shares until July's report."""
    bars = pl.read_parquet(shared_data / "a1_daily_raw_lean.parquet").filter(
        pl.col("file_symbol") == "AAPL", pl.col("date").dt.year().is_between(2013, 2014)
    )
    days = bars["date"].dt.date()
    closed_at = (days.cast(pl.Datetime("ns")).dt.offset_by("21h")).dt.replace_time_zone("UTC")
    parsed = company_facts(companyfacts_json(shared_data, "AAPL"), "AAPL").facts
    known = Panel(parsed.with_row_index("sequence").with_columns(pl.col("sequence").cast(pl.Int64)))
    ratio = FracColumn(pl.Series(np.where(days == SPLIT_ON, 7.0, 1.0)))
    symbol, segments = pl.Series(["AAPL"] * bars.height), Segments(np.array([0, bars.height]))
    shares = features.outstanding_shares(known, symbol, closed_at, days, ratio, segments)  # type: ignore[arg-type]
    worth = features.market_cap_usd(UsdColumn(bars["close"]), shares)
    on = dict(zip(days, worth, strict=True))
    assert on[SPLIT_ON] / on[date(2014, 6, 6)] == pytest.approx(1.0, abs=0.03)
    assert on[SPLIT_ON] == pytest.approx(565e9, rel=0.02)
