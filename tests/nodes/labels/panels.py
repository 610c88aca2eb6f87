"""Small panels whose labels can be told by hand, and one call of a label node by its name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import polars as pl

from dataflows.engine.evaluation import evaluated
from dataflows.engine.plan import Plan
from dataflows.labels import PARAMETERS, LabelSnapshot, compiled_labels
from nodes.vocabulary.units import Panel
from policies.parse import parsed_policy
from tests.nodes import bars

FIRST_ON = bars.FIRST_ON
SETTINGS = {
    "volatility_sessions": 4,
    "spike_sessions": 4,
    "regime_sessions": 8,
    "cusum_score": 1.0,
    "label_horizon_sessions": 3,
    "trade_delay_sessions": 0,
}


def plan(**params: float) -> Plan:
    """The plan of all labels with small windows, and with other parameters where they are given."""
    return _plan(tuple(sorted({**SETTINGS, **params}.items())))


@cache
def _plan(settings: tuple[tuple[str, float], ...]) -> Plan:
    text = PARAMETERS.read_text(encoding="utf-8")
    known = parsed_policy(text.encode(), "labels.yaml").policy.params
    for name, value in settings:
        text = text.replace(f"{name}: {known[name]}", f"{name}: {value}")
    return compiled_labels(parsed_policy(text.encode(), "labels.yaml"))


def calendar(count: int) -> Panel:
    """The first weekdays as sessions."""
    return Panel(pl.DataFrame({"session_on": bars.weekdays(count)}))


def closes(**by_symbol: list[float | None]) -> pl.DataFrame:
    """A panel of which only closes are known, one a weekday; None where a share did not trade."""
    days = bars.weekdays(max(len(prices) for prices in by_symbol.values()))
    rows = [
        (symbol, day, price, price, price, price, 1000, 1.0)
        for symbol, prices in sorted(by_symbol.items())
        for day, price in zip(days, prices, strict=False)
        if price is not None
    ]
    names = (
        "symbol",
        "session_on",
        "open_usd",
        "high_usd",
        "low_usd",
        "close_usd",
        "volume_shares",
        "adjustment_ratio",
    )
    return pl.DataFrame(rows, schema=names, orient="row")


def snapshot(panel: pl.DataFrame, primary: pl.DataFrame | None = None) -> LabelSnapshot:
    """The snapshot of a panel, its calendar without holes."""
    last_on = panel["session_on"].max()
    assert isinstance(last_on, date)
    days = [day for day in bars.weekdays(2000) if day <= last_on]
    sides = None if primary is None else Panel(primary)
    return LabelSnapshot(Panel(panel), Panel(pl.DataFrame({"session_on": days})), last_on, sides)


def labels(panel: pl.DataFrame, primary: pl.DataFrame | None = None, /, **params: float) -> Mapping[str, Any]:
    """Every label of a panel, by name."""
    return evaluated(plan(**params), snapshot(panel, primary))
