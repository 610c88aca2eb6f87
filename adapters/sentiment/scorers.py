"""What reads the tone of texts: the lexicon, which is always there, and a trained head over the encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np

from adapters.sentiment.encoder import Encoder
from adapters.sentiment.head import Head
from nodes.kernels.linear_head import positive_probabilities
from nodes.kernels.tone import VERSION, lexicon_digest, tone

_SHORT = 12


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model reads out of a text.

    Attributes:
        score: from -1 to 1; None when the text says nothing to the model.
        p_positive: probability of a positive tone; None for a model that gives none.
        p_negative: probability of a negative tone; likewise.
    """

    score: float | None
    p_positive: float | None = None
    p_negative: float | None = None


class Scorer(Protocol):
    """Reads texts. Equal texts have equal readings, whatever else is read."""

    @property
    def model(self) -> str:
        """Name, version and digest."""

    @property
    def taught_at(self) -> datetime | None:
        """By when what it was taught was known; None when it was not taught."""

    def readings(self, texts: Sequence[str]) -> list[Reading]:
        """One reading a text."""


class LexiconScorer:
    """Reads by the word list."""

    @property
    def model(self) -> str:
        """Name, version and digest."""
        return f"lexicon-{VERSION}@{lexicon_digest().removeprefix('sha256:')[:_SHORT]}"

    @property
    def taught_at(self) -> None:
        """No labels taught it."""
        return

    def readings(self, texts: Sequence[str]) -> list[Reading]:
        """One reading a text."""
        return [Reading(tone(text)) for text in texts]


class HeadScorer:
    """Reads by a trained head over the encoder's vectors."""

    def __init__(self, head: Head, encoder: Encoder) -> None:
        self._head = head
        self._encoder = encoder
        self._weights = np.array(head.weights, np.float64)

    @property
    def model(self) -> str:
        """Name, version and digest."""
        return self._head.model

    @property
    def taught_at(self) -> datetime:
        """By when its labels were known."""
        return self._head.labels_known_at

    def readings(self, texts: Sequence[str]) -> list[Reading]:
        """One reading a text."""
        vectors = self._encoder.vectors(texts)
        positive = positive_probabilities(vectors, self._weights, self._head.intercept).tolist()
        return [Reading(2.0 * p - 1.0, p, 1.0 - p) for p in positive]
