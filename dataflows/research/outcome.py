"""From the fits of a study to what its trials would have earned: out of sample, after costs, each on the same sessions.

Every trial is one column: in each tested fold, its own fit. What was chosen is a column too, made of the choice in each
fold that its inner losses point to, so that nothing about it was known from what it is judged by.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from dataflows.research.design import BookDesign
from dataflows.research.fitting import StudyData, places_tested
from dataflows.research.sampling import SampleTable
from dataflows.research.sizing import sample_sizes
from dataflows.research.study import DoneFit
from nodes.kernels.arrays import Array, Index
from nodes.kernels.bets import book_returns, equal_holdings, long_holdings, neutral_holdings, open_bets


@dataclass(frozen=True, eq=False)
class TrialOutcome:
    """One trial, or the choice among them, out of sample.

    Attributes:
        model: kind of model; "" for the choice.
        place: which proposal of the search.
        number: in the ledger.
        mean_loss: mean over the tested folds of the inner losses that a choice looks at.
        returns: after costs, less the benchmark's, one a session of the study.
    """

    model: str
    place: int
    number: int
    mean_loss: float
    returns: Array


@dataclass(frozen=True, eq=False)
class StudyOutcome:
    """What a study came to.

    Attributes:
        sessions: on which returns were earned out of sample.
        trials: every trial.
        chosen: what nested choice came to, as returns over the same sessions.
        benchmark: what the book is judged against, returns after costs.
        choices: the fit that was chosen in each tested fold.
        final: the fit chosen on all samples: what would be registered.
        predictions: of the chosen fits for each sample; NaN where none tested it. Means, where several did.
        gross_frac: mean of absolute holdings of what was chosen.
        turnover_frac: what it traded a year of 252 sessions, half of both ways.
    """

    sessions: pl.Series
    trials: tuple[TrialOutcome, ...]
    chosen: Array
    benchmark: Array
    choices: tuple[DoneFit, ...]
    final: DoneFit
    predictions: Array
    gross_frac: float
    turnover_frac: float

    @property
    def matrix(self) -> Array:
        """Returns of every trial, one row a session, one column a trial."""
        return np.column_stack([trial.returns for trial in self.trials])


def study_outcome(table: SampleTable, data: StudyData, book: BookDesign, done: Sequence[DoneFit]) -> StudyOutcome:
    """The outcome of a study's fits."""
    folds = [[each for each in done if each.fit.fold == fold] for fold in range(data.n_folds + 1)]
    best = [_best(fits) for fits in folds]
    choices = tuple(best[: data.n_folds])
    valued = _Valued(table, data, book)
    places = list(dict.fromkeys(each.fit.trial for each in done))
    trials = []
    for trial in places:
        own = [each for fits in folds[: data.n_folds] for each in fits if each.fit.trial == trial]
        mean_loss = float(np.mean([each.result.loss for each in own]))
        returns = valued.returns(valued.holdings(own)) - valued.benchmark
        trials.append(TrialOutcome(trial.model, trial.place, trial.number, mean_loss, returns))
    held = valued.holdings(choices)
    steps = np.abs(np.diff(held, axis=0, prepend=np.zeros((1, held.shape[1])))).sum(axis=1)
    return StudyOutcome(
        sessions=valued.sessions,
        trials=tuple(trials),
        chosen=valued.returns(held) - valued.benchmark,
        benchmark=valued.benchmark,
        choices=choices,
        final=best[data.n_folds],
        predictions=_means(
            [(data.splits[each.fit.fold].test, each.result.predictions) for each in choices], len(table.samples)
        ),
        gross_frac=float(np.mean(np.abs(held).sum(axis=1))),
        turnover_frac=float(np.mean(steps)) * 252.0 / 2.0,
    )


def _best(fits: Sequence[DoneFit]) -> DoneFit:
    """The fit with the least inner loss; the first of equals."""
    return min(fits, key=lambda each: each.result.loss)


class _Valued:
    """Bets valued in their market, from the first session that a tested sample could earn in to the last."""

    def __init__(self, table: SampleTable, data: StudyData, book: BookDesign) -> None:
        self._table, self._data, self._book = table, data, book
        spans = table.samples.spans
        tested = places_tested(data)
        first = int(spans.starts[tested].min()) + book.delay_sessions + 1
        stop = min(int(spans.ends[tested].max()) + book.delay_sessions + 1, len(table.market.sessions))
        self._window = slice(first, stop)
        self.sessions = table.market.sessions[first:stop]
        self.benchmark = self._benchmark(tested)

    def holdings(self, fits: Sequence[DoneFit]) -> Array:
        """Holdings that follow from the predictions of some fits."""
        sizes = _means([(self._data.splits[each.fit.fold].test, self._sizes(each)) for each in fits], self._n_samples)
        means, n_open = self._open(sizes)
        return neutral_holdings(means, n_open) if self._book.kind == "neutral" else long_holdings(means, n_open)

    def returns(self, holdings: Array) -> Array:
        """What holdings earned after costs."""
        book = self._book
        return book_returns(holdings, self._table.market.returns[self._window], book.cost_bps, book.borrow_fee_frac)

    @property
    def _n_samples(self) -> int:
        return len(self._table.samples)

    def _sizes(self, done: DoneFit) -> Array:
        result, sides = done.result, self._table.sides
        tested = None if sides is None else sides[self._data.splits[done.fit.fold].test]
        return sample_sizes(self._table.samples.kind, result.predictions, result.centre, result.spread, tested)

    def _open(self, sizes: Array) -> tuple[Array, Index]:
        shape = self._table.market.returns.shape
        means, n_open = open_bets(
            self._table.samples.spans, self._table.shares, sizes, (shape[0], shape[1]), self._book.delay_sessions
        )
        return means[self._window], n_open[self._window]

    def _benchmark(self, tested: Index) -> Array:
        if self._book.kind == "neutral":
            return np.zeros(len(self.sessions))
        none = np.full(self._n_samples, np.nan)
        none[tested] = 0.0
        return self.returns(equal_holdings(self._open(none)[1]))


def _means(parts: Sequence[tuple[Index, Array]], n_samples: int) -> Array:
    """For each sample the mean of what parts say of it; NaN where none does."""
    sums, counts = np.zeros(n_samples), np.zeros(n_samples)
    for places, values in parts:
        has = np.isfinite(values)
        sums[places[has]] += values[has]
        counts[places[has]] += 1.0
    means: Array = np.divide(sums, counts, out=np.full(n_samples, np.nan), where=counts > 0.0)
    return means


def settings_of(choices: Sequence[DoneFit]) -> tuple[Mapping[str, object], ...]:
    """The settings of some choices."""
    return tuple(dict(each.fit.settings) for each in choices)
