"""What was written of shares, as it was known: scores without repeats, and what a day's texts come to.

A text belongs to the first session whose close it was known by: what comes after a close belongs to the next session. A
day's figures are made from what was known at its close, so no later edit, retraction or repeat ever changes them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

import polars as pl

from adapters.lake.domains.texts import FILING, TEXT_SCORES, TEXTS
from adapters.lake.facts.domain import INSTANT
from adapters.lake.facts.store import FactStore
from adapters.lake.knowledge import NEW_YORK
from adapters.lake.session_instants import closes_from, sessions_after
from nodes.kernels.near_duplicates import originals
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.instants import instant_ns

ALL_CHANNELS = "all"
DAILY = {
    "symbol": pl.String(),
    "session_on": pl.Date(),
    "channel": pl.String(),
    "texts_count": pl.Int64(),
    "scored_count": pl.Int64(),
    "mean_score": pl.Float64(),
    "dispersion_score": pl.Float64(),
    "negative_frac": pl.Float64(),
    "known_to_at": INSTANT,
}
"""Columns of the daily figures. A figure is null where no text of the day has a score, never zero."""


def repeats(store: FactStore, known_at: datetime, symbols: Sequence[str] | None = None) -> pl.DataFrame:
    """Texts that repeat an earlier one about the same share: text_id, original_id.

    Filings are never repeats: each document is its own. A text whose source names no share is compared with those
    about the share that was found in it when it was scored.

    Args:
        store: the lake.
        known_at: nothing later is seen.
        symbols: only texts about these shares.
    """
    texts = store.first_prints(TEXTS, known_at, pl.col("channel") != FILING).collect()
    scored = store.history(TEXT_SCORES, known_at).sort("sequence").select("text_id", found="symbol")
    found = scored.unique("text_id", keep="first", maintain_order=True).collect()
    placed = texts.join(found, on="text_id", how="left").with_columns(symbol=pl.coalesce("symbol", "found"))
    kept = placed if symbols is None else placed.filter(pl.col("symbol").is_in(list(symbols)))
    ordered = kept.sort("known_at", "event_at", "text_id")
    parts = [_repeats(part) for part in ordered.partition_by("symbol", maintain_order=True)]
    return pl.concat(parts) if parts else pl.DataFrame(schema={"text_id": pl.String(), "original_id": pl.String()})


def score_panel(store: FactStore, model: str, known_at: datetime, symbols: Sequence[str] | None = None) -> pl.DataFrame:
    """Every revision of a model's scores that was known, repeats left out: the columns of TEXT_SCORES.

    A revision without a score or without a share counts as a retraction: nothing can be made of it.

    Args:
        store: the lake.
        model: whose scores, by its whole name; scores made with hindsight are another model's.
        known_at: nothing later is seen.
        symbols: only these shares.
    """
    kept = _unrepeated(store, model, known_at, symbols)
    is_nothing = pl.col("is_retracted") | pl.col("score").is_null() | pl.col("symbol").is_null()
    return kept.with_columns(is_retracted=is_nothing).select(list(TEXT_SCORES.schema))


def known_scores(
    store: FactStore, model: str, known_at: datetime, symbols: Sequence[str] | None = None
) -> pl.DataFrame | Absent:
    """A model's scores as features read them, by knowledge and sequence; why there are none where there are none.

    Args:
        store: the lake.
        model: whose scores.
        known_at: nothing later is seen.
        symbols: only these shares.
    """
    found = score_panel(store, model, known_at, symbols).sort("known_at", "sequence")
    if found.height:
        return found
    about = None if symbols is None else pl.col("symbol").is_in(list(symbols))
    n_texts = store.first_prints(TEXTS, known_at, about).select(pl.len()).collect().item()
    if n_texts:
        return Absent(TEXT_SCORES.name, f"{n_texts} texts are known, none scored by {model}: run assay sentiment score")
    return Absent(TEXT_SCORES.name, "no text about these shares is known: fetch or import some")


def daily_sentiment(
    store: FactStore, model: str, known_at: datetime, symbols: Sequence[str] | None = None
) -> pl.DataFrame:
    """What each session's texts come to by share and channel, and over all channels: the columns of DAILY.

    Args:
        store: the lake.
        model: whose scores.
        known_at: nothing later is seen; of the session that it falls into, the texts known so far count.
        symbols: only these shares.
    """
    kept = _unrepeated(store, model, known_at, symbols)
    standing = _standing_at_close(kept, known_at).filter(pl.col("symbol").is_not_null())
    both = pl.concat([standing, standing.with_columns(channel=pl.lit(ALL_CHANNELS))])
    groups = both.group_by("symbol", "session_on", "channel", "known_to_at").agg(pl.col("score").sort())
    rows = [_figures(row) for row in groups.iter_rows(named=True)]
    return pl.DataFrame(rows, schema=DAILY, orient="row").sort("session_on", "symbol", "channel")


def _unrepeated(store: FactStore, model: str, known_at: datetime, symbols: Sequence[str] | None) -> pl.DataFrame:
    """Every revision of a model's scores, those of repeats left out."""
    own = pl.col("model") == model
    if symbols is not None:
        own &= pl.col("symbol").is_in(list(symbols))
    history = store.history(TEXT_SCORES, known_at, own).collect()
    return history.join(repeats(store, known_at, symbols), on="text_id", how="anti", maintain_order="left")


