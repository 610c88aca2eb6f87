"""What the signal service joins beside the day plan itself: forecasts, texts, events, halts. Each may be missing.

A source that is not there, or fails, is an absence with its reason: the plan is then told without it, and says so. No
source sees anything that was not known at the close that the plan was made at; only halts are of now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import partial

import numpy as np
import polars as pl

from adapters.lake.lake import Lake
from adapters.models.forecasters import SERVED, Forecaster
from api.use_cases.service import Service
from nodes.kernels.arrays import Array
from nodes.kernels.reason_tables import FORECAST_COLUMNS
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.errors import AssayError, DataError

HISTORY_SESSIONS = 504
"""How many sessions a forecast looks back on: two years."""


class State(Enum):
    """What became of a source."""

    USED = "used"
    MISSING = "missing"
    UNASKED = "not asked"


@dataclass(frozen=True, slots=True)
class Source:
    """One source of a plan.

    Attributes:
        name: inference, forecasts, sentiment, portfolio, risk, events or halts.
        state: what became of it.
        because: why it is missing, or was not asked; who answered where it was used.
    """

    name: str
    state: State
    because: str


@dataclass(frozen=True)
class Upstreams:
    """Where the sources are asked. Each answers, or says why not.

    Attributes:
        forecasts: of the return of each share over a horizon, with the quantile of a low level, as of an instant.
        texts: scores of the texts that were known at an instant.
        events: sessions to the next earnings of each share, as of an instant.
        halted: the shares that are halted now; None where nothing tells halts.
    """

    forecasts: Callable[[datetime, Sequence[str], int, float], pl.DataFrame | Absent]
    texts: Callable[[datetime], pl.DataFrame | Absent]
    events: Callable[[datetime, Sequence[str]], Mapping[str, int] | Absent]
    halted: Callable[[], frozenset[str]] | None = None


def upstreams(service: Service) -> Upstreams:
    """The sources of a service: what its lake knows, and its feed of halts."""
    lake = service.lake

    def forecasts(as_of: datetime, symbols: Sequence[str], horizon: int, low: float) -> pl.DataFrame:
        return forecast_table(lake, as_of, symbols, (horizon, low))

    return Upstreams(forecasts, lake.texts_known, partial(sessions_to_events, lake), service.halted)


def forecast_table(
    lake: Lake,
    as_of: datetime,
    symbols: Sequence[str],
    wanted: tuple[int, float],
    forecaster: Forecaster = SERVED,
) -> pl.DataFrame:
    """Forecasts of the total return of shares over a horizon: the middle, and the quantile of a low level.

    Raises DataError when no share has the history for one.
    """
    horizon, low = wanted
    panel = lake.session_window(as_of, HISTORY_SESSIONS).panel
    rows: list[tuple[str, int, float, float, float]] = []
    refused = ""
    for name, path in _paths(panel, frozenset(symbols)):
        try:
            ((middle, bad),) = np.expm1(forecaster.quantiles(path, [horizon], (0.5, low))).tolist()
        except DataError as error:
            refused = str(error)
            continue
        rows.append((name, horizon, middle, low, bad))
    if not rows:
        message = f"none of {len(symbols)} shares has a forecast: {refused or 'no bar of them is known'}"
        raise DataError(message)
    return pl.DataFrame(rows, schema=FORECAST_COLUMNS, orient="row")


def _paths(panel: pl.DataFrame, wanted: frozenset[str]) -> Iterator[tuple[str, Array]]:
    """Log of the total return prices of shares, one a session since their last gap, from their bars with ratios."""
    closes, ratios = (panel[name].to_numpy().astype(np.float64) for name in ("close_usd", "adjustment_ratio"))
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.log(closes[1:] * ratios[1:] / closes[:-1])
    stretches = panel["symbol"].rle().struct.unnest()
    start = 0
    for length, name in stretches.rows():
        if name in wanted:
            own = steps[start : start + length - 1]
            gaps = np.flatnonzero(~np.isfinite(own))
            kept = own[gaps[-1] + 1 :] if len(gaps) else own
            yield name, np.concatenate([[0.0], np.cumsum(kept)])
        start += length


def sessions_to_events(lake: Lake, as_of: datetime, symbols: Sequence[str]) -> Mapping[str, int] | Absent:
    """Sessions to the next results of each share, at most 250; absent where the lake has no calendar of them."""
    events = lake.events
    if events is None:
        return Absent("earnings_calendar", "no calendar of earnings is known; name a lake of facts with ASSAY_LAKE")
    return {symbol: events.sessions_to(symbol, as_of, lake.calendar) for symbol in symbols}


def answered(name: str, asked: Callable[[], pl.DataFrame | Mapping[str, int] | Absent]) -> tuple[Source, object]:
    """What a source says, and what became of it: whatever it raises of ours is its absence, with the reason."""
    try:
        found = asked()
    except AssayError as error:
        found = Absent(name, str(error))
    if isinstance(found, Absent):
        return Source(name, State.MISSING, found.reason), found
    return Source(name, State.USED, ""), found
