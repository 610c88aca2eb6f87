"""What a chain of option quotes is worth: volatilities, Greeks, what is wrong with each quote, and the surface.

Volatilities stand on the forward that the chain's own calls and puts agree on, so that no dividend has to be guessed.
Out of the money early exercise is worth next to nothing; `is_out` tells which volatilities that holds for.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date

import numpy as np
import polars as pl

from adapters.lake.domains.options import CALL
from nodes.kernels.arrays import Array, Index, array, column
from nodes.kernels.options.american import american_volatilities
from nodes.kernels.options.arbitrage import ArbitrageFlags, Underlying, arbitrage_flags
from nodes.kernels.options.implied import Unsolved, implied_volatilities
from nodes.kernels.options.parity import ImpliedForwards, implied_forwards
from nodes.kernels.options.pricing import Contracts, Greeks, Terms, greeks
from nodes.kernels.options.quotes import Quotes, groups
from nodes.kernels.options.surface import Smoothness, Surface, SviFit, smoothness, svi_fit
from nodes.vocabulary.errors import DataError

_FORWARD_STRIKES = 6
_FLAGS = tuple(field.name for field in fields(ArbitrageFlags))
_GREEKS = tuple(field.name for field in fields(Greeks))


@dataclass(frozen=True)
class Slice:
    """One expiry of a surface.

    Attributes:
        expiry_on: the expiry.
        forward_usd: that its calls and puts agree on.
        n_points: how many volatilities it is drawn through.
        fit: the slice with its quality.
    """

    expiry_on: date
    forward_usd: float
    n_points: int
    fit: SviFit


@dataclass(frozen=True)
class ChainSurface:
    """The surface of a chain.

    Attributes:
        slices: by expiry; expiries with fewer than five volatilities have none.
        surface: the same as a function.
        check: whether it is free of arbitrage, and how near it lies to its quotes.
    """

    slices: tuple[Slice, ...]
    surface: Surface
    check: Smoothness


def priced(quotes: pl.DataFrame, rate_frac: float, spot_usd: float | None = None) -> pl.DataFrame:
    """A chain (see `adapters.lake.views.options`) with forward, volatility or its want, Greeks and flags of its quotes.

    Columns beside those of `chain`: forward_usd, is_out (out of the money), implied_volatility_frac, unsolved, the
    Greeks, `is_<flag>` for each flag of ArbitrageFlags, and is_flagged.

    Args:
        quotes: a chain.
        rate_frac: continuous interest rate a year.
        spot_usd: price of the underlying. Without it Greeks stand on the forward of the first expiry, discounted, which
            lacks a dividend until then; and no flag is raised that needs it.

    Raises:
        DataError: no spot is given and no expiry has a call and a put with both sides.
    """
    known, years = chain_quotes(quotes), array(quotes["years"])
    discount = np.exp(-rate_frac * years)
    forwards = implied_forwards(known, discount, _FORWARD_STRIKES)
    spot = _spot(forwards, known, discount) if spot_usd is None else spot_usd
    forward = _of_expiry(forwards, known.expiry)
    terms = Terms(forward, known.strike_usd, years, discount, known.is_call)
    implied = implied_volatilities(known.middle_usd, terms)
    level, rate = np.full(len(years), spot), np.full(len(years), rate_frac)
    with np.errstate(divide="ignore", invalid="ignore"):
        carried = rate - np.log(forward / spot) / years
    greek = greeks(Contracts(level, known.strike_usd, years, rate, carried, known.is_call), implied.volatility_frac)
    certain = np.full(len(years), np.nan if spot_usd is None else spot_usd)
    flags = arbitrage_flags(known, Underlying(certain, discount, forward * discount))
    reasons = [Unsolved(code).name.lower() for code in implied.reason.tolist()]
    return quotes.with_columns(
        forward_usd=column(forward),
        is_out=pl.Series((known.strike_usd >= forward) == known.is_call),
        implied_volatility_frac=column(implied.volatility_frac),
        unsolved=pl.Series(reasons, dtype=pl.String).replace(Unsolved.SOLVED.name.lower(), None),
        **{name: column(getattr(greek, name)) for name in _GREEKS},
        **{f"is_{name}": pl.Series(getattr(flags, name)) for name in _FLAGS},
        is_flagged=pl.Series(flags.any),
    )


def american_volatility(table: pl.DataFrame, rate_frac: float, spot_usd: float, steps: int) -> pl.Series:
    """The volatility of each quote of a priced chain with early exercise allowed for, null where there is none.

    The dividends until each expiry are spread into a yield, so that the forward stays that of the chain: a model's
    error of up to half a point or so where they are paid in cash, larger than early exercise out of the money.

    Args:
        table: a priced chain.
        rate_frac: continuous interest rate a year.
        spot_usd: price of the underlying.
        steps: of the tree; 51 keep a cent on a share of 100 dollars.
    """
    known, years, forward = chain_quotes(table), array(table["years"]), array(table["forward_usd"])
    level, rate = np.full(len(years), spot_usd), np.full(len(years), rate_frac)
    with np.errstate(divide="ignore", invalid="ignore"):
        carried = rate - np.log(forward / spot_usd) / years
    contracts = Contracts(level, known.strike_usd, years, rate, carried, known.is_call)
    found = american_volatilities(known.middle_usd, contracts, steps).volatility_frac
    return column(found).alias("american_volatility_frac")


def chain_surface(table: pl.DataFrame) -> ChainSurface | None:
    """The surface through the volatilities of a priced chain; None when no expiry has five of them.

    Only unflagged options out of the money are read. A point weighs as its vega does over its spread: by how little the
    volatility would move between bid and ask. Of two expiries that end at one instant (a Saturday and its Friday) the
    first is read.
    """
    usable = table.filter(
        pl.col("is_out"), ~pl.col("is_flagged"), pl.col("implied_volatility_frac").is_not_null()
    ).sort("expiry_on", "strike_usd")
    found: list[Slice] = []
    for (expiry_on,), points in usable.group_by("expiry_on", maintain_order=True):
        forward = float(points["forward_usd"][0])
        k = np.log(array(points["strike_usd"]) / forward)
        fit = svi_fit(k, array(points["implied_volatility_frac"]), float(points["years"][0]), _weights(points))
        is_new = not found or found[-1].fit.smile.years < float(points["years"][0])
        if fit is not None and is_new:
            found.append(Slice(expiry_on, forward, points.height, fit))
    if not found:
        return None
    fits = [item.fit for item in found]
    return ChainSurface(tuple(found), Surface(tuple(fit.smile for fit in fits)), smoothness(fits))


def _weights(points: pl.DataFrame) -> Array:
    """(vega / spread)^2, the least spread being a cent."""
    spread = np.maximum(array(points["ask_usd"]) - array(points["bid_usd"]), 0.01)
    return (array(points["vega"]) / spread) ** 2


def chain_quotes(frame: pl.DataFrame) -> Quotes:
    """The rows of a chain as the kernels take them."""
    return Quotes(
        frame["expiry_on"].cast(pl.Int32).cast(pl.Int64).to_numpy(),
        array(frame["strike_usd"]),
        (frame["right"] == CALL).to_numpy(),
        array(frame["bid_usd"]),
        array(frame["ask_usd"]),
    )


def _spot(forwards: ImpliedForwards, quotes: Quotes, discount: Array) -> float:
    """The forward of the first expiry that has one, discounted."""
    if not len(forwards.expiry):
        message = (
            f"none of {len(groups(quotes.expiry, quotes.strike_usd))} expiries has a call and a put with both sides"
        )
        raise DataError(f"{message}: nothing tells the underlying's price; give spot_usd")
    first = quotes.expiry == forwards.expiry[0]
    return float(forwards.forward_usd[0] * discount[first][0])


def _of_expiry(forwards: ImpliedForwards, expiry: Index) -> Array:
    """The forward of each contract's expiry; NaN where it has none."""
    if not len(forwards.expiry):
        return np.full(len(expiry), np.nan)
    place = np.minimum(np.searchsorted(forwards.expiry, expiry), len(forwards.expiry) - 1)
    return np.where(forwards.expiry[place] == expiry, forwards.forward_usd[place], np.nan)
