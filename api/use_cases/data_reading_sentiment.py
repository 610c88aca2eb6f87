"""What can be read of sentiment: texts, what models read out of them, and days summed up."""

from __future__ import annotations

from math import fsum
from typing import Annotated, Literal

import polars as pl

from adapters.lake.domains.texts import TEXT_SCORES, TEXTS
from adapters.lake.facts.domain import INSTANT
from api.use_cases.data_reading import EndOn, Reading, Says, Standpoint, StartOn, Symbol, columns, within

TAG = "sentiment"
_PATH = "/sentiment/{symbol}"
_DAY = "day_on"
Channel = Annotated[Literal["news", "reddit", "x", "filing"] | None, Says("Only of this source.")]
Model = Annotated[str | None, Says("Only by this model.")]


def texts(
    at: Standpoint, symbol: Symbol, channel: Channel = None, start_on: StartOn = None, end_on: EndOn = None
) -> pl.DataFrame:
    """Texts about a symbol that were out, the newest first: headlines, posts, filings."""
    kept = _dated(at.store.as_of(TEXTS, at.as_of, event_at=at.as_of, where=_own(symbol, channel)))
    return kept.filter(within(_DAY, start_on, end_on)).sort("published_at", "text_id", descending=True).collect()


def scores(  # noqa: PLR0913, PLR0917  # one argument a parameter
    at: Standpoint,
    symbol: Symbol,
    channel: Channel = None,
    model: Model = None,
    start_on: StartOn = None,
    end_on: EndOn = None,
) -> pl.DataFrame:
    """What models read out of each text about a symbol: a score from -1 to 1, the newest first."""
    own = _own(symbol, channel)
    kept = at.store.as_of(TEXT_SCORES, at.as_of, where=own if model is None else own & (pl.col("model") == model))
    dated = _dated(kept).filter(within(_DAY, start_on, end_on))
    return dated.sort("event_at", "text_id", "model", descending=True).collect()


def daily_sentiment(  # noqa: PLR0913, PLR0917  # one argument a parameter
    at: Standpoint,
    symbol: Symbol,
    channel: Channel = None,
    model: Model = None,
    start_on: StartOn = None,
    end_on: EndOn = None,
) -> pl.DataFrame:
    """Scores of a symbol summed up by New York day, source and model, from the texts that were known.

    A day without a text has no row: silence is not a neutral tone.
    """
    found = scores(at, symbol, channel, model, start_on, end_on).sort(_DAY, "channel", "model", "text_id")
    days = found.group_by(_DAY, "channel", "model", maintain_order=True)
    rows = [
        {
            _DAY: day_on,
            "channel": source,
            "model": name,
            "n_texts": group.height,
            "mean_score": fsum(group["score"]) / group.height,
            "n_positive": int((group["score"] > 0).sum()),
            "n_negative": int((group["score"] < 0).sum()),
            "known_at": group["known_at"].max(),
        }
        for (day_on, source, name), group in days
    ]
    return pl.DataFrame(rows, schema=_DAILY)


def _own(symbol: str, channel: str | None) -> pl.Expr:
    own = pl.col("symbol") == symbol
    return own if channel is None else own & (pl.col("channel") == channel)


def _dated(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.with_columns(pl.col("event_at").dt.convert_time_zone("America/New_York").dt.date().alias(_DAY))


_DAILY = {
    _DAY: pl.Date(),
    "channel": pl.String(),
    "model": pl.String(),
    "n_texts": pl.Int64(),
    "mean_score": pl.Float64(),
    "n_positive": pl.Int64(),
    "n_negative": pl.Int64(),
    "known_at": INSTANT,
}

READINGS: tuple[Reading, ...] = (
    Reading("texts", f"{_PATH}/texts", TAG, texts, columns(TEXTS), (TEXTS,)),
    Reading("sentiment-scores", f"{_PATH}/scores", TAG, scores, columns(TEXT_SCORES), (TEXT_SCORES,)),
    Reading("daily-sentiment", f"{_PATH}/daily", TAG, daily_sentiment, _DAILY, (TEXT_SCORES,)),
)
