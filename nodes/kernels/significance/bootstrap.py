"""Resampling periods in blocks, so that dependence between neighbours survives: stationary and circular bootstrap.

A resample is held as how often each period was drawn: sums over resamples are then one matrix product a chunk, and
memory holds one chunk whatever the number of resamples. Chunk `i` draws from a generator seeded by (seed, i): the
same resamples come out in any order and on any number of workers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import scipy.fft

from nodes.kernels.arrays import Array, Index
from nodes.kernels.significance.checks import checked_panel
from nodes.kernels.significance.exact_sums import Grid, exact_sums, on_grid
from nodes.vocabulary.errors import DataError

Scheme: TypeAlias = Literal["stationary", "circular"]

CHUNK = 256
"""Resamples drawn at a time. Part of the meaning of a seed: another chunk draws other resamples."""
_LEAST_PERIODS = 2


@dataclass(frozen=True)
class Resampling:
    """How periods are resampled.

    Attributes:
        scheme: "stationary", blocks of geometric length (Politis and Romano 1994), or "circular", blocks of one length
            (Politis and Romano 1992). Both wrap around the end of the sample.
        block_periods: mean length of a block, 1 or more; whole for the circular scheme. 1 draws periods one by one.
        n_resamples: how many resamples.
        seed: of the draws.
    """

    scheme: Scheme
    block_periods: float
    n_resamples: int
    seed: int


@dataclass(frozen=True)
class _Blocks:
    """The blocks of a chunk of resamples: in which resample, from which period, how many periods."""

    rows: Index
    starts: Index
    lengths: Index


def require_resampling(resampling: Resampling, n_periods: int) -> None:
    """Refuse a resampling that the sample cannot bear.

    Raises:
        DataError: the block, the number of resamples or the seed is out of range.
    """
    block = resampling.block_periods
    if not 1.0 <= block <= n_periods / 2:
        message = (
            f"block_periods was {block}, expected 1 to half of the {n_periods} periods; give another block or sample"
        )
        raise DataError(message)
    if resampling.scheme == "circular" and block != int(block):
        message = f"block_periods was {block} for the circular scheme, expected a whole number; round it"
        raise DataError(message)
    if resampling.n_resamples < 1 or resampling.seed < 0:
        message = (
            f"n_resamples was {resampling.n_resamples} and seed {resampling.seed}, expected at least 1 and at least 0; "
            "give both"
        )
        raise DataError(message)


def resample_indices(resampling: Resampling, n_periods: int) -> Index:
    """The periods of every resample in order, one row a resample. For small work: the tests use counts.

    Source: Politis and Romano (1994), The Stationary Bootstrap, JASA 89(428), section 2.
    """
    require_resampling(resampling, n_periods)
    return np.concatenate([_indices(_drawn(resampling, n_periods, each), n_periods) for each in _chunks(resampling)])


def resample_counts(resampling: Resampling, n_periods: int) -> Iterator[Array]:
    """How often each resample draws each period, one row a resample, in chunks: the same resamples as the indices.

    Formula: the running sum, over periods, of blocks begun less blocks ended.
    """
    require_resampling(resampling, n_periods)
    for each in _chunks(resampling):
        yield _counts(_drawn(resampling, n_periods, each), each.n_resamples, n_periods)


def resampled_sums(grid: Grid, resampling: Resampling) -> Iterator[Array]:
    """Sum of every strategy over every resample, in the grid's whole numbers, in chunks: exact."""
    for counts in resample_counts(resampling, len(grid.whole)):
        yield exact_sums(counts, grid.whole)


def kernel_variances(panel: Array, resampling: Resampling) -> Array:
    """Variance of sqrt(n) x the mean of a resample, as the scheme implies it: no resample is drawn.

    Formula: w^2 = g(0) + 2 sum over lags i = 1..n-1 of k(i) g(i), g(i) = sum of (x(t) - mean)(x(t+i) - mean) / n;
    stationary: k(i) = (1 - i/n)(1-q)^i + (i/n)(1-q)^(n-i), q = 1 / block_periods; circular: the same from triangles,
    the last block cut off. Missing: the values must be finite; 0 where they do not vary.
    Source: Hansen (2005), JBES 23(4), section 3.1.1, from Politis and Romano (1994), lemma 1.
    """
    values = checked_panel(panel, _LEAST_PERIODS, 1, "the values")
    require_resampling(resampling, len(values))
    n_periods = len(values)
    shifted = values - values[0]
    centred = shifted - np.sum(shifted, axis=0) / n_periods
    covariances = _circular_covariances(centred)
    weights = _stationary_weights(resampling, n_periods)
    if resampling.scheme == "circular":
        weights = _triangle_weights(int(resampling.block_periods), n_periods)
    return np.asarray(np.maximum(np.sum(weights[:, None] * covariances, axis=0), 0.0))


