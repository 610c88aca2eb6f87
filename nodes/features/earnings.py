"""Earnings announcements: how surprising, how long ago, how soon."""

from __future__ import annotations

from nodes.kernels.known import days_since_known, known_values
from nodes.kernels.standing import days_until
from nodes.kernels.surprises import standardised, surprises
from nodes.vocabulary.units import Count, DaysColumn, FracColumn, InstantColumn, Panel, ScoreColumn, SymbolColumn

_EPS = "eps_usd"


def surprise_frac(earnings_actuals: Panel, symbol: SymbolColumn, closed_at: InstantColumn) -> FracColumn:
    """By how much the newest earnings a share beat the consensus.

    Formula: (actual - consensus) / |consensus|, of the newest quarter known at the close
    Unit: fraction. Missing: null until a quarter with a consensus is known; a consensus of zero has none.
    Source: Livnat and Mendenhall (2006), J. Accounting Research 44(1), scaled by the forecast.
    """
    return FracColumn(known_values(surprises(earnings_actuals, _EPS), symbol, closed_at))


def standardised_surprise_score(
    earnings_actuals: Panel, symbol: SymbolColumn, closed_at: InstantColumn, n_past_surprises: Count
) -> ScoreColumn:
    """Standardised unexpected earnings: the newest surprise against the company's own past ones.

    Formula: surprise / sample standard deviation of the n_past_surprises surprises before it
    Unit: standard deviations. Missing: null until so many quarters came before, or where they did not vary.
    Source: Foster, Olsen and Shevlin (1984), The Accounting Review 59(4), model 1 with analysts' forecasts.
    """
    facts = standardised(surprises(earnings_actuals, _EPS), n_past_surprises)
    return ScoreColumn(known_values(facts, symbol, closed_at))


def days_since_earnings(earnings_actuals: Panel, symbol: SymbolColumn, closed_at: InstantColumn) -> DaysColumn:
    """How long ago the newest results became known.

    Formula: whole days from known_at of the newest quarter's results to the close
    Unit: days. Missing: null until results are known.
    Source: Bernard and Thomas (1989), J. Accounting Research 27: drift after announcements.
    """
    return DaysColumn(days_since_known(earnings_actuals, symbol, closed_at))


def days_to_earnings(earnings_calendar: Panel, symbol: SymbolColumn, closed_at: InstantColumn) -> DaysColumn:
    """How soon results are due, by the calendar as it stood at the close.

    Formula: whole days from the close to the earliest scheduled_at after it, each quarter by its newest statement
    Unit: days. Missing: null where no release lies ahead in the calendar.
    Source: Frazzini and Lamont (2007), NBER working paper 13090: the announcement premium.
    """
    return DaysColumn(days_until(earnings_calendar, "scheduled_at", symbol, closed_at))
