"""Drift of a model: what it is given and what it says now, against what it was trained on.

A distance alone is no alarm. A small window lies apart from a long sample by chance, and a window of features that
remember a year lies apart from five years on any day. So each index of stability is told beside two others: the one
that chance alone exceeds with a named probability, and the one that windows of the same length inside the training
sample exceeded as rarely. What a policy reads of them is in `dataflows.audit.model_watch`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.kernels.discrepancy import Discrepancy, Permutations, mean_discrepancy
from nodes.kernels.drift import chance_stability, distance_probability, greatest_distance, population_stability
from nodes.vocabulary.canonical import decode, encode
from nodes.vocabulary.errors import DataError

PREDICTION = "prediction"
_LEAST_WINDOWS = 5
"""Windows without a session in common that a training sample must hold to tell what is usual."""


@dataclass(frozen=True, eq=False)
class ModelSample:
    """What a model was given and what it said, one row a share and session.

    Attributes:
        names: of the features, column by column.
        features: one row a sample; NaN where absent.
        predictions: what the model said; of training rows, out of sample, for a model is surer of what it learnt from.
        sessions: ordinal of each row's session.
    """

    names: tuple[str, ...]
    features: Array
    predictions: Array
    sessions: Index

    def __post_init__(self) -> None:
        rows = len(self.sessions)
        if self.features.shape != (rows, len(self.names)) or self.predictions.shape != (rows,):
            message = (
                f"sample of {rows} sessions has features {self.features.shape} of {len(self.names)} names and "
                f"predictions {self.predictions.shape}; give one row of each a sample"
            )
            raise DataError(message)

    @property
    def n_sessions(self) -> int:
        """How many sessions it has rows of."""
        return len(np.unique(self.sessions))


@dataclass(frozen=True, slots=True)
class Measure:
    """How drift is measured.

    Attributes:
        n_bins: of the stability index.
        rare_frac: probability with which an alike sample is to exceed what is told as chance and as usual, e.g. 0.01.
        permutations: how the discrepancy of all features at once is judged.
        max_windows: how many windows of the training sample are looked at; they may overlap.
    """

    n_bins: int
    rare_frac: float
    permutations: Permutations
    max_windows: int


@dataclass(frozen=True, slots=True)
class Drift:
    """The drift of one feature or of the prediction.

    Attributes:
        name: of the feature, or `PREDICTION`.
        n_live: live values.
        psi: population stability index; NaN where either sample has no value.
        chance_psi: what independent values of the same numbers exceed with probability `rare_frac`.
        usual_psi: what that share of as long windows of the training sample exceeded; NaN where it is
            shorter than 5 of them.
        ks: greatest distance of the distribution functions.
        ks_p: its probability if all values were independent.
        missing_frac: share of live rows without a value.
        missing_before_frac: the same of the training sample.
    """

    name: str
    n_live: int
    psi: float
    chance_psi: float
    usual_psi: float
    ks: float
    ks_p: float
    missing_frac: float
    missing_before_frac: float

    @property
    def unusual_psi(self) -> float:
        """The index where neither chance nor the feature's own past explains it, else 0; NaN where it is not known."""
        explained = self.psi <= self.chance_psi or self.psi <= self.usual_psi
        return 0.0 if explained else self.psi


@dataclass(frozen=True, slots=True)
class ModelDrift:
    """The drift of a model.

    Attributes:
        features: of each feature, the farthest first, those that are not known last.
        prediction: of what the model says.
        discrepancy: of all features at once, each in standard deviations of the training sample.
        usual_discrepancy: its square in as long windows of the training sample, as `usual_psi`.
        past_p: share of these windows, the live one among them, that lie as far apart; NaN as `usual_psi`.
        n_rows: live rows.
        n_sessions: live sessions.
    """

    features: tuple[Drift, ...]
    prediction: Drift
    discrepancy: Discrepancy
    usual_discrepancy: float
    past_p: float
    n_rows: int
    n_sessions: int

    @property
    def unusual_discrepancy(self) -> float:
        """The squared discrepancy where the model's own past does not explain it, else 0; NaN where it is not known."""
        return 0.0 if self.discrepancy.squared <= self.usual_discrepancy else self.discrepancy.squared


