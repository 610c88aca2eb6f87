"""The tone of texts: which model serves, training and measuring one, scoring the lake, and what days come to.

The lexicon needs nothing and is always there. Where the libraries of a trained head are missing, or fail while a text
is read, the lexicon answers in its place, under its own name and with the reason: nothing is scored by a model that did
not read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path

import polars as pl

from adapters.lake.facts.store import FactStore
from adapters.lake.views.sentiment import daily_sentiment
from adapters.sentiment.encoder import installed_encoder
from adapters.sentiment.evaluation import Measure, lexicon_measures, measures
from adapters.sentiment.extra import MISSING_EXTRA
from adapters.sentiment.head import Head, read_head, write_head
from adapters.sentiment.labels import Labels, labels
from adapters.sentiment.scorers import HeadScorer, LexiconScorer, Reading, Scorer
from adapters.sentiment.scoring import Scored, scored
from adapters.sentiment.training import trained_head
from governance.findings import Progress
from nodes.vocabulary.errors import EdgeError


@dataclass(frozen=True, slots=True)
class Serving:
    """Who reads texts now.

    Attributes:
        scorer: the model.
        because: why it is not the one that was asked for; "" when it is.
    """

    scorer: Scorer
    because: str = ""


@dataclass(frozen=True, slots=True)
class ReadText:
    """What was read out of one text.

    Attributes:
        model: who read it.
        reading: score and probabilities.
        because: why it was not the model that was asked for; "" when it was.
    """

    model: str
    reading: Reading
    because: str = ""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How models do on labelled headlines.

    Attributes:
        n_labels: labels that say good or bad.
        n_neutral: labels left out because they say neither.
        n_groups: groups of rows that never sit in two folds.
        measures: one a model.
        because: why there is no head among them; "" when there is.
    """

    n_labels: int
    n_neutral: int
    n_groups: int
    measures: tuple[Measure, ...]
    because: str = ""


class Grouping(Enum):
    """What never sits in two folds."""

    HEADLINE = "headline"
    TARGET = "target"


def serving(head: Path | None) -> Serving:
    """The scorer of a head's file, or the lexicon: where none is named, and where its libraries are missing.

    Raises:
        EdgeError: the file cannot be read.
        DataError: it is no head of this encoder.
    """
    if head is None:
        return Serving(LexiconScorer())
    trained = read_head(head)
    try:
        return Serving(HeadScorer(trained, installed_encoder()))
    except EdgeError as error:
        if error.reason != MISSING_EXTRA:
            raise
        return Serving(LexiconScorer(), f"{trained.model} cannot serve, the lexicon does: {error}")


def read_text(served: Serving, text: str) -> ReadText:
    """The tone of one text, by the lexicon where the model fails on it."""
    try:
        (reading,) = served.scorer.readings([text])
    except EdgeError as error:
        lexicon = LexiconScorer()
        because = f"{served.scorer.model} failed on this text, the lexicon read it: {error}"
        return ReadText(lexicon.model, lexicon.readings([text])[0], because)
    return ReadText(served.scorer.model, reading, served.because)


def trained(path: Path, out: Path, name: str, known_at: datetime) -> Head:
    """A head trained on the labels of a file, written to a new file.

    Args:
        path: the labels.
        out: the head's file.
        name: the head's name.
        known_at: by when the labels were known: texts from before are scored with hindsight, and say so.
    """
    found = labels(path, known_at)
    head = trained_head(name, found, installed_encoder().vectors(found.sentences))
    write_head(head, out)
    return head


def evaluation(path: Path, grouping: Grouping, known_at: datetime, told: Progress) -> Evaluation:
    """How the head, the lexicon and the most frequent answer do on the labels of a file, on grouped folds."""
    found = labels(path, known_at)
    groups = found.headline_groups if grouping is Grouping.HEADLINE else found.target_groups
    try:
        encoder = installed_encoder()
    except EdgeError as error:
        if error.reason != MISSING_EXTRA:
            raise
        return _evaluation(found, groups, lexicon_measures(found), str(error))
    vectors = encoder.vectors(found.sentences)
    return _evaluation(found, groups, measures(found, vectors, groups, told))


def _evaluation(found: Labels, groups: list[int], measured: tuple[Measure, ...], because: str = "") -> Evaluation:
    return Evaluation(len(found.sentences), found.n_neutral, len(set(groups)), measured, because)


def scored_lake(store: FactStore, served: Serving, now: datetime, told: Progress) -> Scored:
    """Every text of the lake that the serving model has not scored, scored."""
    return scored(store, served.scorer, now, told)


def sentiment_days(store: FactStore, symbol: str, model: str | None, known_at: datetime) -> pl.DataFrame:
    """What each session's texts about a share come to, as it was known at an instant."""
    return daily_sentiment(store, model or LexiconScorer().model, known_at, [symbol])
