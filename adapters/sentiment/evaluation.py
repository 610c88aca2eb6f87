"""How right a model is about labelled headlines: accuracy and F1, an answer not given being wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adapters.sentiment.encoder import Vectors
from adapters.sentiment.labels import Labels
from adapters.sentiment.training import Classes, Told, unseen_classes
from nodes.kernels.tone import VERSION, tone

MAJORITY, HEAD, LEXICON = "majority", "minilm head", f"lexicon {VERSION}"


@dataclass(frozen=True, slots=True)
class Measure:
    """How one model did.

    Attributes:
        model: which.
        accuracy_frac: share of all labels that it got right; no answer is a wrong one.
        f1_frac: F1 of the positive class.
        f1_negative_frac: F1 of the negative class.
        answered_frac: share of the labels that it said anything about.
    """

    model: str
    accuracy_frac: float
    f1_frac: float
    f1_negative_frac: float
    answered_frac: float

    @property
    def macro_f1_frac(self) -> float:
        """Mean of the F1 of both classes."""
        return (self.f1_frac + self.f1_negative_frac) / 2


def measures(labels: Labels, vectors: Vectors, groups: Sequence[int], told: Told | None = None) -> tuple[Measure, ...]:
    """The head on folds it has not seen, the lexicon, and always saying what is most frequent.

    Args:
        labels: what people said.
        vectors: one row a label.
        groups: rows of one group never sit in two folds.
        told: of each fold that is done.
    """
    found = unseen_classes(vectors, labels.is_positive, groups, told)
    return (
        measure(HEAD, labels.is_positive, np.where(found, 1, -1)),
        *lexicon_measures(labels),
    )


def lexicon_measures(labels: Labels) -> tuple[Measure, ...]:
    """What needs no training: the lexicon, and always saying what is most frequent."""
    n_rows = len(labels.is_positive)
    most_frequent = 1 if 2 * int(labels.is_positive.sum()) >= n_rows else -1
    read = np.array([np.sign(tone(sentence) or 0.0) for sentence in labels.sentences], np.int64)
    return (
        measure(LEXICON, labels.is_positive, read),
        measure(MAJORITY, labels.is_positive, np.full(n_rows, most_frequent)),
    )


def measure(model: str, is_positive: Classes, answers: np.ndarray) -> Measure:
    """How right answers are: 1 positive, -1 negative, 0 none given."""
    wanted = np.where(is_positive, 1, -1)
    return Measure(
        model=model,
        accuracy_frac=float((answers == wanted).mean()),
        f1_frac=_f1(wanted, answers, 1),
        f1_negative_frac=_f1(wanted, answers, -1),
        answered_frac=float((answers != 0).mean()),
    )


def _f1(wanted: np.ndarray, answers: np.ndarray, kind: int) -> float:
    """Formula: 2 * right / (answers of the kind + labels of the kind), van Rijsbergen (1979), chapter 7."""
    n_right = int(((answers == kind) & (wanted == kind)).sum())
    n_either = int((answers == kind).sum()) + int((wanted == kind).sum())
    return 2 * n_right / n_either if n_either else 0.0
