"""Forecasts of a share: quantiles over named horizons as of an instant, with how good such forecasts were until then.

What is served is measured beside a random walk and a seasonal naive forecast each time that it is asked, on the same
history and no later fact. Baselines that take seconds to fit are measured by `assay model forecast --baselines`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from adapters.lake.domains.bars import BARS_DAILY
from adapters.lake.domains.corporate_actions import CORPORATE_ACTIONS
from adapters.lake.domains.identity import IDENTITY
from adapters.lake.facts.domain import INSTANT
from adapters.lake.views.bars import adjusted
from adapters.models.forecast_evidence import Evidence, Origins, Told, evidence
from adapters.models.forecasters import HORIZONS, LEVELS, QUICK, SERVED, Forecaster
from api.use_cases.data_reading import Reading, Standpoint, Symbol, not_known
from api.use_cases.data_reading_market import security_id
from nodes.kernels.arrays import Array

TAG = "forecasts"
_MAX_SESSIONS = 2_000
"""How many sessions of history are read: some eight years."""
_ORIGINS = Origins()


@dataclass(frozen=True, eq=False)
class History:
    """A share as of an instant.

    Attributes:
        path: log of total return prices, one a session.
        last_on: the last session.
        close_usd: what was paid at its close.
        known_at: when that close was known.
    """

    path: Array
    last_on: date
    close_usd: float
    known_at: object


def history(at: Standpoint, symbol: str) -> History:
    """The total return prices of a share, as of the standpoint. Raises DataError when none is known."""
    bars = adjusted(at.store, security_id(at, symbol, None), at.as_of).drop_nulls("adjusted_close_usd")
    bars = bars.filter(pl.col("adjusted_close_usd") > 0).tail(_MAX_SESSIONS)
    if bars.is_empty():
        raise not_known(f"a close of {symbol!r}")
    last = bars.row(-1, named=True)
    path = np.log(bars["adjusted_close_usd"].to_numpy().astype(np.float64))
    return History(path, last["session_on"], last["close_usd"], last["known_at"])


def forecasts(at: Standpoint, symbol: Symbol) -> pl.DataFrame:
    """Quantiles of a share's total return and price over 1, 5 and 21 sessions, with the evidence beside them.

    A quantile of level 0.05 is what the return falls short of in one of twenty cases. The forecast is
    `volatility-scaled`: past returns in units of the volatility at their start, times that of today. Its pinball loss,
    its coverage and its skill over a random walk are measured by walking forward over the 100 origins before, each of
    which saw nothing later. An interval of the skill that contains 0 says that it may be no better. Prices are the last
    close times the return: before dividends.
    """
    known = history(at, symbol)
    found = SERVED.quantiles(known.path, list(HORIZONS.values()), LEVELS)
    measured = {(each.forecaster, each.horizon): each for each in evidence(known.path, QUICK, _ORIGINS)}
    rows = []
    for quantiles, (name, horizon) in zip(found.tolist(), HORIZONS.items(), strict=True):
        beside = _beside(measured, name)
        rows += [_row(known, (name, horizon), pair, beside) for pair in zip(LEVELS, quantiles, strict=True)]
    return pl.DataFrame(rows, schema=_COLUMNS)


def compared(path: Array, forecasters: Sequence[Forecaster], origins: Origins, told: Told | None) -> list[Evidence]:
    """The evidence on forecasters, by horizon and then by loss, least first."""
    found = evidence(path, forecasters, origins, told)
    order = list(HORIZONS)
    return sorted(found, key=lambda each: (order.index(each.horizon), each.pinball_bps))


def _row(
    known: History, horizon: tuple[str, int], pair: tuple[float, float], beside: dict[str, object]
) -> dict[str, object]:
    level, log_return = pair
    growth = float(np.exp(log_return))
    return {
        "horizon": horizon[0],
        "horizon_sessions": horizon[1],
        "level_frac": level,
        "return_frac": growth - 1.0,
        "price_usd": known.close_usd * growth,
        "session_on": known.last_on,
        "close_usd": known.close_usd,
        "known_at": known.known_at,
        **beside,
    }


def _beside(measured: dict[tuple[str, str], Evidence], horizon: str) -> dict[str, object]:
    """The evidence on the served forecast over a horizon."""
    own = measured[SERVED.name, horizon]
    return {
        "model": own.forecaster,
        "n_forecasts": own.n_forecasts,
        "pinball_bps": own.pinball_bps,
        "naive_pinball_bps": measured["naive", horizon].pinball_bps,
        "seasonal_naive_pinball_bps": measured["seasonal-naive", horizon].pinball_bps,
        "coverage_50_frac": own.coverage_50_frac,
        "coverage_90_frac": own.coverage_90_frac,
        "skill_frac": own.skill.frac,
        "skill_low_frac": own.skill.low,
        "skill_high_frac": own.skill.high,
    }


_COLUMNS: dict[str, pl.DataType] = {
    "horizon": pl.String(),
    "horizon_sessions": pl.Int64(),
    "level_frac": pl.Float64(),
    "return_frac": pl.Float64(),
    "price_usd": pl.Float64(),
    "session_on": pl.Date(),
    "close_usd": pl.Float64(),
    "known_at": INSTANT,
    "model": pl.String(),
    "n_forecasts": pl.Int64(),
    "pinball_bps": pl.Float64(),
    "naive_pinball_bps": pl.Float64(),
    "seasonal_naive_pinball_bps": pl.Float64(),
    "coverage_50_frac": pl.Float64(),
    "coverage_90_frac": pl.Float64(),
    "skill_frac": pl.Float64(),
    "skill_low_frac": pl.Float64(),
    "skill_high_frac": pl.Float64(),
}
READINGS: tuple[Reading, ...] = (
    Reading("forecasts", "/forecasts/{symbol}", TAG, forecasts, _COLUMNS, (BARS_DAILY, IDENTITY), (CORPORATE_ACTIONS,)),
)