def bootstrap_variances(panel: Array, resampling: Resampling) -> Array:
    """Variance of sqrt(n) x the mean over the resamples themselves, around the sample's own mean.

    Formula: w^2 = sum over resamples of (sqrt(n) (mean* - mean))^2 / n_resamples. Missing: the values must be finite.
    Source: Hansen (2005), JBES 23(4), section 3.1.1, the estimator by resampling.
    """
    values = checked_panel(panel, _LEAST_PERIODS, 1, "the values")
    grid = on_grid(values, len(values))
    total = exact_sums(np.ones((1, len(values))), grid.whole)
    squares = np.zeros(values.shape[1])
    for sums in resampled_sums(grid, resampling):
        squares += np.sum((sums - total) ** 2, axis=0)
    return np.asarray(squares * grid.spacing**2 / (len(values) * resampling.n_resamples))


@dataclass(frozen=True)
class _Chunk:
    """One chunk: its place and how many resamples it has."""

    place: int
    n_resamples: int


def _chunks(resampling: Resampling) -> Iterator[_Chunk]:
    for place, begun in enumerate(range(0, resampling.n_resamples, CHUNK)):
        yield _Chunk(place, min(CHUNK, resampling.n_resamples - begun))


def _drawn(resampling: Resampling, n_periods: int, chunk: _Chunk) -> _Blocks:
    """The blocks of a chunk. A whole chunk is drawn always, so that more resamples begin with the fewer."""
    rng = np.random.default_rng([resampling.seed, chunk.place])
    if resampling.scheme == "stationary":
        begins = rng.random((CHUNK, n_periods), dtype=np.float32) < 1.0 / resampling.block_periods
        begins[:, 0] = True
    else:
        begins = np.zeros((CHUNK, n_periods), dtype=np.bool_)
        begins[:, :: int(resampling.block_periods)] = True
    places = np.flatnonzero(begins)
    starts = rng.integers(0, n_periods, len(places))
    lengths = np.diff(np.append(places, CHUNK * n_periods))
    kept = np.searchsorted(places, chunk.n_resamples * n_periods)
    return _Blocks((places // n_periods)[:kept], starts[:kept], lengths[:kept])


def _indices(blocks: _Blocks, n_periods: int) -> Index:
    ends = np.cumsum(blocks.lengths)
    offset = np.arange(ends[-1]) - np.repeat(ends - blocks.lengths, blocks.lengths)
    return np.asarray((np.repeat(blocks.starts, blocks.lengths) + offset) % n_periods).reshape(-1, n_periods)


def _counts(blocks: _Blocks, n_resamples: int, n_periods: int) -> Array:
    """Blocks begun less blocks ended before each period, summed along the periods."""
    row = blocks.rows * (n_periods + 1)
    ends = blocks.starts + blocks.lengths
    wrapped = ends > n_periods
    begun = np.concatenate((row + blocks.starts, row[wrapped]))
    ended = row + np.where(wrapped, ends - n_periods, ends)
    signs = np.repeat([1.0, -1.0], [len(begun), len(ended)])
    change = np.bincount(np.concatenate((begun, ended)), signs, minlength=n_resamples * (n_periods + 1))
    table = change.astype(np.float64, copy=False).reshape(n_resamples, n_periods + 1)
    return np.cumsum(table, axis=1, out=table)[:, :-1]


def _circular_covariances(centred: Array) -> Array:
    """Sum over t of x(t) x(t+i) / n around the circle, for every lag i from 0."""
    n_periods = len(centred)
    spectrum = scipy.fft.rfft(centred, axis=0)
    power = spectrum.real**2 + spectrum.imag**2
    return np.asarray(scipy.fft.irfft(power, n=n_periods, axis=0)) / n_periods


def _stationary_weights(resampling: Resampling, n_periods: int) -> Array:
    """Weight of each circular lag: k(i) g(i) + k(n-i) g(n-i) of the formula fold into (1 - i/n)(1-q)^i, twice."""
    lags = np.arange(n_periods)
    weights = 2.0 * (1.0 - lags / n_periods) * (1.0 - 1.0 / resampling.block_periods) ** lags
    weights[0] = 1.0
    return weights


def _triangle_weights(block: int, n_periods: int) -> Array:
    """Weight of each circular lag: whole blocks and the one that is cut off, as shares of the sample."""
    n_whole, cut = divmod(n_periods, block)
    lags = np.arange(n_periods)
    pairs = n_whole * np.maximum(block - lags, 0) + np.maximum(cut - lags, 0)
    weights = 2.0 * pairs / n_periods
    weights[0] = 1.0
    return weights
