"""When each sample used the information of its label, and what follows where samples overlap.

A label of one sample is made of the same returns as the label of its neighbour when their spans overlap; a model that
counts both as independent is too sure of itself. Concurrency, average uniqueness and the sequential bootstrap (Lopez
de Prado 2018, Advances in Financial Machine Learning, sections 4.2 to 4.5) measure that and draw around it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.vocabulary.errors import DataError

_BLOCK = 512
"""Samples whose chances are summed together: a draw walks the sums of blocks, then one block."""


@dataclass(frozen=True, eq=False)
class Spans:
    """Sample i used information from `starts[i]` to `ends[i]`, both inclusive.

    Time is a whole number: the ordinal of a session, the row of a bar, or nanoseconds. Samples are sorted by start.

    Attributes:
        starts: int64, shape (n,), never decreasing.
        ends: int64, shape (n,), none before its start.
    """

    starts: Index
    ends: Index

    def __post_init__(self) -> None:
        if self.starts.dtype != np.int64 or self.ends.dtype != np.int64 or self.starts.ndim != 1:
            message = (
                f"spans are {self.starts.dtype} from {self.starts.shape} and {self.ends.dtype} to {self.ends.shape}"
            )
            raise DataError(f"{message}; give two int64 arrays of one dimension")
        if self.starts.shape != self.ends.shape:
            raise DataError(f"{len(self.starts)} starts meet {len(self.ends)} ends; give each sample both")
        unsorted = np.flatnonzero(np.diff(self.starts) < 0)
        if len(unsorted):
            row = int(unsorted[0]) + 1
            message = f"sample {row} starts at {self.starts[row]}, the one before it at {self.starts[row - 1]}"
            raise DataError(f"{message}; sort the samples with nodes.kernels.spans.sorted_spans")
        backward = np.flatnonzero(self.ends < self.starts)
        if len(backward):
            row = int(backward[0])
            message = f"sample {row} ends at {self.ends[row]}, before its start at {self.starts[row]}"
            raise DataError(f"{message}; give ends that are not before their starts")

    def __len__(self) -> int:
        return len(self.starts)


def sorted_spans(starts: Index, ends: Index) -> tuple[Spans, Index]:
    """Spans sorted by start, then end, ties in the given order; and the place that each sample had before."""
    order = np.lexsort((ends, starts)).astype(np.int64)
    return Spans(starts[order], ends[order]), order


def concurrency(spans: Spans, times: Index) -> Index:
    """How many spans cover each time.

    Formula: c_t = sum over i of 1[starts_i <= t <= ends_i]
    Unit: samples. Missing: 0 where no span covers the time.
    Source: Lopez de Prado (2018), Advances in Financial Machine Learning, snippet 4.1.
    """
    begun = np.searchsorted(spans.starts, times, side="right")
    over = np.searchsorted(np.sort(spans.ends), times, side="left")
    return (begun - over).astype(np.int64)


def average_uniqueness(spans: Spans, times: Index) -> Array:
    """Mean of 1 / concurrency over the times that each span covers: 1 for a sample that shares nothing.

    Formula: u_i = mean over the times t in span i of 1 / c_t
    Unit: fraction. Missing: NaN where a span covers none of the times.
    Source: Lopez de Prado (2018), snippet 4.2.

    Args:
        spans: of the samples.
        times: of the bars, strictly increasing.
    """
    return _means(1.0 / np.maximum(concurrency(spans, times), 1), *_places(spans, times))


def mean_uniqueness(spans: Spans, times: Index) -> float:
    """Mean of 1 / concurrency over all pairs of a span and a time that it covers; NaN where there is none.

    Formula: sum over i, t of u_it / number of pairs: a long sample counts for more than a short one
    Unit: fraction. Missing: NaN where no span covers a time.
    Source: Lopez de Prado (2018), snippet 4.4.
    """
    first, stop = _places(spans, times)
    covered = stop - first
    if not covered.any():
        return float("nan")
    means = np.nan_to_num(_means(1.0 / np.maximum(concurrency(spans, times), 1), first, stop))
    return float(np.sum(means * covered) / np.sum(covered))


def sums_over(values: Array, spans: Spans, times: Index) -> Array:
    """Sum of the values at the times that each span covers; NaN where it covers none.

    Args:
        values: one a time.
        spans: of the samples.
        times: of the bars, strictly increasing.
    """
    first, stop = _places(spans, times)
    return np.where(stop > first, _sums(values, first, stop), np.nan)


def draw_chances(spans: Spans, times: Index, drawn: Index) -> Array:
    """The chance of each sample to be the next draw of the sequential bootstrap, after some draws.

    Formula: u_i / sum of u, where u_i = mean over t in span i of 1 / (1 + draws whose span covers t)
    Unit: probability. Missing: 0 for a span that covers none of the times.
    Source: Lopez de Prado (2018), section 4.5.3 and snippet 4.5.
    """
    first, stop = _places(spans, times)
    counts = np.zeros(len(times) + 1)
    np.add.at(counts, first[drawn], 1.0)
    np.add.at(counts, stop[drawn], -1.0)
    worth = np.nan_to_num(_means(1.0 / (1.0 + np.cumsum(counts)[:-1]), first, stop))
    return worth / _positive_sum(worth)


def sequential_bootstrap(spans: Spans, times: Index, chances: Array) -> Index:
    """Samples drawn with replacement, each draw less likely to overlap the draws before it.

    Args:
        spans: of the samples.
        times: of the bars, strictly increasing.
        chances: one number from 0 to under 1 for each draw, as np.random.default_rng(seed).random(n_draws) gives them.

    Source: Lopez de Prado (2018), snippet 4.5, here with chances that are brought up to date only where the last draw
    overlaps: a draw costs what it overlaps, not samples times bars.
    """
    outside = chances[~((chances >= 0.0) & (chances < 1.0))]
    if len(outside):
        raise DataError(f"a draw has the chance {outside[0]}; give numbers from 0 to under 1")
    first, stop = _places(spans, times)
    urn = _Urn(first, stop, len(times))
    return np.array([urn.drawn(chance) for chance in chances.tolist()], np.int64)


class _Urn:
    """The samples of a sequential bootstrap, and how likely each is to be drawn next."""

    def __init__(self, first: Index, stop: Index, n_times: int) -> None:
        self._first, self._stop, self._n_times = first, stop, n_times
        self._longest = int(np.max(stop - first, initial=0))
        self._edges = np.column_stack((first, stop)).ravel()
        self._worth = np.where(stop > first, 1.0, 0.0)
        self._weight = self._worth / np.maximum(stop - first, 1)
        self._counts, self._share = np.ones(n_times), np.ones(n_times + 1)
        _positive_sum(self._worth)
        self._sums = np.add.reduceat(self._worth, np.arange(0, len(first), _BLOCK))

    def drawn(self, chance: float) -> int:
        """The sample that a chance from 0 to 1 falls on; the samples that overlap it become less likely."""
        ladder = np.cumsum(self._sums)
        point = chance * ladder[-1]
        block = min(int(ladder.searchsorted(point, side="right")), len(ladder) - 1)
        steps = np.cumsum(self._worth[block * _BLOCK : (block + 1) * _BLOCK])
        before = ladder[block - 1] if block else 0.0
        inside = min(int(steps.searchsorted(point - before, side="right")), len(steps) - 1)
        found = self._last_likely(block * _BLOCK + inside)
        self._take(found)
        return found

    def _last_likely(self, place: int) -> int:
        """The place, or where rounding led past the last likely sample, that one."""
        while self._worth[place] <= 0.0 and place > 0:
            place -= 1
        return place

    def _take(self, sample: int) -> None:
        begin, end = int(self._first[sample]), int(self._stop[sample])
        self._counts[begin:end] += 1.0
        self._share[begin:end] = 1.0 / self._counts[begin:end]
        low = int(self._first.searchsorted(begin - self._longest + 1, side="left"))
        high = int(self._first.searchsorted(end - 1, side="right"))
        since, until = int(self._first[low]), min(end + self._longest, self._n_times) + 1
        sums = np.add.reduceat(self._share[since:until], self._edges[2 * low : 2 * high] - since)[::2]
        self._worth[low:high] = sums * self._weight[low:high]
        for block in range(low // _BLOCK, (high - 1) // _BLOCK + 1):
            self._sums[block] = np.add.reduce(self._worth[block * _BLOCK : (block + 1) * _BLOCK])


def _places(spans: Spans, times: Index) -> tuple[Index, Index]:
    """The first time that each span covers, and the place after its last."""
    if len(times) and bool(np.any(np.diff(times) <= 0)):
        row = int(np.flatnonzero(np.diff(times) <= 0)[0]) + 1
        raise DataError(f"time {times[row]} follows {times[row - 1]}; give the times of bars strictly increasing")
    first = np.searchsorted(times, spans.starts, side="left").astype(np.int64)
    return first, np.searchsorted(times, spans.ends, side="right").astype(np.int64)


def _means(values: Array, first: Index, stop: Index) -> Array:
    """Mean of values[first:stop] for each pair; NaN where it is empty."""
    with np.errstate(invalid="ignore"):
        return _sums(values, first, stop) / (stop - first)


def _sums(values: Array, first: Index, stop: Index) -> Array:
    """Sum of values[first:stop] for each pair, of that pair's values alone; 0 where it is empty."""
    sums = np.zeros(len(first))
    filled = stop > first
    if filled.any():
        edges = np.column_stack((first[filled], stop[filled])).ravel()
        sums[filled] = np.add.reduceat(np.append(values, 0.0), edges)[::2]
    return sums


def _positive_sum(worth: Array) -> float:
    total = float(np.sum(worth))
    if total <= 0.0:
        raise DataError(f"none of {len(worth)} samples covers a bar; give spans over the times of the bars")
    return total
