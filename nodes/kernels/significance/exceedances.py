"""Value at risk against what happened: were there too many exceedances, and did they come in clusters?

Source: Kupiec (1995), J. Derivatives 3(2), proportion of failures; Christoffersen (1998), International Economic Review
39(4), independence and conditional coverage; Basel Committee (1996), Supervisory framework for the use of backtesting,
section III and table 2, zones and plus factors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy.special import bdtr, xlogy

from nodes.kernels.arrays import Array
from nodes.kernels.significance.tails import Tested, upper_chi_squared
from nodes.vocabulary.errors import DataError

_YELLOW_FROM, _RED_FROM = 0.95, 0.9999
_BASEL_SESSIONS, _BASEL_LEVEL = 250, 0.01
_PLUS = {5: 0.40, 6: 0.50, 7: 0.65, 8: 0.75, 9: 0.85}


class Zone(StrEnum):
    """The zones of the Basel framework."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Transitions:
    """Pairs of sessions in a row: `quiet_hit` counts a session without exceedance followed by one with.

    Attributes:
        quiet_quiet: neither (n00).
        quiet_hit: only the later (n01).
        hit_quiet: only the earlier (n10).
        hit_hit: both (n11).
    """

    quiet_quiet: int
    quiet_hit: int
    hit_quiet: int
    hit_hit: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """The exceedances of a series and all that the tests say of them.

    Attributes:
        n_sessions: sessions with a return and a value at risk.
        n_exceedances: sessions that lost more.
        unconditional: Kupiec's proportion of failures.
        independence: Christoffersen's test against a chain of first order.
        conditional: both at once, two degrees of freedom.
        zone: of the Basel framework.
    """

    n_sessions: int
    n_exceedances: int
    unconditional: Tested
    independence: Tested
    conditional: Tested
    zone: Zone


def coverage(returns: Array, value_at_risk: Array, level_frac: float) -> Coverage:
    """All tests of a series. A session lacking its return or its value at risk is left out of it.

    Args:
        returns: what the book earned.
        value_at_risk: the loss, as a positive number, that was to be exceeded with probability `level_frac`.
        level_frac: e.g. 0.01.
    """
    known = np.isfinite(returns) & np.isfinite(value_at_risk)
    hits = returns[known] < -value_at_risk[known]
    count = int(np.count_nonzero(hits))
    unconditional = kupiec_test(count, len(hits), level_frac)
    independence = independence_test(transitions(hits))
    return Coverage(
        n_sessions=len(hits),
        n_exceedances=count,
        unconditional=unconditional,
        independence=independence,
        conditional=conditional_coverage(unconditional, independence),
        zone=basel_zone(count, len(hits), level_frac),
    )


def kupiec_test(n_exceedances: int, n_sessions: int, level_frac: float) -> Tested:
    """Likelihood ratio of the expected against the observed share of exceedances, chi-squared with 1 degree of freedom.

    Formula: -2 ln[(1-p)^(T-x) p^x] + 2 ln[(1-x/T)^(T-x) (x/T)^x]; 0 ln 0 is 0, so that no
    exceedance at all is judged too.
    """
    _check_counts(n_exceedances, n_sessions, level_frac)
    quiet, share = n_sessions - n_exceedances, n_exceedances / n_sessions
    expected = _log_likelihood(quiet, n_exceedances, level_frac)
    return upper_chi_squared(2.0 * (_log_likelihood(quiet, n_exceedances, share) - expected), 1)


def transitions(hits: np.ndarray) -> Transitions:
    """The pairs of sessions in a row, by whether each was an exceedance."""
    before, after = np.asarray(hits[:-1], dtype=bool), np.asarray(hits[1:], dtype=bool)
    kinds = np.bincount(2 * before + after, minlength=4).tolist()
    return Transitions(*kinds)


def independence_test(found: Transitions) -> Tested:
    """Likelihood ratio of one share of exceedances against one after quiet sessions and one after exceedances.

    Formula: 2 ln[(1-a)^n00 a^n01 (1-b)^n10 b^n11] - 2 ln[(1-q)^(n00+n10) q^(n01+n11)] with a = n01/(n00+n01),
    b = n11/(n10+n11), q = (n01+n11)/all; chi-squared with 1 degree of freedom. Where no session follows an
    exceedance, nothing speaks against independence: 0.
    """
    quiet, hit = found.quiet_quiet + found.hit_quiet, found.quiet_hit + found.hit_hit
    one = _log_likelihood(quiet, hit, _share(hit, quiet))
    after_quiet = _log_likelihood(found.quiet_quiet, found.quiet_hit, _share(found.quiet_hit, found.quiet_quiet))
    after_hit = _log_likelihood(found.hit_quiet, found.hit_hit, _share(found.hit_hit, found.hit_quiet))
    return upper_chi_squared(max(2.0 * (after_quiet + after_hit - one), 0.0), 1)


def conditional_coverage(unconditional: Tested, independence: Tested) -> Tested:
    """The sum of both likelihood ratios, chi-squared with 2 degrees of freedom."""
    return upper_chi_squared(unconditional.statistic + independence.statistic, 2)


def cumulative_probability(n_exceedances: int, n_sessions: int, level_frac: float) -> float:
    """Probability of at most so many exceedances if the level is right and sessions are independent."""
    _check_counts(n_exceedances, n_sessions, level_frac)
    return float(bdtr(n_exceedances, n_sessions, level_frac))


def basel_zone(n_exceedances: int, n_sessions: int, level_frac: float) -> Zone:
    """Yellow where the cumulative probability reaches 95 %, red where it reaches 99.99 %, green before."""
    probability = cumulative_probability(n_exceedances, n_sessions, level_frac)
    if probability >= _RED_FROM:
        return Zone.RED
    return Zone.YELLOW if probability >= _YELLOW_FROM else Zone.GREEN


def basel_plus_factor(n_exceedances: int, n_sessions: int, level_frac: float) -> float:
    """What the Basel table adds to the multiplier of 3; NaN unless it is asked of 250 sessions at 1 %."""
    if n_sessions != _BASEL_SESSIONS or level_frac != _BASEL_LEVEL:
        return math.nan
    zone = basel_zone(n_exceedances, n_sessions, level_frac)
    return {Zone.GREEN: 0.0, Zone.RED: 1.0}.get(zone, _PLUS.get(n_exceedances, math.nan))


def _check_counts(n_exceedances: int, n_sessions: int, level_frac: float) -> None:
    if not 0 <= n_exceedances <= n_sessions or n_sessions < 1:
        message = f"{n_exceedances} exceedances in {n_sessions} sessions cannot be; count both again"
        raise DataError(message)
    if not 0.0 < level_frac < 1.0:
        message = f"a level of {level_frac} is no probability of an exceedance; give one between 0 and 1, e.g. 0.01"
        raise DataError(message)


def _log_likelihood(quiet: int, hit: int, share: float) -> float:
    return float(xlogy(quiet, 1.0 - share) + xlogy(hit, share))


def _share(hit: int, quiet: int) -> float:
    return hit / (hit + quiet) if hit + quiet else 0.0
