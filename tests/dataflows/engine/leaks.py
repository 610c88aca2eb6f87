"""The leak audit: change what lies after an instant, and name every node whose past moves with it.

Two questions, each asked of every node of a session plan:
- over the whole history at once, do the rows up to a session change when later rows are rewritten or cut off?
- at a session, does anything change when the window reaches farther back than the policy needs?
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from dataflows.engine.evaluation import evaluated
from dataflows.engine.plan import Plan
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import encode

Change = Callable[[pl.DataFrame, date], pl.DataFrame]
_PRICES = ("open_usd", "high_usd", "low_usd", "close_usd")


def cut_off(frame: pl.DataFrame, session_on: date) -> pl.DataFrame:
    """The frame without its future."""
    return frame.filter(pl.col("session_on") <= session_on)


def rewritten(frame: pl.DataFrame, session_on: date, seed: int = 5) -> pl.DataFrame:
    """The frame with another future: prices, volumes and ratios drawn at random, some of them missing."""
    draws = np.random.default_rng(seed)
    changed = [_drawn(frame[name], draws).alias(name) for name in frame.columns if name not in ("symbol", "session_on")]
    is_past = frame["session_on"] <= session_on
    return frame.with_columns([pl.Series(name.name, frame[name.name].zip_with(is_past, name)) for name in changed])


def _drawn(column: pl.Series, draws: np.random.Generator) -> pl.Series:
    values = np.exp(draws.normal(0.0, 2.0, len(column))) * (50.0 if column.name in _PRICES else 1.0)
    drawn = pl.Series(values * (1e6 if column.dtype == pl.Int64 else 1.0)).cast(column.dtype)
    return drawn.set(pl.Series(draws.random(len(column)) < 0.05), None)


def leaking(plan: Plan, snapshot: Any, session_on: date, change: Change) -> set[str]:
    """Names of the nodes whose values up to a session change with what comes after it."""
    frames = {name: getattr(snapshot, name) for name in ("panel", "index_panel") if hasattr(snapshot, name)}
    other = replace(snapshot, **{name: change(frame, session_on) for name, frame in frames.items()})
    before = _past(plan, evaluated(plan, snapshot), snapshot.panel, session_on)
    after = _past(plan, evaluated(plan, other), other.panel, session_on)
    return {name for name, data in before.items() if data != after.get(name)}


def audited(plan: Plan) -> set[str]:
    """Names of the nodes that have a row for every row of the panel, which is where a leak can be seen."""
    return {node.name for node in plan.nodes if node.unit.name.endswith("Column") or node.unit.name == "Features"}


def _past(plan: Plan, values: Mapping[str, Any], panel: pl.DataFrame, session_on: date) -> dict[str, bytes]:
    is_past = panel["session_on"] <= session_on
    return {name: encode(_rows(values[name], is_past)) for name in audited(plan)}


def _rows(value: Any, is_past: pl.Series) -> Any:
    if isinstance(value, dict):
        return {name: _rows(column, is_past) for name, column in value.items()}
    return value if isinstance(value, Absent) else value.filter(is_past)


def moving(plan: Plan, one: Any, other: Any) -> set[str]:
    """Names of the nodes with one row a symbol, or one value in all, that differ between two snapshots of a session."""
    values, others = evaluated(plan, one), evaluated(plan, other)
    names = {node.name for node in plan.nodes if node.function is not None} - audited(plan) - {"segments"}
    return {name for name in names if encode(values[name]) != encode(others[name])}
