"""Abnormal returns around events: what a share earned beyond what a model fitted before the event expects.

The model is fitted for each event on the sessions of its estimation window where the share has a return (and the
market, where the model reads it). A missing return in the event window leaves its abnormal return missing.
What the returns say together is in `nodes.kernels.significance.event_study`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.vocabulary.errors import DataError


class NormalReturn(StrEnum):
    """What a share is expected to earn without the event."""

    MARKET_MODEL = "market-model"
    MARKET_ADJUSTED = "market-adjusted"
    MEAN_ADJUSTED = "mean-adjusted"

    @property
    def n_fitted(self) -> int:
        """How many coefficients are fitted: intercept and slope, none, or the mean."""
        return {NormalReturn.MARKET_MODEL: 2, NormalReturn.MARKET_ADJUSTED: 0, NormalReturn.MEAN_ADJUSTED: 1}[self]


@dataclass(frozen=True, slots=True)
class EventWindows:
    """The two windows of an event study, in sessions from the event, first and last of each included.

    Attributes:
        estimation: where the model is fitted, e.g. (-250, -11).
        event: where abnormal returns are looked at, e.g. (-1, 1); after the estimation window.
        min_sessions: an event with fewer usable sessions in its estimation window has no abnormal returns.
    """

    estimation: tuple[int, int]
    event: tuple[int, int]
    min_sessions: int

    def __post_init__(self) -> None:
        if not self.estimation[0] <= self.estimation[1] < self.event[0] <= self.event[1]:
            message = (
                f"windows {self.estimation} and {self.event} are not in order; end the estimation before the event"
            )
            raise DataError(message)
        if self.min_sessions < 1:
            message = f"min_sessions of {self.min_sessions} estimates nothing; ask for at least 1"
            raise DataError(message)


@dataclass(frozen=True, slots=True)
class AbnormalReturns:
    """The abnormal returns of n events over the L sessions of their event window.

    Attributes:
        rows: the session of each event, as a row of the returns.
        symbols: the share of each event, as a column of the returns.
        offsets: L sessions from the event.
        values: n by L abnormal returns; NaN where there is none.
        residuals: n by W residuals of the estimation window; NaN where a session was not used.
        n_used: usable sessions of each event's estimation window.
        degrees: of freedom of each residual variance: sessions used less coefficients fitted.
        variance: residual variance of each event; NaN where the event has too few sessions.
        market_gap: n by L, the market's return less its mean in the estimation window; 0 where no slope is fitted.
        market_square: sum of squares of that gap over the estimation window; NaN where no slope is fitted.
        n_fitted: coefficients of the model.
    """

    rows: Index
    symbols: Index
    offsets: Index
    values: Array
    residuals: Array
    n_used: Array
    degrees: Array
    variance: Array
    market_gap: Array
    market_square: Array
    n_fitted: int

    @property
    def forecast_scale(self) -> Array:
        """By how much one session's forecast error exceeds the residual variance, estimation error included; n by L.

        Formula: 1 + 1/M + (Rm_t - mean Rm)^2 / sum (Rm - mean Rm)^2.
        Source: Patell (1976), J. Accounting Research 14(2).
        """
        return 1.0 + _mean_error(self, 1) + _slope_error(self, self.market_gap)

    def window_scale(self, chosen: np.ndarray) -> Array:
        """The same of the sum over the chosen sessions: L + L^2/M + (sum of gaps)^2 / sum of squares.

        Source: MacKinlay (1997), J. Economic Literature 35(1), equations 8 to 11.
        """
        length = int(np.count_nonzero(chosen))
        gap = np.sum(self.market_gap[:, chosen], axis=1, keepdims=True)
        return (length + _mean_error(self, length) + _slope_error(self, gap))[:, 0]


def abnormal_returns(
    returns: Array, market: Array, events: tuple[Index, Index], windows: EventWindows, model: NormalReturn
) -> AbnormalReturns:
    """The abnormal returns of each event.

    Args:
        returns: sessions by shares; NaN where a share has none.
        market: the market's return of each session; NaN where it has none.
        events: the session (row) and the share (column) of each event.
        windows: where to fit and where to look.
        model: what is expected.
    """
    rows, symbols = (np.asarray(part, dtype=np.int64) for part in events)
    own, index = (_windows(returns, market, rows, symbols, span) for span in (windows.estimation, windows.event))
    intercept, slope, usable, square, mean = _fitted(*own, model)
    n_used = np.count_nonzero(usable, axis=1).astype(np.float64)
    degrees = n_used - model.n_fitted
    known = (n_used >= windows.min_sessions) & (degrees > 0.0)
    residuals = np.where(usable & known[:, None], own[0] - intercept - _part(slope, own[1]), np.nan)
    squares = np.nansum(residuals**2, axis=1)
    values = np.where(known[:, None], index[0] - intercept - _part(slope, index[1]), np.nan)
    fits_slope = model is NormalReturn.MARKET_MODEL
    return AbnormalReturns(
        rows=rows,
        symbols=symbols,
        offsets=np.arange(windows.event[0], windows.event[1] + 1),
        values=values,
        residuals=residuals,
        n_used=n_used,
        degrees=degrees,
        variance=np.where(known, squares / np.where(known, degrees, 1.0), np.nan),
        market_gap=index[1] - mean if fits_slope else np.zeros_like(values),
        market_square=square if fits_slope else np.full(len(rows), np.nan),
        n_fitted=model.n_fitted,
    )


def _windows(returns: Array, market: Array, rows: Index, symbols: Index, span: tuple[int, int]) -> tuple[Array, Array]:
    """Own and market's returns of each event's window; NaN outside of the sessions there are."""
    at = rows[:, None] + np.arange(span[0], span[1] + 1)
    inside = (at >= 0) & (at < len(returns))
    held = np.clip(at, 0, max(len(returns) - 1, 0))
    own = np.where(inside, returns[held, symbols[:, None]], np.nan)
    return own, np.where(inside, market[held], np.nan)


def _fitted(own: Array, index: Array, model: NormalReturn) -> tuple[Array, Array, np.ndarray, Array, Array]:
    """Intercept, slope, which sessions are used, and the market's sum of squares and mean; each n by 1 but the two."""
    with_market = model is not NormalReturn.MEAN_ADJUSTED
    usable = np.isfinite(own) & (np.isfinite(index) if with_market else True)
    count = np.maximum(np.count_nonzero(usable, axis=1, keepdims=True), 1)
    own_mean, index_mean = (np.sum(np.where(usable, part, 0.0), axis=1, keepdims=True) / count for part in (own, index))
    own_gap, index_gap = (np.where(usable, part - mean, 0.0) for part, mean in ((own, own_mean), (index, index_mean)))
    square = np.sum(index_gap**2, axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = {
            NormalReturn.MARKET_MODEL: np.sum(own_gap * index_gap, axis=1, keepdims=True) / square,
            NormalReturn.MARKET_ADJUSTED: np.ones_like(square),
            NormalReturn.MEAN_ADJUSTED: np.zeros_like(square),
        }[model]
    intercept = np.zeros_like(square) if model is NormalReturn.MARKET_ADJUSTED else own_mean - _part(slope, index_mean)
    return intercept, slope, usable, square[:, 0], index_mean


def _part(slope: Array, index: Array) -> Array:
    """Slope times the market's return: nothing where the slope is nothing, even without a market."""
    return np.where(slope == 0.0, 0.0, slope * index)


def _mean_error(found: AbnormalReturns, length: int) -> Array:
    """What not knowing the mean adds over `length` sessions."""
    if not found.n_fitted:
        return np.zeros((len(found.rows), 1))
    return (length**2 / np.maximum(found.n_used, 1.0))[:, None]


def _slope_error(found: AbnormalReturns, gap: Array) -> Array:
    """What not knowing the slope adds at a gap of the market from its mean."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.isnan(found.market_square)[:, None], 0.0, gap**2 / found.market_square[:, None])
