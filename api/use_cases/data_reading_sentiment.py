"""What can be read of sentiment: texts, what models read out of them, and days summed up."""

from __future__ import annotations

from typing import Annotated, Literal

import polars as pl

from adapters.lake.domains.texts import TEXT_SCORES, TEXTS
from adapters.lake.views.sentiment import DAILY, daily_sentiment
from api.use_cases.data_reading import EndOn, Reading, Says, Standpoint, StartOn, Symbol, columns, within

TAG = "sentiment"
_PATH = "/sentiment/{symbol}"
_DAY = "day_on"
Channel = Annotated[Literal["news", "reddit", "x", "filing"] | None, Says("Only of this source.")]
DailyChannel = Annotated[
    Literal["news", "reddit", "x", "filing", "all"] | None, Says("Only of this source; `all` is all of them as one.")
]
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


def daily(  # noqa: PLR0913, PLR0917  # one argument a parameter
    at: Standpoint,
    symbol: Symbol,
    channel: DailyChannel = None,
    model: Model = None,
    start_on: StartOn = None,
    end_on: EndOn = None,
) -> pl.DataFrame:
    """What each session's texts about a symbol come to, by source and over all of them, and by model.

    Texts that repeat another count once. A session without a text has no row: silence is no neutral tone.
    """
    models = [model] if model is not None else _models(at, symbol)
    parts = [daily_sentiment(at.store, name, at.as_of, [symbol]).with_columns(model=pl.lit(name)) for name in models]
    days = pl.concat(parts) if parts else pl.DataFrame(schema=_DAILY)
    kept = days if channel is None else days.filter(pl.col("channel") == channel)
    return kept.filter(within("session_on", start_on, end_on)).sort("session_on", "channel", "model")


def _models(at: Standpoint, symbol: str) -> list[str]:
    known = at.store.as_of(TEXT_SCORES, at.as_of, where=pl.col("symbol") == symbol)
    return known.select(pl.col("model").unique().sort()).collect()["model"].to_list()


def _own(symbol: str, channel: str | None) -> pl.Expr:
    own = pl.col("symbol") == symbol
    return own if channel is None else own & (pl.col("channel") == channel)


def _dated(rows: pl.LazyFrame) -> pl.LazyFrame:
    return rows.with_columns(pl.col("event_at").dt.convert_time_zone("America/New_York").dt.date().alias(_DAY))


_DAILY = {**DAILY, "model": pl.String()}

READINGS: tuple[Reading, ...] = (
    Reading("texts", f"{_PATH}/texts", TAG, texts, columns(TEXTS), (TEXTS,)),
    Reading("sentiment-scores", f"{_PATH}/scores", TAG, scores, columns(TEXT_SCORES), (TEXT_SCORES,)),
    Reading("daily-sentiment", f"{_PATH}/daily", TAG, daily, _DAILY, (TEXT_SCORES, TEXTS)),
)
