"""Event studies: cumulative abnormal returns of many events, and the tests of whether they are nothing.

    test                  holds up under                            source
    cross-sectional t     variance that the event itself changes    Brown and Warner (1980), J. Financial Economics 8
    MacKinlay             independent events                        MacKinlay (1997), section 5, equation 20
    Patell                independent events, unequal variances     Patell (1976), J. Accounting Research 14(2)
    BMP                   event-induced variance as well            Boehmer, Musumeci, Poulsen (1991), JFE 30(2)
    adjusted Patell, BMP  events on the same dates as well          Kolari and Pynnonen (2010), RFS 23(11)

For events on common dates or of common firms see also the cluster-robust test of `nodes.kernels.significance.clusters`.
Two-sided throughout; a statistic that cannot be told is NaN.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.kernels.significance.abnormal_returns import AbnormalReturns
from nodes.kernels.significance.tails import Tested, two_sided
from nodes.vocabulary.errors import DataError


@dataclass(frozen=True, slots=True)
class Cumulative:
    """Cumulative abnormal returns of n events over the same sessions around each.

    Attributes:
        values: n sums of abnormal returns; NaN where one session has none.
        variance: of each, from its estimation window, with the error of the model's coefficients.
        standardised: values over their standard deviations.
        patell: sums of standardised abnormal returns, scaled to unit variance.
        n_sessions: sessions added up.
    """

    values: Array
    variance: Array
    standardised: Array
    patell: Array
    n_sessions: int


@dataclass(frozen=True, slots=True)
class EventTests:
    """What all events say together.

    Attributes:
        n_events: events with a cumulative abnormal return.
        n_absent: events without one.
        mean_car: mean cumulative abnormal return of the former.
        residual_correlation: mean correlation of the events' abnormal returns, as far as their windows share sessions.
        cross_sectional: t of the mean against the spread of the events, n - 1 degrees of freedom.
        mackinlay: mean against the variances of the estimation windows.
        patell: standardised, normal.
        bmp: mean of the standardised against their spread, n - 1 degrees of freedom.
        adjusted_patell: patell with the correlation of events.
        adjusted_bmp: bmp with the correlation of events.
    """

    n_events: int
    n_absent: int
    mean_car: float
    residual_correlation: float
    cross_sectional: Tested
    mackinlay: Tested
    patell: Tested
    bmp: Tested
    adjusted_patell: Tested
    adjusted_bmp: Tested


def cumulative(found: AbnormalReturns, first: int, last: int) -> Cumulative:
    """Cumulative abnormal returns from `first` to `last` session around each event, both included."""
    chosen = (found.offsets >= first) & (found.offsets <= last)
    length = int(np.count_nonzero(chosen))
    if length != last - first + 1:
        message = f"sessions {first} to {last} are not all in the event window {found.offsets[[0, -1]].tolist()}"
        raise DataError(f"{message}; choose a part of it")
    values = np.sum(found.values[:, chosen], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = found.variance * found.window_scale(chosen)
        daily = found.values[:, chosen] / np.sqrt(found.variance[:, None] * found.forecast_scale[:, chosen])
        spread = np.where(found.degrees > 2.0, found.degrees / (found.degrees - 2.0), np.nan)  # noqa: PLR2004  # variance of Student's t
        patell = np.sum(daily, axis=1) / np.sqrt(length * spread)
        standardised = values / np.sqrt(variance)
    return Cumulative(values, variance, standardised, patell, length)


def event_tests(found: AbnormalReturns, first: int, last: int) -> EventTests:
    """All tests of the mean cumulative abnormal return from `first` to `last` session around the events."""
    sums = cumulative(found, first, last)
    known = np.isfinite(sums.standardised)
    count = int(np.count_nonzero(known))
    values = sums.values[known]
    correlation = residual_correlation(found, first, last)
    patell, bmp = patell_test(sums.patell), cross_sectional_test(sums.standardised)
    return EventTests(
        n_events=count,
        n_absent=len(known) - count,
        mean_car=float(np.mean(values)) if count else math.nan,
        residual_correlation=correlation,
        cross_sectional=cross_sectional_test(values),
        mackinlay=mackinlay_test(values, sums.variance[known]),
        patell=patell,
        bmp=bmp,
        adjusted_patell=two_sided(patell.statistic * clustering_factor(count, correlation, spread=False), math.inf),
        adjusted_bmp=two_sided(bmp.statistic * clustering_factor(count, correlation, spread=True), bmp.degrees),
    )


def cross_sectional_test(values: Array) -> Tested:
    """Student's t of a mean: mean / (s / sqrt(n)), s with divisor n - 1. Missing values left out; NaN without a spread.

    Of cumulative abnormal returns this is the cross-sectional t test, of standardised ones the test of Boehmer,
    Musumeci and Poulsen (1991).
    """
    known = values[np.isfinite(values)]
    if len(known) < 2:  # noqa: PLR2004  # a spread needs two values
        return two_sided(math.nan, len(known) - 1)
    error = float(np.std(known, ddof=1)) / math.sqrt(len(known))
    return two_sided(float(np.mean(known)) / error if error > 0.0 else math.nan, len(known) - 1)


def mackinlay_test(values: Array, variance: Array) -> Tested:
    """The mean over its standard error from the estimation windows: mean / sqrt(sum of variances / n^2), normal.

    Source: MacKinlay (1997), J. Economic Literature 35(1), equations 16 to 20.
    """
    known = np.isfinite(values) & np.isfinite(variance)
    error = math.sqrt(float(np.sum(variance[known])))
    return two_sided(float(np.sum(values[known])) / error if error > 0.0 else math.nan, math.inf)


def patell_test(scaled: Array) -> Tested:
    """Sum over sqrt(n) of the events' scaled sums of standardised abnormal returns, normal; missing ones left out."""
    known = scaled[np.isfinite(scaled)]
    return two_sided(float(np.sum(known)) / math.sqrt(len(known)) if len(known) else math.nan, math.inf)


