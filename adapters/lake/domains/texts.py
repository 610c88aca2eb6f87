"""What people wrote, and what models made of it: news, Reddit, X and the texts of filings."""

from __future__ import annotations

import polars as pl

from adapters.lake.facts.domain import Domain

NEWS, REDDIT, X, FILING = "news", "reddit", "x", "filing"
CHANNELS = (NEWS, REDDIT, X, FILING)

TEXTS = Domain(
    name="texts",
    keys={"text_id": pl.String()},
    values={
        "channel": pl.String(),
        "symbol": pl.String(),
        "title": pl.String(),
        "body": pl.String(),
        "url": pl.String(),
        "published_at": pl.Datetime("ns", "UTC"),
    },
    doc=(
        "One row a text and symbol: a text about two symbols is two rows, each with its own text_id; symbol is null"
        " where a text names none. channel is news, reddit, x or filing; title is null for a post without one, body"
        " where the source gives a headline only. event_at is published_at. An edited text is a later fact of the same"
        " text_id, a deleted one a retraction."
    ),
    lag=(
        "published_at as its publisher stamps it; the instant of the fetch that brought it, if an earlier fetch made"
        " after that stamp did not bring it; the instant of the edit for an edited text."
    ),
    rules={
        "channel was none of news, reddit, x, filing; name the channel": pl.col("channel").is_in(CHANNELS),
        "published_at was not event_at; stamp the text once": pl.col("published_at") == pl.col("event_at"),
        "known_at was before published_at; nobody reads a text before it is out": pl.col("known_at")
        >= pl.col("published_at"),
        "title and body were both missing; a text needs words": pl.col("title").is_not_null()
        | pl.col("body").is_not_null(),
    },
)

TEXT_SCORES = Domain(
    name="text_scores",
    keys={"text_id": pl.String(), "model": pl.String()},
    values={
        "symbol": pl.String(),
        "channel": pl.String(),
        "score": pl.Float64(),
        "p_positive": pl.Float64(),
        "p_negative": pl.Float64(),
    },
    doc=(
        "What a model reads out of a text: score from -1 to 1, and the probabilities of a positive and a negative tone"
        " (null for a model that gives none). model names the model and its version. event_at is the text's."
    ),
    lag="When its text was known: a score adds computation by a fixed model, and no knowledge.",
    rules={
        "score was outside -1 to 1; scale it": pl.col("score").is_between(-1, 1),
        "p_positive was outside 0 to 1; give a probability": pl.col("p_positive").is_between(0, 1),
        "p_negative was outside 0 to 1; give a probability": pl.col("p_negative").is_between(0, 1),
    },
)
