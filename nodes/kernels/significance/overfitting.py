"""Does choosing the best backtest choose a good strategy? Probability of backtest overfitting by CSCV.

The sample is cut into an even number of blocks; every choice of half of them is an in-sample, the other half its
out-of-sample. Performance over a half follows from sums over blocks, so that thousands of halves cost one small matrix
product a chunk, and memory holds one chunk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice
from math import comb
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from nodes.kernels.arrays import Array, Index
from nodes.kernels.significance.checks import checked_panel, require_variation
from nodes.kernels.significance.exact_sums import Grid, exact_sums, on_grid
from nodes.vocabulary.errors import DataError

Metric: TypeAlias = Literal["sharpe", "mean"]

MAX_BLOCKS = 24
_CHUNK = 512
_LEAST_PERIODS_OF_A_HALF = 2
_WHAT = "the returns"


@dataclass(frozen=True)
class Overfitting:
    """What CSCV says of a choice among strategies.

    Attributes:
        pbo: probability of backtest overfitting, the share of splits whose logit is 0 or less.
        at_median_frac: the share whose logit is exactly 0; only an odd number of strategies or ties allow it.
        logits: of every split, the logit of the chosen strategy's relative rank out of sample.
        chosen: of every split, the column of the strategy that was best in sample; the first of equals.
        in_sample: of every split, its performance in sample.
        out_of_sample: of every split, its performance out of sample.
        degradation_slope: of the line of out-of-sample on in-sample performance; NaN where the latter does not vary.
        degradation_intercept: of that line.
        degradation_r2: how much of the variance the line explains.
        probability_of_loss: share of splits in which the chosen strategy performed under 0 out of sample.
        is_first_order_dominant: whether choosing beats the strategies' mean out of sample at every quantile.
        is_second_order_dominant: whether it does for every risk-averse investor.
        n_splits: how many splits: C(n_blocks, n_blocks / 2).
        n_periods_unused: oldest periods that were left out, so that all blocks are of one length.
    """

    pbo: float
    at_median_frac: float
    logits: Array
    chosen: Index
    in_sample: Array
    out_of_sample: Array
    degradation_slope: float
    degradation_intercept: float
    degradation_r2: float
    probability_of_loss: float
    is_first_order_dominant: bool
    is_second_order_dominant: bool
    n_splits: int
    n_periods_unused: int


@dataclass(frozen=True)
class _BlockSums:
    """Sums over blocks, one row a block, on grids on which adding blocks is exact.

    Attributes:
        values: of the centred returns.
        squares: of their squares.
        centre: what was taken off every return of a strategy.
        largest: the largest centred return of a strategy.
        block_periods: periods of a block.
    """

    values: Grid
    squares: Grid
    centre: Array
    largest: Array
    block_periods: int


@dataclass(frozen=True)
class _Chosen:
    """A chunk of splits: which strategy was chosen, what became of it, and the strategies' mean beside it."""

    column: Index
    in_sample: Array
    out_of_sample: Array
    relative_rank: Array
    mean_out_of_sample: Array


def backtest_overfitting(returns: npt.ArrayLike, n_blocks: int, metric: Metric = "sharpe") -> Overfitting:
    """Probability of backtest overfitting of returns, one row a period, one column a strategy.

    Formula: for every split, n* = the strategy that is best in sample, r = its rank from below among N out of sample
    (ties share their mean rank), w = r / (N + 1), logit = log(w / (1 - w)); pbo = share of logits <= 0.
    Sharpe: mean / standard deviation (divisor n - 1) of the periods of a half, not annualised.
    Missing: refused, as are an odd number of blocks, one strategy, and a strategy that does not vary in some half.
    Source: Bailey, Borwein, Lopez de Prado and Zhu (2017), The Probability of Backtest Overfitting, J. Computational
    Finance 20(4), sections 2 and 3.
    """
    sums, n_unused = _block_sums(returns, n_blocks)
    chunks = list(_all_chosen(sums, metric))
    chosen = _Chosen(
        column=np.concatenate([each.column for each in chunks]),
        in_sample=np.concatenate([each.in_sample for each in chunks]),
        out_of_sample=np.concatenate([each.out_of_sample for each in chunks]),
        relative_rank=np.concatenate([each.relative_rank for each in chunks]),
        mean_out_of_sample=np.concatenate([each.mean_out_of_sample for each in chunks]),
    )
    return _told(chosen, n_unused)


