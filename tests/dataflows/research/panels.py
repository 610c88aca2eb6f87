"""Made-up bars of two shares, as research reads them, and the plan of the small study's features over them."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

import numpy as np
import polars as pl

from adapters.lake.calendar import xnys_calendar
from dataflows.engine.plan import Plan
from dataflows.features import FeatureSnapshot
from dataflows.research.sampling import study_plan
from nodes.vocabulary.units import Panel
from tests.dataflows.research.small import small_design

N_SESSIONS = 320
SYMBOLS = ("AA", "BB")


@lru_cache(maxsize=1)
def small_plan() -> Plan:
    return study_plan(small_design())


@lru_cache(maxsize=1)
def _sessions() -> tuple[tuple[date, ...], tuple[datetime, ...]]:
    calendar = xnys_calendar(date(2017, 1, 3), date(2018, 12, 28))
    days = tuple(calendar.between(date(2017, 1, 3), date(2018, 12, 28)))[:N_SESSIONS]
    return days, tuple(calendar.close(day) for day in days)


def small_snapshot(closes: dict[str, list[float]], n_sessions: int = N_SESSIONS) -> FeatureSnapshot:
    days, instants = _sessions()
    frames = []
    for symbol in SYMBOLS:
        close = pl.Series(closes[symbol][:n_sessions], dtype=pl.Float64)
        frames.append(
            pl.DataFrame(
                {
                    "symbol": [symbol] * n_sessions,
                    "session_on": days[:n_sessions],
                    "open_usd": close,
                    "high_usd": close * 1.001,
                    "low_usd": close * 0.999,
                    "close_usd": close,
                    "volume_shares": pl.Series([1_000_000] * n_sessions, dtype=pl.Int64),
                    "adjustment_ratio": [1.0] * n_sessions,
                    "split_ratio": [1.0] * n_sessions,
                    "closed_at": pl.Series(instants[:n_sessions]).cast(pl.Datetime("ns", "UTC")),
                }
            )
        )
    index = pl.DataFrame({"session_on": days[:n_sessions], "close_usd": [100.0] * n_sessions})
    return FeatureSnapshot(Panel(pl.concat(frames)), Panel(index), days[n_sessions - 1])


def small_closes(seed: int = 1) -> dict[str, list[float]]:
    draws = np.random.default_rng(seed)
    return {
        symbol: (100.0 * np.exp(np.cumsum(draws.standard_normal(N_SESSIONS) * 0.01))).tolist() for symbol in SYMBOLS
    }
