"""Who bets against a share, and what it costs: short interest, borrow and fails, each once it was published."""

from __future__ import annotations

import polars as pl

from nodes.kernels.arrays import array, column
from nodes.kernels.known import days_since_known, known_rows
from nodes.kernels.panels import change_over
from nodes.kernels.ratios import ratio_column
from nodes.vocabulary.units import (
    DaysColumn,
    FracColumn,
    InstantColumn,
    Panel,
    Segments,
    Sessions,
    SharesColumn,
    SymbolColumn,
)


def short_shares(short_interest: Panel, symbol: SymbolColumn, closed_at: InstantColumn) -> SharesColumn:
    """Shares sold short, by the newest report known at the close.

    Formula: shares of the newest settlement date known at the close
    Unit: shares. Missing: null until a report is known.
    Source: FINRA Rule 4560: published on the seventh session after the settlement date.
    """
    return SharesColumn(known_rows(short_interest, symbol, closed_at, ["shares"])["shares"])


def short_interest_frac(short_shares: SharesColumn, outstanding_shares: SharesColumn) -> FracColumn:
    """Share of the company that is sold short.

    Formula: short shares / outstanding shares
    Unit: fraction. Missing: null where either is.
    Source: Asquith, Pathak, Ritter (2005), J. Financial Economics 78(2).
    """
    return FracColumn(ratio_column(short_shares, outstanding_shares))


def short_cover_frac(short_shares: SharesColumn, adv_shares: SharesColumn) -> FracColumn:
    """How many average days of trading it would take to buy back what is sold short: days to cover.

    Formula: short shares / adv_shares
    Unit: average days. Missing: null where either is.
    Source: Hong, Li, Ni, Scheinkman, Yan (2015), NBER working paper 21166.
    """
    return FracColumn(ratio_column(short_shares, adv_shares))


def short_change_frac(
    short_interest_frac: FracColumn, segments: Segments, short_change_sessions: Sessions
) -> FracColumn:
    """By how much the part sold short moved.

    Formula: short_interest_frac - that of short_change_sessions bars before
    Unit: fraction of the company. Missing: null where either is.
    Source: Senchack and Starks (1993), J. Financial and Quantitative Analysis 28(2).
    """
    return FracColumn(column(change_over(array(short_interest_frac), segments, short_change_sessions)))


def short_age_days(short_interest: Panel, symbol: SymbolColumn, closed_at: InstantColumn) -> DaysColumn:
    """How long ago the newest short interest became known.

    Formula: whole days from known_at of the newest report to the close
    Unit: days. Missing: null until a report is known.
    Source: DESIGN section 4: staleness of a feature.
    """
    return DaysColumn(days_since_known(short_interest, symbol, closed_at))


def borrow_fee_frac(borrow: Panel, symbol: SymbolColumn, closed_at: InstantColumn) -> FracColumn:
    """Yearly fee of borrowing the share, by the newest list known at the close.

    Formula: fee_rate_frac of the newest day known
    Unit: fraction a year. Missing: null until a list names the share.
    Source: D'Avolio (2002), J. Financial Economics 66(2).
    """
    known = known_rows(borrow, symbol, closed_at, ["fee_rate_frac"])
    return FracColumn(known["fee_rate_frac"])


def borrow_available_frac(
    borrow: Panel, adv_shares: SharesColumn, symbol: SymbolColumn, closed_at: InstantColumn
) -> FracColumn:
    """How many average days of trading there is to borrow, by the newest list known at the close.

    Formula: available shares / adv_shares
    Unit: average days. Missing: null until a list names the share, or where adv_shares is.
    Source: Kolasinski, Reed, Ringgenberg (2013), J. Finance 68(2): supply of loans.
    """
    known = known_rows(borrow, symbol, closed_at, ["available_shares"])
    return FracColumn(ratio_column(known["available_shares"], adv_shares))


def fails_frac(
    fails: Panel, outstanding_shares: SharesColumn, symbol: SymbolColumn, closed_at: InstantColumn
) -> FracColumn:
    """Share of the company that was sold and not delivered, by the newest balance published by the close.

    Formula: balance of fails / outstanding shares
    Unit: fraction. Missing: null until a balance is known, or where the shares outstanding are not.
    Source: Boni (2006), J. Financial Markets 9(1); SEC, fails-to-deliver data, published by half months.
    """
    known = known_rows(fails, symbol, closed_at, ["shares"])
    return FracColumn(ratio_column(known["shares"].cast(pl.Float64), outstanding_shares))