def closing_instants(known_at: pl.Series) -> pl.Series:
    """The first close at or after each instant."""
    days = known_at.dt.convert_time_zone(NEW_YORK).dt.date()
    today = closes_from(days)
    tomorrow = closes_from(sessions_after(days, 1))
    return today.zip_with(known_at <= today, tomorrow).alias("close_at")


def _standing_at_close(history: pl.DataFrame, known_at: datetime) -> pl.DataFrame:
    """The revision of each text that stood at the close of the session in which the text became known."""
    first_at = history.select(pl.col("known_at").min().over("text_id"))["known_at"]
    placed = history.with_columns(closing_instants(first_at))
    seen = placed.filter(pl.col("known_at") <= pl.col("close_at")).sort("text_id", "known_at", "sequence")
    newest = seen.unique("text_id", keep="last", maintain_order=True).filter(~pl.col("is_retracted"))
    now = pl.lit(instant_ns(known_at), dtype=pl.Int64).cast(INSTANT)
    return newest.select(
        "symbol",
        "channel",
        "score",
        session_on=pl.col("close_at").dt.convert_time_zone(NEW_YORK).dt.date(),
        known_to_at=pl.min_horizontal("close_at", now),
    )


def _repeats(texts: pl.DataFrame) -> pl.DataFrame:
    """The repeats among the texts about one share, in the order in which they became known."""
    words = [title or body or "" for title, body in texts.select("title", "body").iter_rows()]
    found = originals(texts["url"].to_list(), words, texts["known_at"].cast(pl.Int64).to_list())
    marked = texts.select("text_id", original_id=pl.col("text_id").gather(found))
    return marked.filter(pl.col("text_id") != pl.col("original_id"))


def _figures(group: dict[str, object]) -> tuple[object, ...]:
    """One row of DAILY. Sums are exact, so the order of texts leaves no mark."""
    listed = group["score"]
    scores = [score for score in listed if score is not None] if isinstance(listed, list) else []
    n_texts = len(listed) if isinstance(listed, list) else 0
    mean = math.fsum(scores) / len(scores) if scores else None
    spread = _spread(scores, mean)
    negative = sum(score < 0 for score in scores) / len(scores) if scores else None
    keys = (group["symbol"], group["session_on"], group["channel"])
    return (*keys, n_texts, len(scores), mean, spread, negative, group["known_to_at"])


def _spread(scores: list[float], mean: float | None) -> float | None:
    """Sample standard deviation; None for fewer than two scores."""
    if mean is None or len(scores) < 2:  # noqa: PLR2004  # one text has no spread
        return None
    return math.sqrt(math.fsum((score - mean) ** 2 for score in scores) / (len(scores) - 1))
