"""What analysts expect of the quarter ahead: how many, how much, how far apart, and where they are moving."""

from __future__ import annotations

from nodes.kernels.arrays import array, column
from nodes.kernels.opinions import (
    EPS_SCALE,
    estimate_steps,
    estimates_at,
    mean,
    period_ahead,
    spread,
)
from nodes.kernels.ratios import ratio_column
from nodes.kernels.split_basis import lagged_a_share, split_rows
from nodes.vocabulary.units import (
    CountColumn,
    DateColumn,
    Days,
    FracColumn,
    InstantColumn,
    Panel,
    Segments,
    Sessions,
    SymbolColumn,
    UsdColumn,
)

_EPS = "eps_usd"


def quarter_ahead_count(earnings_actuals: Panel, symbol: SymbolColumn, closed_at: InstantColumn) -> CountColumn:
    """The fiscal quarter whose results come next, counted through.

    Formula: 4 * fiscal year + fiscal quarter - 1 of the newest results known at the close, + 1
    Unit: quarters. Missing: null until results are known.
    Source: the domain earnings_actuals.
    """
    return CountColumn(period_ahead(earnings_actuals, symbol, closed_at))


def estimates_count(
    estimates: Panel,
    quarter_ahead_count: CountColumn,
    symbol: SymbolColumn,
    closed_at: InstantColumn,
    bar_on: DateColumn,
    split_ratio: FracColumn,
    estimate_life_days: Days,
) -> CountColumn:
    """How many analysts have a standing estimate of the quarter ahead.

    Formula: analysts whose newest estimate was made in the last estimate_life_days
    Unit: analysts. Missing: null until the first estimate of that quarter.
    Source: Barron and Stuerke (1998), J. Accounting, Auditing and Finance 13(3).
    """
    steps = estimate_steps(estimates, _EPS, split_rows(symbol, bar_on, split_ratio), estimate_life_days)
    return CountColumn(estimates_at(steps, symbol, quarter_ahead_count, closed_at)["count"])


def consensus_eps_usd(
    estimates: Panel,
    quarter_ahead_count: CountColumn,
    symbol: SymbolColumn,
    closed_at: InstantColumn,
    bar_on: DateColumn,
    split_ratio: FracColumn,
    estimate_life_days: Days,
) -> UsdColumn:
    """Mean of the standing estimates of earnings a share for the quarter ahead, in the shares of the bar's day.

    Formula: mean over analysts of the newest estimate, made in the last estimate_life_days
    Unit: USD a share. Missing: null where no estimate stands.
    Source: Diether, Malloy and Scherbina (2002), J. Finance 57(5), section I; splits as DESIGN section 10 warns.
    """
    steps = estimate_steps(estimates, _EPS, split_rows(symbol, bar_on, split_ratio), estimate_life_days)
    return UsdColumn(column(mean(estimates_at(steps, symbol, quarter_ahead_count, closed_at), EPS_SCALE)))


def estimate_dispersion_frac(
    estimates: Panel,
    quarter_ahead_count: CountColumn,
    symbol: SymbolColumn,
    closed_at: InstantColumn,
    bar_on: DateColumn,
    split_ratio: FracColumn,
    estimate_life_days: Days,
) -> FracColumn:
    """How far apart the analysts are.

    Formula: sample standard deviation of the standing estimates / |their mean|
    Unit: fraction. Missing: null for fewer than two estimates, or a mean of zero.
    Source: Diether, Malloy and Scherbina (2002), J. Finance 57(5).
    """
    steps = estimate_steps(estimates, _EPS, split_rows(symbol, bar_on, split_ratio), estimate_life_days)
    found = estimates_at(steps, symbol, quarter_ahead_count, closed_at)
    return FracColumn(ratio_column(column(spread(found, EPS_SCALE)), column(mean(found, EPS_SCALE)).abs()))


def estimate_revision_frac(
    consensus_eps_usd: UsdColumn,
    quarter_ahead_count: CountColumn,
    split_ratio: FracColumn,
    segments: Segments,
    revision_sessions: Sessions,
) -> FracColumn:
    """By how much the consensus for the quarter ahead moved.

    Formula: (consensus - consensus of revision_sessions bars before, splits taken out) / |the latter|
    Unit: fraction. Missing: null where either is, or where the quarter ahead is another one by now.
    Source: Chan, Jegadeesh and Lakonishok (1996), J. Finance 51(5): revisions of forecasts.
    """
    before = lagged_a_share(consensus_eps_usd, quarter_ahead_count, split_ratio, segments, revision_sessions)
    return FracColumn(ratio_column(column(array(consensus_eps_usd) - array(before)), before.abs()))
