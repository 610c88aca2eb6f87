"""Evidence and reasons as tables: columns that nodes speak to the arrays of `nodes.kernels.reasons`, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from nodes.kernels.arrays import Array, array, column
from nodes.kernels.reasons import FORECAST, TONE, Evidence, ablated, cited, conviction, fitness

SYMBOL, SCORE, KNOWN = "symbol", "conviction_score", "known_frac"
REASON_COLUMNS = {"symbol": pl.String, "reason": pl.String, "claimed_score": pl.Float64, "observed_score": pl.Float64}
FORECAST_COLUMNS = {
    "symbol": pl.String,
    "horizon_sessions": pl.Int64,
    "return_frac": pl.Float64,
    "level_frac": pl.Float64,
    "low_frac": pl.Float64,
}
"""A forecast of a share: the middle of its return over a horizon, and the quantile of a low level."""


def forecasts_of(forecasts: pl.DataFrame, symbols: pl.Series, horizon: int) -> pl.Series:
    """The middle of each share's forecast over one horizon, in the order of the symbols; null where there is none."""
    return _of_symbols(forecasts.filter(pl.col("horizon_sessions") == horizon), "return_frac", symbols)


def bad_cases_of(forecasts: pl.DataFrame, symbols: pl.Series, horizon: int, level: float) -> pl.Series:
    """The low quantile of a level of each share's forecast over one horizon, likewise."""
    wanted = (pl.col("horizon_sessions") == horizon) & (pl.col("level_frac") == level)
    return _of_symbols(forecasts.filter(wanted), "low_frac", symbols)


def _of_symbols(rows: pl.DataFrame, name: str, symbols: pl.Series) -> pl.Series:
    found = dict(zip(rows[SYMBOL].to_list(), rows[name].to_list(), strict=True))
    return pl.Series("", [found.get(symbol) for symbol in symbols.to_list()], dtype=pl.Float64)


def evidence_of(
    features: pl.DataFrame,
    feature_weights: Mapping[str, float],
    bound: float,
    beside: tuple[pl.Series | None, pl.Series | None],
    weights: Mapping[str, float],
) -> Evidence:
    """The evidence about the shares of a table of features.

    Args:
        features: symbol, and a column for each feature.
        feature_weights: what the score gives each feature.
        bound: farthest that a value counts.
        beside: forecast and tone; None where there is no such evidence at all.
        weights: of the score, the forecast and the tone.
    """
    forecast, tone = (np.full(features.height, np.nan) if each is None else array(each) for each in beside)
    return Evidence(
        features={name: array(features[name]) for name in features.columns if name != SYMBOL},
        feature_weights=feature_weights,
        bound=bound,
        forecast=forecast,
        tone=tone,
        score_weight=weights["score"],
        forecast_weight=weights[FORECAST],
        tone_weight=weights[TONE],
    )


def weighed_table(symbols: Sequence[str], evidence: Evidence) -> pl.DataFrame:
    """What the evidence comes to: symbol, conviction_score, known_frac, and a column for each reason's part."""
    found = conviction(evidence)
    parts = {name: column(part) for name, part in found.parts.items()}
    return pl.DataFrame({SYMBOL: symbols, SCORE: column(found.score), KNOWN: column(found.known_frac), **parts})


def reason_table(weighed: pl.DataFrame, evidence: Evidence, sides: Array) -> pl.DataFrame:
    """Every reason of each share that has a side: what it claims, and by how much the conviction falls without it."""
    told = weighed[SCORE].is_not_null().to_numpy() & np.isfinite(sides) & (sides != 0.0)
    places = [int(place) for place in np.flatnonzero(told)]
    falls = ablated(evidence, places)
    rows = [
        (symbol, name, claimed, float(falls[name][at]))
        for at, symbol in enumerate(weighed[SYMBOL].gather(places).to_list())
        for name, claimed in ((name, weighed[name][places[at]]) for name in falls)
        if claimed is not None
    ]
    return pl.DataFrame(rows, schema=REASON_COLUMNS, orient="row")


def fitness_column(symbols: Sequence[str], reasons: pl.DataFrame, sides: Array, most: int) -> pl.Series:
    """How well the reasons of each share bear its side; null for a share without a side or without a score."""
    by_symbol = reasons_by_symbol(reasons)
    found = [
        None if symbol not in by_symbol else fitness(*_claims(by_symbol[symbol]), int(side), most)
        for symbol, side in zip(symbols, np.nan_to_num(sides).tolist(), strict=True)
    ]
    return pl.Series("", found, dtype=pl.Float64)


def reasons_by_symbol(reasons: pl.DataFrame) -> dict[str, list[dict[str, Any]]]:
    """The rows of a table of reasons by share."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in reasons.rows(named=True):
        found.setdefault(row[SYMBOL], []).append(row)
    return found


def cited_reasons(rows: Sequence[Mapping[str, Any]], side: int, most: int) -> tuple[str, ...]:
    """The reasons among a share's that are cited for its side, the strongest first."""
    return cited({row["reason"]: row["claimed_score"] for row in rows}, side, most)


def _claims(rows: Sequence[Mapping[str, Any]]) -> tuple[dict[str, float], dict[str, float]]:
    claimed = {row["reason"]: row["claimed_score"] for row in rows}
    return claimed, {row["reason"]: row["observed_score"] for row in rows}
