"""A day plan of four shares as the nodes of picks read it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import polars as pl

from nodes.kernels.reason_tables import FORECAST_COLUMNS
from nodes.vocabulary.units import Panel, Weights

SYMBOLS = ["AAA", "BBB", "CCC", "DDD"]
CLOSE = datetime(2026, 3, 2, 21, tzinfo=UTC)
WEIGHTS = Weights({"momentum_frac": 0.5, "volatility_frac": -0.3, "drawdown_frac": -0.2})
EVIDENCE_WEIGHTS = Weights({"score": 0.7, "forecast_return_frac": 0.2, "tone_score": 0.1})


def plan_rows(**changes: Any) -> Panel:
    """AAA is to be owned, BBB to be left, CCC is let be, DDD has no target."""
    columns = {
        "symbol": SYMBOLS,
        "target_weight_frac": [0.5, 0.0, 0.0, None],
        "target_shares": [100, 0, 0, None],
        "position_shares": [40, 30, 0, 0],
        "volatility_frac": [0.02, 0.01, 0.03, 0.015],
        **changes,
    }
    closed_at = pl.lit(CLOSE).cast(pl.Datetime("ns", "UTC"))
    return Panel(pl.DataFrame(columns).with_columns(closed_at=closed_at))


def plan_features(**changes: Any) -> Panel:
    columns = {
        "symbol": SYMBOLS,
        "momentum_frac": [0.3, -0.1, 0.05, None],
        "volatility_frac": [0.02, 0.01, 0.03, 0.015],
        "drawdown_frac": [0.1, 0.3, 0.0, 0.05],
        **changes,
    }
    return Panel(pl.DataFrame(columns))


def forecasts(*rows: tuple[str, int, float, float, float]) -> Panel:
    found = rows or (("AAA", 21, 0.02, 0.05, -0.08), ("BBB", 21, -0.01, 0.05, -0.1), ("CCC", 21, 0.0, 0.05, -0.09))
    return Panel(pl.DataFrame(list(found), schema=FORECAST_COLUMNS, orient="row"))


def text_scores(*rows: tuple[str, str, float]) -> Panel:
    """Texts of the day before the close: id, share and score of each."""
    found = rows or (("t1", "AAA", 0.6), ("t2", "AAA", 0.2), ("t3", "BBB", -0.5))
    at = datetime(2026, 3, 2, 15, tzinfo=UTC)
    table = [
        {
            "text_id": text,
            "symbol": symbol,
            "channel": "news",
            "score": score,
            "event_at": at,
            "known_at": at,
            "sequence": n,
        }
        for n, (text, symbol, score) in enumerate(found)
    ]
    instants = pl.Datetime("ns", "UTC")
    return Panel(pl.DataFrame(table).with_columns(pl.col("event_at", "known_at").cast(instants)))
