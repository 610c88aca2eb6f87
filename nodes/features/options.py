"""What options say of a share: how far it is expected to move, in which direction more, and how that has changed."""

from __future__ import annotations

import numpy as np
import polars as pl

from nodes.kernels.arrays import array, column
from nodes.kernels.options.positions import put_call_ratios
from nodes.kernels.options.smiles import Horizons, smiles_as_of
from nodes.kernels.panels import lagged
from nodes.kernels.rolling import window_place, window_rank
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

_NEAR_DAYS, _FAR_DAYS = 30.0, 90.0
_DAY_S = 86_400.0
_SESSIONS_IN_YEAR = 252.0


def option_smiles(
    options: Panel,
    symbol: SymbolColumn,
    closed_at: InstantColumn,
    close_usd: UsdColumn,
    option_rate_frac: Frac,
    option_max_age_s: Seconds,
    option_least_expiry_s: Seconds,
) -> Panel:
    """Measures of the smiles of each bar's chain, as it was known at the bar's close.

    Formula: implied volatilities of quoted middles out of the money, against the forward of put-call parity; straight
    lines in total variance to 30 and 90 days
    Unit: a row a bar; fractions a year. Missing: null where strikes or expiries do not enclose what is read.
    Source: Black (1976); Cboe Volatility Index methodology (2023), for forward and time; delta wings as quoted in FX,
    Clark (2011), Foreign Exchange Option Pricing, chapter 3.
    """
    where = Horizons(_NEAR_DAYS, _FAR_DAYS, option_least_expiry_s / _DAY_S)
    close = array(close_usd)
    return Panel(smiles_as_of(options, symbol, closed_at, close, option_max_age_s, option_rate_frac, where))


def atm_iv_30d_frac(option_smiles: Panel) -> FracColumn:
    """Volatility that options 30 days from expiry imply at the forward.

    Formula: sqrt(w / t), w the total variance at the forward between the expiries around 30 days
    Unit: fraction a year. Missing: null without a chain, or where no expiries enclose 30 days.
    Source: Cboe Volatility Index methodology (2023), interpolation to 30 days; here at the money.
    """
    return FracColumn(option_smiles["atm_near_frac"])


def atm_iv_90d_frac(option_smiles: Panel) -> FracColumn:
    """Volatility that options 90 days from expiry imply at the forward.

    Formula: as atm_iv_30d_frac, at 90 days
    Unit: fraction a year. Missing: null without a chain, or where no expiries enclose 90 days.
    Source: Cboe S&P 500 3-Month Volatility Index methodology (2023); here at the money.
    """
    return FracColumn(option_smiles["atm_far_frac"])


def iv_term_slope_frac(atm_iv_30d_frac: FracColumn, atm_iv_90d_frac: FracColumn) -> FracColumn:
    """How much more volatility the later months hold; negative in fear.

    Formula: atm_iv_90d_frac - atm_iv_30d_frac
    Unit: fraction a year. Missing: null where either is.
    Source: Vasquez (2017), J. Financial and Quantitative Analysis 52(6), slope of the volatility term structure.
    """
    return FracColumn(column(array(atm_iv_90d_frac) - array(atm_iv_30d_frac)))


def iv_skew_frac(option_smiles: Panel) -> FracColumn:
    """How much dearer protection against a fall is than a bet on a rise.

    Formula: volatility of the 25-delta put - volatility of the 25-delta call, at 30 days
    Unit: fraction a year. Missing: null where the strikes do not reach both deltas.
    Source: Bali and Hovakimian (2009), Management Science 55(11); risk reversal as in Clark (2011), chapter 3.
    """
    return FracColumn(column(array(option_smiles["put_wing_frac"]) - array(option_smiles["call_wing_frac"])))


def iv_curvature_frac(option_smiles: Panel) -> FracColumn:
    """How much dearer both wings are than the middle: the price of large moves.

    Formula: (volatility of the 25-delta put + of the 25-delta call) / 2 - atm_iv_30d_frac
    Unit: fraction a year. Missing: null where the strikes do not reach both deltas.
    Source: Clark (2011), Foreign Exchange Option Pricing, section 3.5, smile strangle.
    """
    wings = array(option_smiles["put_wing_frac"]) + array(option_smiles["call_wing_frac"])
    return FracColumn(column(0.5 * wings - array(option_smiles["atm_near_frac"])))