def clustering_factor(n_events: int, correlation: float, *, spread: bool) -> float:
    """By what a statistic of n events shrinks if their abnormal returns correlate by r on average.

    Formula: sqrt((1 - r) / (1 + (n - 1) r)) where the statistic takes its variance from the spread of the events, which
    correlation makes smaller (BMP); sqrt(1 / (1 + (n - 1) r)) where it does not (Patell). NaN where no correlation
    matrix of n has such a mean.
    Source: Kolari and Pynnonen (2010), Review of Financial Studies 23(11), equations 11 and 12.
    """
    inflation = 1.0 + (n_events - 1) * correlation
    if math.isnan(inflation) or inflation <= 0.0 or correlation > 1.0:
        return math.nan
    return math.sqrt(((1.0 - correlation) if spread else 1.0) / inflation)


def residual_correlation(found: AbnormalReturns, first: int, last: int) -> float:
    """Mean correlation between the cumulative abnormal returns of two events.

    Formula: sum over distances d of share(d) pairs(d) r(d) / (n (n - 1)), where share(d) is the part of their sessions
    that event windows d sessions apart have in common, and r(d) the correlation of residuals of events so far apart,
    pooled over all sessions that two of them share. For events on one date with all returns it is the mean of all
    pairs' correlations, as in Kolari and Pynnonen (2010); windows that do not meet count as 0, those that meet in part
    as in Kolari, Pape and Pynnonen (2018), Mathematics 6(7).
    Missing: events without a cumulative abnormal return are left out. NaN with fewer than two events, or where events
    whose windows meet share no session of estimation.
    """
    known = np.flatnonzero(np.isfinite(cumulative(found, first, last).standardised))
    count, length = len(known), last - first + 1
    if count < 2:  # noqa: PLR2004  # a pair
        return math.nan
    order = known[np.argsort(found.rows[known], kind="stable")]
    scores = _scores(found.residuals[order])
    used = np.isfinite(scores).astype(np.float64)
    held = np.where(used > 0.0, scores, 0.0)
    rows, starts, sizes = np.unique(found.rows[order], return_index=True, return_counts=True)
    dates = _Dates(rows, sizes, np.add.reduceat(held, starts, axis=0), np.add.reduceat(used, starts, axis=0))
    total = 0.0
    for distance in range(min(length, int(rows[-1] - rows[0]) + 1)):
        pairs, products, common = dates.apart(distance)
        if not distance:  # a date's events are paired with themselves too
            pairs, products, common = pairs - count, products - float(np.sum(held**2)), common - float(np.sum(used))
        if pairs:
            total += (1.0 - distance / length) * pairs * (products / common if common else math.nan)
    return total / (count * (count - 1))


@dataclass(frozen=True, slots=True)
class _Dates:
    """Events by their date: the date's row, how many, and sums over them for each session of the estimation window."""

    rows: Index
    sizes: Index
    scores: Array
    used: Array

    def apart(self, distance: int) -> tuple[int, float, float]:
        """Over ordered pairs of events so far apart: how many, their products, and the sessions that two share."""
        at = np.searchsorted(self.rows, self.rows + distance)
        early = np.flatnonzero(
            (at < len(self.rows)) & (self.rows[np.minimum(at, len(self.rows) - 1)] == self.rows + distance)
        )
        late, width = at[early], self.scores.shape[1]
        twice = 2 if distance else 1
        products, common = (
            float(np.sum(part[early, distance:] * part[late, : max(width - distance, 0)]))
            for part in (self.scores, self.used)
        )
        return twice * int(np.sum(self.sizes[early] * self.sizes[late])), twice * products, twice * common


def _scores(residuals: Array) -> Array:
    """Residuals less their mean, each event's by its own deviation (divisor n); NaN where not used."""
    used = np.isfinite(residuals)
    count = np.maximum(np.sum(used, axis=1, keepdims=True), 1)
    gaps = residuals - np.sum(np.where(used, residuals, 0.0), axis=1, keepdims=True) / count
    deviation = np.sqrt(np.sum(np.where(used, gaps, 0.0) ** 2, axis=1, keepdims=True) / count)
    with np.errstate(invalid="ignore", divide="ignore"):
        scores: Array = gaps / deviation
    return scores
