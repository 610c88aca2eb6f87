"""What a share's return is made of: the market, its sector, styles, and what is its own.

Parts are taken off one after another, each from what the ones before it left, so that they come to the return by
construction. Loadings are those known at the close before: nothing of a session helps to explain it.
    market   beta of the returns up to the close before, times the return of the market
    sector   mean, over the shares of the sector, of what the market left of the session
    style    exposure at the close before, as a score over the shares, times the return of the style, which is the
             slope of what is left on the exposures of all shares
    own      what is left
A share without a beta or without a return is not parted at all. A sector or a style with too few shares has no return
of its own: what it might have made stays with the shares.

Source: Sharpe (1963), Management Science 9(2), for beta; Rosenberg (1974), J. Financial and Quantitative Analysis 9(2),
for sectors and styles out of the cross-section; Grinold and Kahn (2000), Active Portfolio Management, chapter 17.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from nodes.kernels.arrays import Array, Index
from nodes.kernels.rolling import window_beta
from nodes.vocabulary.errors import DataError

Flags: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Returns:
    """What shares and their market made.

    Attributes:
        shares: simple total returns, sessions by shares; NaN where a share has none.
        market: of the market, by session.
        sectors: for each share the number of its sector from 0 on; -1 without one.
        styles: for each style its exposure as known at the close of each row, sessions by shares.
    """

    shares: Array
    market: Array
    sectors: Index
    styles: Mapping[str, Array]

    def __post_init__(self) -> None:
        shape = self.shares.shape
        fits = len(self.market) == shape[0] and len(self.sectors) == shape[1]
        if not fits or any(each.shape != shape for each in self.styles.values()):
            message = f"returns are {shape}, the market {self.market.shape}, sectors {self.sectors.shape}"
            raise DataError(f"{message}; give one row a session and one column a share for each")


@dataclass(frozen=True)
class Terms:
    """How returns are parted.

    Attributes:
        beta_sessions: sessions that a beta looks back.
        min_sector_shares: a sector with fewer shares in a session has no return.
        min_style_shares: a style with fewer exposed shares in a session has no return.
    """

    beta_sessions: int
    min_sector_shares: int
    min_style_shares: int


@dataclass(frozen=True)
class Parted:
    """The parts of each return, sessions by shares; all NaN where a share is not parted.

    Attributes:
        beta: on the market, as known at the close before.
        market: what the market brought.
        sector: what the sector brought.
        styles: what each style brought.
        own: what is left.
    """

    beta: Array
    market: Array
    sector: Array
    styles: Mapping[str, Array]
    own: Array

    @property
    def is_known(self) -> Flags:
        """Where returns are parted."""
        return np.isfinite(self.own)


def parted(returns: Returns, terms: Terms) -> Parted:
    """The parts of each return, see the head of this module.

    Formula: r = beta m + g + sum(z f) + e, with beta and z known at the close before.
    Unit: fraction. Missing: NaN in every part without a beta or a return; see above for sectors and styles.
    """
    beta = _before(betas(returns.shares, returns.market, terms.beta_sessions))
    market = beta * returns.market[:, np.newaxis]
    left = returns.shares - market
    sector = _sector_returns(left, returns.sectors, terms.min_sector_shares)
    left = left - sector
    styles: dict[str, Array] = {}
    for name, exposures in returns.styles.items():
        styles[name] = _style_returns(left, _scores(_before(exposures), np.isfinite(left)), terms.min_style_shares)
        left = left - styles[name]
    unknown = np.isnan(left)
    return Parted(
        np.where(unknown, np.nan, beta),
        np.where(unknown, np.nan, market),
        np.where(unknown, np.nan, sector),
        {name: np.where(unknown, np.nan, each) for name, each in styles.items()},
        left,
    )


def betas(shares: Array, market: Array, window: int) -> Array:
    """Slope of each share's returns on the market's over the last `window` sessions, its own row included.

    Missing: NaN where the window misses a return of either.
    """
    count, width = shares.shape
    segments = np.array([0, count], dtype=np.int64)
    if count < window:
        return np.full(shares.shape, np.nan)
    return np.column_stack([window_beta(shares[:, place], market, segments, window) for place in range(width)])


def _before(values: Array) -> Array:
    """The row before in place of each."""
    found = np.full(values.shape, np.nan)
    found[1:] = values[:-1]
    return found


def _sector_returns(left: Array, sectors: Index, least: int) -> Array:
    """The mean of what is left over each sector, for each of its shares; 0 where a sector has no return of its own."""
    found = np.zeros(left.shape)
    for number in sorted(set(sectors.tolist()) - {-1}):
        inside = np.flatnonzero(sectors == number)
        known = np.isfinite(left[:, inside])
        counts = known.sum(axis=1)
        sums = _row_sums(np.where(known, left[:, inside], 0.0))
        mean = np.where(counts >= least, sums / np.maximum(counts, 1), 0.0)
        found[:, inside] = mean[:, np.newaxis]
    return found


def _scores(exposures: Array, is_there: Flags) -> Array:
    """Exposures less their mean over the shares there, by their standard deviation; NaN where they do not differ."""
    known = np.isfinite(exposures) & is_there
    counts = np.maximum(known.sum(axis=1), 1)
    mean = _row_sums(np.where(known, exposures, 0.0)) / counts
    away = np.where(known, exposures - mean[:, np.newaxis], 0.0)
    spread = np.sqrt(_row_sums(away**2) / counts)
    with np.errstate(invalid="ignore", divide="ignore"):
        scores = away / spread[:, np.newaxis]
    return np.where(known & (spread > 0.0)[:, np.newaxis], scores, np.nan)


def _style_returns(left: Array, scores: Array, least: int) -> Array:
    """Each share's score times the slope of what is left on the scores; 0 where a share or the style has none."""
    known = np.isfinite(scores) & np.isfinite(left)
    exposed = np.where(known, scores, 0.0)
    squares = _row_sums(exposed**2)
    products = _row_sums(exposed * np.where(known, left, 0.0))
    has_return = (known.sum(axis=1) >= least) & (squares > 0.0)
    slope = np.where(has_return, products / np.where(squares > 0.0, squares, 1.0), 0.0)
    return exposed * slope[:, np.newaxis]