def iv_rank_frac(atm_iv_30d_frac: FracColumn, segments: Segments, iv_rank_sessions: Sessions) -> FracColumn:
    """Where the volatility lies between its lowest and its highest of the window.

    Formula: (iv - min(iv)) / (max(iv) - min(iv)) over the last iv_rank_sessions bars
    Unit: fraction, 0 to 1. Missing: null until the window is full, where it misses one, or where all are equal.
    Source: tastytrade, IV rank, as brokers show it.
    """
    return FracColumn(column(window_place(array(atm_iv_30d_frac), segments, iv_rank_sessions)))


def iv_percentile_frac(atm_iv_30d_frac: FracColumn, segments: Segments, iv_rank_sessions: Sessions) -> FracColumn:
    """Share of the window's earlier sessions with a lower volatility than now.

    Formula: (count(iv_earlier < iv) + count(iv_earlier = iv) / 2) / (iv_rank_sessions - 1)
    Unit: fraction, 0 to 1. Missing: null until the window is full or where it misses one.
    Source: definition of a percentile rank, ties counted half.
    """
    return FracColumn(column(window_rank(array(atm_iv_30d_frac), segments, iv_rank_sessions)))


def iv_change_frac(atm_iv_30d_frac: FracColumn, segments: Segments, iv_change_sessions: Sessions) -> FracColumn:
    """How much the volatility has risen over some sessions.

    Formula: atm_iv_30d_frac - atm_iv_30d_frac iv_change_sessions bars before
    Unit: fraction a year. Missing: null where either is.
    Source: An, Ang, Bali, Cakici (2014), J. Finance 69(5), innovations in implied volatilities.
    """
    now = array(atm_iv_30d_frac)
    return FracColumn(column(now - lagged(now, segments, iv_change_sessions)))


def variance_premium_frac(atm_iv_30d_frac: FracColumn, volatility_frac: FracColumn) -> FracColumn:
    """By how much the variance that options imply exceeds the one that was realised.

    Formula: atm_iv_30d_frac^2 - 252 volatility_frac^2
    Unit: variance a year. Missing: null where either is.
    Source: Bollerslev, Tauchen, Zhou (2009), Review of Financial Studies 22(11), variance risk premium.
    """
    implied, realised = array(atm_iv_30d_frac), array(volatility_frac)
    with np.errstate(over="ignore"):
        return FracColumn(column(implied * implied - _SESSIONS_IN_YEAR * (realised * realised)))


def implied_move_frac(option_smiles: Panel) -> FracColumn:
    """Move that the straddle of the first expiry pays for, up or down.

    Formula: undiscounted straddle at the forward / close, of the first expiry not nearer than option_least_expiry_s
    Unit: fraction of the price. Missing: null without a smile around the forward.
    Source: Natenberg (2015), Option Volatility and Pricing, chapter 5: the straddle as the expected absolute move.
    """
    return FracColumn(option_smiles["move_frac"])


def implied_carry_frac(option_smiles: Panel) -> FracColumn:
    """Growth of the forward a year: interest less dividends less what lending the share earns.

    Formula: ln(forward / close) / years, at 30 days
    Unit: fraction a year. Missing: null where no expiries enclose 30 days.
    Source: Hull, Options, Futures, and Other Derivatives, 10th edition, section 17.3, forward of put-call parity.
    """
    return FracColumn(option_smiles["carry_frac"])


def option_spread_frac(option_smiles: Panel) -> FracColumn:
    """How wide options near the money are quoted.

    Formula: median of (ask - bid) / middle, of the first expiry not nearer than option_least_expiry_s, strikes within
    a tenth of the forward
    Unit: fraction of the option's price. Missing: null without quotes there.
    Source: Christoffersen, Goyenko, Jacobs, Karoui (2018), Review of Financial Studies 31(3), relative quoted spread.
    """
    return FracColumn(option_smiles["spread_frac"])


def put_call_ratio_frac(
    option_open_interest: Panel, symbol: SymbolColumn, closed_at: InstantColumn, option_interest_max_age_s: Seconds
) -> FracColumn:
    """Open puts for each open call, as last reported before the bar's close.

    Formula: sum(open interest of puts) / sum(open interest of calls)
    Unit: ratio. Missing: null without a report that is young enough, or without an open call.
    Source: Pan and Poteshman (2006), Review of Financial Studies 19(3), put-call ratios; here of open interest.
    """
    ratios = put_call_ratios(pl.DataFrame(option_open_interest), symbol, closed_at, option_interest_max_age_s)
    return FracColumn(column(ratios))
