"""Texts of the lake scored, as facts of the lake.

A score is known when its text was: it adds computation by a fixed model and no knowledge. There is one exception. A
head was taught by labels, and a text that was known before them was read with hindsight; its score stands under a model
name that says so, `...+hindsight`, and readers of the model itself never see it.

Every revision of a text is scored, a retracted text's score is retracted, and what was scored is not scored again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from adapters.lake.domains.texts import FILING, TEXT_SCORES, TEXTS
from adapters.lake.facts.store import FactStore
from adapters.sentiment.naming import Names
from adapters.sentiment.scorers import Scorer

HINDSIGHT = "+hindsight"
SOURCE = "assay-sentiment"
_BATCH_ROWS = 500
_REVISION = ["text_id", "event_at", "known_at"]
Told = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Scored:
    """What a run came to.

    Attributes:
        model: that scored.
        n_revisions: revisions of texts that had no score of it yet.
        n_new: scores that are new.
        n_hindsight: revisions that the model read with hindsight.
        n_without_tone: revisions that say nothing to it.
        n_without_symbol: revisions that name no share, or several.
    """

    model: str
    n_revisions: int
    n_new: int
    n_hindsight: int
    n_without_tone: int
    n_without_symbol: int


def scored(store: FactStore, scorer: Scorer, known_at: datetime, told: Told | None = None) -> Scored:
    """Scores every text known at an instant that the model has not scored.

    Args:
        store: the lake.
        scorer: who reads.
        known_at: now.
        told: of each batch that is stored; a run that is interrupted is simply run again.
    """
    waiting, names = _waiting(store, scorer, known_at), Names.of(store, known_at)
    n_new, counts = 0, pl.DataFrame()
    for at in range(0, waiting.height, _BATCH_ROWS):
        facts = _facts(waiting.slice(at, _BATCH_ROWS), scorer, names)
        n_new += store.ingested(TEXT_SCORES, facts, SOURCE).accepted
        counts = pl.concat([counts, _counts(facts)]) if at else _counts(facts)
        if told is not None:
            told("texts", min(at + _BATCH_ROWS, waiting.height), waiting.height)
    totals = counts.sum().row(0) if waiting.height else (0, 0, 0)
    return Scored(scorer.model, waiting.height, n_new, *totals)


def read_words(channel: str, title: str | None, body: str | None) -> str:
    """What of a text is read: of a filing its body, of anything else its title, where it has one."""
    first, second = (body, title) if channel == FILING else (title, body)
    return first or second or ""


def _waiting(store: FactStore, scorer: Scorer, known_at: datetime) -> pl.DataFrame:
    """The revisions of texts that have no score of the model, with the name that their scores get."""
    texts = store.history(TEXTS, known_at).collect()
    first_at = pl.col("known_at").min().over("text_id")
    is_hindsight = pl.lit(value=False) if scorer.taught_at is None else first_at < scorer.taught_at
    named = pl.when(is_hindsight).then(pl.lit(scorer.model + HINDSIGHT)).otherwise(pl.lit(scorer.model))
    own = pl.col("model").is_in([scorer.model, scorer.model + HINDSIGHT])
    done = store.history(TEXT_SCORES, known_at, own).select(*_REVISION, "model").collect()
    return texts.with_columns(model=named).join(done, on=[*_REVISION, "model"], how="anti", maintain_order="left")


def _facts(texts: pl.DataFrame, scorer: Scorer, names: Names) -> pl.DataFrame:
    """One score a revision; a retracted text's score is retracted."""
    words = [read_words(*row) for row in texts.select("channel", "title", "body").iter_rows()]
    readings = scorer.readings(words)
    columns = {name: [getattr(reading, name) for reading in readings] for name in ("score", "p_positive", "p_negative")}
    values = {name: pl.Series(name, values, pl.Float64) for name, values in columns.items()}
    kept = texts.select("text_id", "model", "channel", "event_at", "known_at", "is_retracted")
    return kept.with_columns(symbol=pl.Series(_symbols(texts, words, names), dtype=pl.String), **values)


def _symbols(texts: pl.DataFrame, words: Sequence[str], names: Names) -> list[str | None]:
    """The share of each text: what its source says, else what it names."""
    instants = pl.col("event_at", "known_at").dt.cast_time_unit("us")
    rows = texts.select("symbol", instants).iter_rows()
    return [
        symbol or names.symbol(text, event_at.date(), known_at)
        for (symbol, event_at, known_at), text in zip(rows, words, strict=True)
    ]


def _counts(facts: pl.DataFrame) -> pl.DataFrame:
    is_read = ~pl.col("is_retracted")
    return facts.select(
        n_hindsight=pl.col("model").str.ends_with(HINDSIGHT).sum(),
        n_without_tone=(is_read & pl.col("score").is_null()).sum(),
        n_without_symbol=(is_read & pl.col("symbol").is_null()).sum(),
    )
