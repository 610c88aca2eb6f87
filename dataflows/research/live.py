"""What became of a version after it was trained: what it reads now, what it says of it, what following it earned.

A reference is archived when a version is registered: the rows that its study tested, with what was predicted of them
out of sample, and the record that its evidence is computed from. The live record applies the version to every row that
begins after the last session of the study's data, holds as the study held, and pays its costs. It is a record on paper:
no order follows from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from dataflows.audit.model_drift import ModelSample
from dataflows.engine.plan import Plan
from dataflows.features import FeatureSnapshot
from dataflows.research.design import StudyDesign
from dataflows.research.outcome import StudyOutcome
from dataflows.research.sampling import SampleTable, StudyRows, study_rows
from dataflows.research.sizing import sample_sizes
from nodes.kernels.arrays import Array
from nodes.kernels.bets import book_returns, equal_holdings, long_holdings, neutral_holdings, open_bets
from nodes.kernels.spans import sorted_spans
from nodes.vocabulary.canonical import decode, encode
from nodes.vocabulary.errors import DataError

MAX_REFERENCE_ROWS = 5_000
_FIELDS = frozenset({"policy", "sample", "centre", "spread", "mean_return", "deviation", "last_on"})
_SAMPLE_FIELDS = frozenset({"names", "features", "predictions", "sessions"})


@dataclass(frozen=True, eq=False)
class ModelReference:
    """What live data of a version are compared with.

    Attributes:
        policy: bytes of the research policy: features, labels, book.
        sample: tested rows of the study with their predictions, the newest 5,000 at most.
        centre: mean of the training targets of the final fit: what a prediction is measured from.
        spread: their standard deviation.
        mean_return: mean return a session of the nested choice out of sample, after costs and benchmark.
        deviation: standard deviation of the same.
        last_on: the last session of the study's data.
    """

    policy: bytes
    sample: ModelSample
    centre: float
    spread: float
    mean_return: float
    deviation: float
    last_on: date


@dataclass(frozen=True, eq=False)
class LiveRecord:
    """A version on data that came after its training.

    Attributes:
        sample: rows that began since, with what it says of them.
        sessions: sessions since.
        returns: what following it earned in each, after costs and benchmark; NaN before it first held anything.
    """

    sample: ModelSample
    sessions: pl.Series
    returns: Array


def model_reference(policy: bytes, table: SampleTable, outcome: StudyOutcome) -> ModelReference:
    """The reference of a study's version. Raises DataError where nothing was tested."""
    known = np.flatnonzero(np.isfinite(outcome.predictions))[-MAX_REFERENCE_ROWS:]
    if not len(known):
        raise DataError("no sample of the study was predicted out of sample; test at least one fold")
    samples = table.samples.rows(known)
    return ModelReference(
        policy=policy,
        sample=ModelSample(samples.names, samples.features, outcome.predictions[known], samples.spans.starts),
        centre=outcome.final.result.centre,
        spread=outcome.final.result.spread,
        mean_return=float(np.mean(outcome.chosen)),
        deviation=float(np.std(outcome.chosen, ddof=1)),
        last_on=table.market.sessions[-1],
    )


def live_record(
    reference: ModelReference,
    design: StudyDesign,
    plan: Plan,
    snapshot: FeatureSnapshot,
    predicted: Callable[[Array], Array],
) -> LiveRecord:
    """The record of a version since its training.

    Args:
        reference: of the version.
        design: of its study, as the reference's policy says.
        plan: of the study's features.
        snapshot: the facts that are known now.
        predicted: what the version says of complete rows of features.
    """
    rows = study_rows(design, plan, snapshot)
    market = rows.market
    first = int(market.sessions.search_sorted(reference.last_on, side="right"))
    is_live = rows.sessions >= first
    asked = is_live & rows.is_complete
    predictions = np.full(len(is_live), np.nan)
    predictions[asked] = predicted(rows.features[asked])
    sample = ModelSample(design.features, rows.features[is_live], predictions[is_live], rows.sessions[is_live])
    return LiveRecord(sample, market.sessions[first:], _earned(reference, design, rows, predictions)[first:])


def reference_bytes(reference: ModelReference) -> bytes:
    """A reference as canonical bytes, for the body store."""
    sample = reference.sample
    return encode({
        "policy": reference.policy,
        "sample": {
            "names": list(sample.names),
            "features": sample.features,
            "predictions": sample.predictions,
            "sessions": sample.sessions,
        },
        "centre": reference.centre,
        "spread": reference.spread,
        "mean_return": reference.mean_return,
        "deviation": reference.deviation,
        "last_on": reference.last_on,
    })  # fmt: skip


def reference_from_bytes(data: bytes) -> ModelReference:
    """The reference of such bytes. Raises DataError when they are none."""
    read = decode(data)
    sample = read.get("sample") if isinstance(read, dict) else None
    if not isinstance(sample, dict) or set(read) != _FIELDS or set(sample) != _SAMPLE_FIELDS:
        raise DataError("bytes hold no reference of a model; give what reference_bytes wrote")
    names = tuple(sample.pop("names"))
    return ModelReference(**(read | {"sample": ModelSample(names, **sample)}))


def _earned(reference: ModelReference, design: StudyDesign, rows: StudyRows, predictions: Array) -> Array:
    """What bets on the predictions earn over every session; one that is not decided yet is held to the last session."""
    shape = rows.market.returns.shape
    ends = np.full(len(predictions), shape[0] - 1, dtype=np.int64)
    ends[rows.is_complete] = np.where(rows.labels.end >= 0, rows.labels.end, shape[0] - 1)
    spans, order = sorted_spans(rows.sessions, np.maximum(ends, rows.sessions))
    kind = design.label.target_kind
    sizes = sample_sizes(kind, predictions, reference.centre, reference.spread, rows.sides)[order]
    book = design.book
    means, n_open = open_bets(spans, rows.shares[order], sizes, (shape[0], shape[1]), book.delay_sessions)
    is_neutral = book.kind == "neutral"
    held = neutral_holdings(means, n_open) if is_neutral else long_holdings(means, n_open)
    earned = book_returns(held, rows.market.returns, book.cost_bps, book.borrow_fee_frac)
    if not is_neutral:
        equal = equal_holdings(n_open)
        earned = earned - book_returns(equal, rows.market.returns, book.cost_bps, book.borrow_fee_frac)
    has_begun = np.cumsum(n_open.sum(axis=1)) > 0
    return np.where(has_begun, earned, np.nan)