def model_drift(training: ModelSample, live: ModelSample, measure: Measure) -> ModelDrift:
    """The drift of every feature, of the prediction, and of all features at once.

    Raises:
        DataError: the samples are of other features, or one is empty.
    """
    if training.names != live.names:
        odd = sorted(set(training.names) ^ set(live.names)) or "their order"
        message = f"training and live features differ in {odd}; give both as the model reads them"
        raise DataError(message)
    if not len(training.sessions) or not len(live.sessions):
        message = f"{len(training.sessions)} training and {len(live.sessions)} live rows say nothing; give some of each"
        raise DataError(message)
    windows = list(_windows(training.sessions, live.n_sessions, measure.max_windows))
    columns = zip(training.names, training.features.T, live.features.T, strict=True)
    features = [_drift(name, before, now, windows, measure) for name, before, now in columns]
    before, now = _scaled(training.features, live.features)

    def squared(part: Array, other: Array) -> float:
        return mean_discrepancy(part, other, Permutations(1, measure.permutations.max_rows, 0)).squared

    joint, past = mean_discrepancy(before, now, measure.permutations), _past(before, windows, squared)
    return ModelDrift(
        features=tuple(sorted(features, key=lambda each: (math.isnan(each.psi), -each.psi, each.name))),
        prediction=_drift(PREDICTION, training.predictions, live.predictions, windows, measure),
        discrepancy=joint,
        usual_discrepancy=_usual(past, measure.rare_frac),
        past_p=_past_p(past, joint.squared),
        n_rows=len(live.sessions),
        n_sessions=live.n_sessions,
    )


def sample_bytes(sample: ModelSample) -> bytes:
    """A sample as canonical bytes, for the body store: the reference that a champion is watched against."""
    fields = {"features": sample.features, "predictions": sample.predictions, "sessions": sample.sessions}
    return encode({"names": list(sample.names), **fields})


def sample_from_bytes(data: bytes) -> ModelSample:
    """The sample of such bytes.

    Raises:
        DataError: they are none.
    """
    read = decode(data)
    if not isinstance(read, dict) or set(read) != {"names", "features", "predictions", "sessions"}:
        raise DataError("bytes hold no sample of a model; give what sample_bytes wrote")
    return ModelSample(tuple(read["names"]), read["features"], read["predictions"], read["sessions"])


def _drift(name: str, before: Array, now: Array, windows: list[np.ndarray], measure: Measure) -> Drift:
    known = [int(np.count_nonzero(np.isfinite(part))) for part in (before, now)]
    distance = greatest_distance(before, now)

    def stability(part: Array, other: Array) -> float:
        return population_stability(part, other, measure.n_bins)

    return Drift(
        name=name,
        n_live=known[1],
        psi=stability(before, now),
        chance_psi=chance_stability(before, now, measure.n_bins, measure.rare_frac),
        usual_psi=_usual(_past(before, windows, stability), measure.rare_frac),
        ks=distance,
        ks_p=distance_probability(distance, known[0], known[1]),
        missing_frac=1.0 - known[1] / len(now),
        missing_before_frac=1.0 - known[0] / len(before),
    )


def _windows(sessions: Index, length: int, count: int) -> Iterator[np.ndarray]:
    """Which rows lie in each of up to `count` windows of `length` sessions, spread evenly over all; none of too few."""
    days = np.unique(sessions)
    last = len(days) - length
    if len(days) < _LEAST_WINDOWS * length:
        return
    for start in np.unique(np.linspace(0, last, min(last + 1, count)).astype(np.int64)).tolist():
        yield (sessions >= days[start]) & (sessions <= days[start + length - 1])


def _past(sample: Array, windows: list[np.ndarray], distance: Callable[[Array, Array], float]) -> Array:
    """The known distances of windows of the sample from the rest of it, ascending."""
    found = np.array([distance(sample[~window], sample[window]) for window in windows])
    return np.sort(found[np.isfinite(found)])


def _usual(past: Array, rare: float) -> float:
    """The distance that a share of `rare` of the windows exceeds."""
    return float(past[math.ceil((1.0 - rare) * len(past)) - 1]) if len(past) else math.nan


def _past_p(past: Array, live: float) -> float:
    """The share of windows that lie at least as far apart as the live one, itself among them."""
    if not len(past) or math.isnan(live):
        return math.nan
    return (1.0 + float(np.count_nonzero(past >= live))) / (1.0 + len(past))


def _scaled(before: Array, now: Array) -> tuple[Array, Array]:
    """Both samples in standard deviations of the first; one that never varies keeps its unit, so that leaving it shows.

    A feature without a value in either sample is left out: no row would be complete.
    """
    kept = [place for place in range(before.shape[1]) if np.isfinite(before[:, place]).any()]
    kept = [place for place in kept if np.isfinite(now[:, place]).any()]
    one, other = before[:, kept], now[:, kept]
    held = np.where(np.isfinite(one), one, np.nan)
    spread = np.nanstd(held, axis=0) if kept else np.ones(0)
    middle = np.nanmean(held, axis=0) if kept else np.zeros(0)
    scale = np.where(spread > 0.0, spread, 1.0)
    return (one - middle) / scale, (other - middle) / scale
