"""What a portfolio made over its benchmark, by segment: where it was (allocation), and what it held there (selection).

A segment is a sector, a country, a share: any parting of both books. Weights are those at the start of the period,
returns those that the segment then made; cash is a segment like another. A segment that one book does not hold has no
return there: its weight is 0 and its return NaN, and the return of the other book stands in for it, so that not having
held it is allocation. A segment with a weight and without a return leaves its effects, and all sums, unknown.

Source: Brinson, Hood, Beebower (1986), Financial Analysts Journal 42(4); Brinson, Fachler (1985), J. Portfolio
Management 11(3); Bacon (2008), Practical Portfolio Performance Measurement and Attribution, chapter 5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from nodes.kernels.arrays import Array
from nodes.vocabulary.errors import DataError

_TOLERANCE = 1e-9


class Allocation(StrEnum):
    """What the return of a segment is held against: nothing (Brinson, Hood, Beebower), or the whole benchmark."""

    BHB = "bhb"
    FACHLER = "brinson-fachler"


@dataclass(frozen=True, slots=True)
class Segments:
    """A portfolio and its benchmark over one period, segment by segment.

    Attributes:
        weights: of the portfolio, fractions that come to 1; a short segment is negative.
        returns: of the portfolio, simple.
        benchmark_weights: of the benchmark, coming to the same sum.
        benchmark_returns: of the benchmark.
    """

    weights: Array
    returns: Array
    benchmark_weights: Array
    benchmark_returns: Array

    def __post_init__(self) -> None:
        shapes = {each.shape for each in (self.weights, self.returns, self.benchmark_weights, self.benchmark_returns)}
        if len(shapes) != 1 or len(self.weights.shape) != 1:
            message = f"weights and returns of segments are {sorted(shapes)}; give one number a segment for each"
            raise DataError(message)
        held, benchmark = math.fsum(self.weights.tolist()), math.fsum(self.benchmark_weights.tolist())
        if not abs(held - benchmark) <= _TOLERANCE:
            message = f"weights come to {held} and {benchmark}; add what is missing as a segment, for instance cash"
            raise DataError(message)

    @property
    def return_frac(self) -> float:
        """What the portfolio made."""
        return _product_sum(self.weights, _stood_in(self.weights, self.returns))

    @property
    def benchmark_return_frac(self) -> float:
        """What the benchmark made."""
        return _product_sum(self.benchmark_weights, _stood_in(self.benchmark_weights, self.benchmark_returns))

    @property
    def semi_notional_return_frac(self) -> float:
        """What the portfolio's weights would have made at the benchmark's returns: allocation without selection."""
        return _product_sum(self.weights, self.known_benchmark_returns)

    @property
    def known_returns(self) -> Array:
        """Returns of the portfolio; of a segment that it does not hold, those of the benchmark."""
        return _other_where_unheld(self.weights, self.returns, self.benchmark_returns)

    @property
    def known_benchmark_returns(self) -> Array:
        """Returns of the benchmark; of a segment that it does not hold, those of the portfolio."""
        return _other_where_unheld(self.benchmark_weights, self.benchmark_returns, self.returns)


@dataclass(frozen=True, slots=True)
class Effects:
    """What each segment brought.

    Attributes:
        allocation: by another weight than the benchmark's.
        selection: by other holdings than the benchmark's, at the benchmark's weight.
        interaction: by both at once; zero where it is counted as selection.
    """

    allocation: Array
    selection: Array
    interaction: Array

    @property
    def totals(self) -> tuple[float, float, float, float]:
        """Allocation, selection, interaction, and all of it."""
        sums = [math.fsum(part.tolist()) for part in (self.allocation, self.selection, self.interaction)]
        return sums[0], sums[1], sums[2], math.fsum(sums)

    @property
    def with_interaction_in_selection(self) -> Effects:
        """The same, interaction counted as selection: what was held, at the weight it was held with."""
        return Effects(self.allocation, self.selection + self.interaction, np.zeros_like(self.interaction))


@dataclass(frozen=True, slots=True)
class GeometricEffects:
    """What each segment brought, as ratios: the two sums plus one multiply to the geometric excess return plus one.

    Attributes:
        allocation: by segment.
        selection: by segment, interaction within.
        excess_frac: (1 + portfolio) / (1 + benchmark) - 1.
    """

    allocation: Array
    selection: Array
    excess_frac: float

    @property
    def totals(self) -> tuple[float, float, float]:
        """Allocation, selection, and the excess return."""
        return math.fsum(self.allocation.tolist()), math.fsum(self.selection.tolist()), self.excess_frac


def brinson(segments: Segments, allocation: Allocation) -> Effects:
    """The arithmetic effects, which come to the return of the portfolio less that of the benchmark.

    Formula: allocation (w - v) (b - c), selection v (r - b), interaction (w - v) (r - b), for weights w, v and returns
        r, b of portfolio and benchmark; c is 0 after Brinson, Hood and Beebower, the benchmark's return after Fachler.
    Unit: fraction of the portfolio at the start of the period.
    Missing: NaN of a segment that is held and has no return.
    """
    over = segments.weights - segments.benchmark_weights
    returns, benchmark = segments.known_returns, segments.known_benchmark_returns
    against = segments.benchmark_return_frac if allocation is Allocation.FACHLER else 0.0
    better = returns - benchmark
    return Effects(
        _zero_where(over == 0.0, over * (benchmark - against)),
        _zero_where(segments.benchmark_weights == 0.0, segments.benchmark_weights * better),
        _zero_where(over == 0.0, over * better),
    )


def geometric(segments: Segments) -> GeometricEffects:
    """The geometric effects, which need no linking: those of periods multiply.

    Formula: allocation (w - v) ((1 + b) / (1 + B) - 1), selection w (r - b) / (1 + S), for the returns B of the
        benchmark and S of the semi-notional fund; sums (1 + S) / (1 + B) - 1 and (1 + R) / (1 + S) - 1.
    Unit: fraction.
    Missing: NaN of a segment that is held and has no return.
    """
    over = segments.weights - segments.benchmark_weights
    benchmark, semi = segments.benchmark_return_frac, segments.semi_notional_return_frac
    known = segments.known_benchmark_returns
    allocation = over * ((1.0 + known) / (1.0 + benchmark) - 1.0)
    selection = segments.weights * (segments.known_returns - known) / (1.0 + semi)
    return GeometricEffects(
        _zero_where(over == 0.0, allocation),
        _zero_where(segments.weights == 0.0, selection),
        (1.0 + segments.return_frac) / (1.0 + benchmark) - 1.0,
    )


def _other_where_unheld(weights: Array, returns: Array, others: Array) -> Array:
    return np.where((weights == 0.0) & np.isnan(returns), others, returns)


def _stood_in(weights: Array, returns: Array) -> Array:
    """Returns, of a segment that is not held any number: it does not count."""
    return np.where(weights == 0.0, 0.0, returns)


def _zero_where(is_none: Array, values: Array) -> Array:
    """Nothing came of what was not there, whatever its return; -0.0 is 0.0."""
    return np.where(is_none, 0.0, values) + 0.0


def _product_sum(weights: Array, returns: Array) -> float:
    held = weights != 0.0
    return math.fsum((weights[held] * returns[held]).tolist())