def split_halves(n_blocks: int) -> Iterator[tuple[int, ...]]:
    """The blocks of every in-sample in lexicographic order: C(n, n/2) of them. Its mirror is the out-of-sample.

    Raises:
        DataError: the number of blocks is odd, under 2 or over 24.
    """
    _require_blocks(n_blocks)
    return combinations(range(n_blocks), n_blocks // 2)


def _require_blocks(n_blocks: int) -> None:
    if n_blocks % 2 or not 0 < n_blocks <= MAX_BLOCKS:
        message = f"n_blocks was {n_blocks}, expected an even number from 2 to {MAX_BLOCKS}; both halves need as many"
        raise DataError(message)


def _block_sums(returns: npt.ArrayLike, n_blocks: int) -> tuple[_BlockSums, int]:
    _require_blocks(n_blocks)
    least = max(n_blocks, 2 * _LEAST_PERIODS_OF_A_HALF)
    panel = checked_panel(returns, least, 2, _WHAT)
    block_periods, n_unused = divmod(len(panel), n_blocks)
    used = panel[n_unused:]
    shifted = used - used[0]
    centre = used[0] + np.sum(shifted, axis=0) / len(used)
    centred = used - centre
    shape = (n_blocks, block_periods, panel.shape[1])
    values, squares = (on_grid(np.sum(part.reshape(shape), axis=1), n_blocks) for part in (centred, centred * centred))
    sums = _BlockSums(
        values,
        squares,
        centre,
        np.max(np.abs(used), axis=0),
        block_periods,
    )
    return sums, n_unused


def _all_chosen(sums: _BlockSums, metric: Metric) -> Iterator[_Chosen]:
    n_blocks = len(sums.values.whole)
    halves = split_halves(n_blocks)
    while part := list(islice(halves, _CHUNK)):
        taken = np.zeros((len(part), n_blocks))
        np.put_along_axis(taken, np.array(part), 1.0, axis=1)
        yield _chosen(_performance(sums, taken, metric), _performance(sums, 1.0 - taken, metric))


def _performance(sums: _BlockSums, taken: Array, metric: Metric) -> Array:
    """Performance of every strategy over the blocks that are taken, one row a choice of blocks."""
    n_periods = taken.shape[1] // 2 * sums.block_periods
    shift = exact_sums(taken, sums.values.whole) * (sums.values.spacing / n_periods)
    if metric == "mean":
        return np.asarray(shift + sums.centre)
    if metric != "sharpe":
        message = f"the metric was {metric!r}, expected sharpe or mean; name one of them"
        raise DataError(message)
    squares = exact_sums(taken, sums.squares.whole) * (sums.squares.spacing / (n_periods - 1))
    variance = squares - shift * shift * (n_periods / (n_periods - 1))
    least = np.sqrt(np.maximum(np.min(variance, axis=0), 0.0))
    # Where nothing varies the squares cancel, and rounding under 1e-6 of the largest return is left.
    require_variation(np.where(least > 1e-6 * sums.largest, least, 0.0), sums.largest, "the returns of one half")
    return np.asarray((shift + sums.centre) / np.sqrt(variance))


def _chosen(in_sample: Array, out_of_sample: Array) -> _Chosen:
    column = np.argmax(in_sample, axis=1)
    row = np.arange(len(column))
    own = out_of_sample[row, column]
    n_below = np.sum(out_of_sample < own[:, None], axis=1)
    n_equal = np.sum(out_of_sample == own[:, None], axis=1)
    rank = n_below + (n_equal + 1) / 2
    n_strategies = in_sample.shape[1]
    return _Chosen(
        column, in_sample[row, column], own, rank / (n_strategies + 1), np.sum(out_of_sample, axis=1) / n_strategies
    )


def _told(chosen: _Chosen, n_unused: int) -> Overfitting:
    rank = chosen.relative_rank
    logits = np.log(rank / (1.0 - rank))
    slope, intercept, r2 = _line(chosen.in_sample, chosen.out_of_sample)
    first, second = _dominance(chosen.out_of_sample, chosen.mean_out_of_sample)
    return Overfitting(
        pbo=_share(logits <= 0.0),
        at_median_frac=_share(logits == 0.0),
        logits=logits,
        chosen=chosen.column,
        in_sample=chosen.in_sample,
        out_of_sample=chosen.out_of_sample,
        degradation_slope=slope,
        degradation_intercept=intercept,
        degradation_r2=r2,
        probability_of_loss=_share(chosen.out_of_sample < 0.0),
        is_first_order_dominant=first,
        is_second_order_dominant=second,
        n_splits=len(logits),
        n_periods_unused=n_unused,
    )


def _share(holds: npt.NDArray[np.bool_]) -> float:
    return int(np.count_nonzero(holds)) / len(holds)


def _line(x: Array, y: Array) -> tuple[float, float, float]:
    """Slope, intercept and R2 of the least-squares line of y on x; NaN without variation."""
    middle_x, middle_y = float(np.mean(x)), float(np.mean(y))
    away_x, away_y = x - middle_x, y - middle_y
    across, along, up = (float(np.sum(part)) for part in (away_x * away_y, away_x * away_x, away_y * away_y))
    if not along > len(x) * (1e-12 * float(np.max(np.abs(x)))) ** 2:
        return float("nan"), float("nan"), float("nan")
    slope = across / along
    r2 = across * across / (along * up) if up > 0.0 else float("nan")
    return slope, middle_y - slope * middle_x, r2


def _dominance(one: Array, other: Array) -> tuple[bool, bool]:
    """Whether the first sample dominates the second in the first and in the second order.

    Formula: first: F1(x) <= F2(x) everywhere, under somewhere; second: the integral of F2 - F1 up to x is >= 0
    everywhere, over 0 somewhere. Source: Bailey and others (2017), section 3.4; Hadar and Russell (1969), AER 59(1).
    """
    points = np.unique(np.concatenate((one, other)))
    behind = [np.searchsorted(np.sort(sample), points, side="right") / len(sample) for sample in (one, other)]
    gap = behind[1] - behind[0]
    area = np.cumsum(gap[:-1] * np.diff(points))
    slack = 1e-12 * float(np.max(np.abs(points)))
    first = bool(np.all(gap >= 0.0) and np.any(gap > 0.0))
    return first, first or bool(len(area) and np.all(area >= -slack) and np.any(area > slack))


def n_splits(n_blocks: int) -> int:
    """How many splits CSCV makes of so many blocks: C(n, n/2).

    Raises:
        DataError: the number of blocks is odd, under 2 or over 24.
    """
    _require_blocks(n_blocks)
    return comb(n_blocks, n_blocks // 2)