def _row_sums(values: Array) -> Array:
    """The sum of each row, first column first: the same for a row alone as among many."""
    return np.add.accumulate(values, axis=1)[:, -1] if values.shape[1] else np.zeros(len(values))


@dataclass(frozen=True)
class Timed:
    """What exposures made, parted by whether they changed when it paid.

    Attributes:
        static: the mean exposure, held all the time.
        active: having been exposed more when more was made, and less when less.
    """

    static: Array
    active: Array


def timed(exposures: Array, returns: Array, is_known: Flags) -> Timed:
    """Static and active part of what exposures made, for each column.

    Formula: static mean(x) sum(r), active sum((x - mean(x)) r), over the known sessions: n times the product of means,
        and n times their covariance.
    Unit: that of exposures.
    Missing: sessions that are not known do not count; 0 in a column without any.
    Source: Lo (2008), Where Do Alphas Come From?, J. Investment Management 6(2).

    Args:
        exposures: sessions by columns.
        returns: likewise.
        is_known: where both are.
    """
    held = np.where(is_known, exposures, 0.0)
    made = np.where(is_known, returns, 0.0)
    counts = np.maximum(is_known.sum(axis=0), 1)
    mean = _row_sums(held.T) / counts
    static = mean * _row_sums(made.T)
    return Timed(static, _row_sums((held * made).T) - static)


def of_sectors(names: Sequence[str], members: Mapping[str, str]) -> tuple[Index, tuple[str, ...]]:
    """The number of each share's sector, -1 without one, and the sectors by number."""
    known = tuple(sorted({members[name] for name in names if name in members}))
    return np.array([known.index(members[name]) if name in members else -1 for name in names], dtype=np.int64), known
