"""The shipped strategy over the bundled data, with every node of its catalog in the plan.

Run as a program it calls every node many times over inputs laid out in memory in different ways, and prints the digests
that it saw: `test_determinism` runs it under different numbers of threads.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits

from adapters.lake.lake import Lake, Window, bundled_lake
from dataflows.engine.catalog import catalog, installed_modules
from dataflows.engine.compile import Generation, compiled_strategy
from dataflows.engine.dataflow import Dataflow
from dataflows.engine.evaluation import called, evaluated
from dataflows.engine.graph import SIGNAL_FEATURES, SIGNAL_WEIGHTS
from dataflows.engine.plan import ORDER_SIZE, Plan, PlanNode
from dataflows.us_equities import US_EQUITIES, OrderSnapshot, SessionSnapshot, history_sessions, order_rows
from nodes.kernels.onnx.scoring import model_frame
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.units import Panel, Usd
from policies.parse import parsed_policy
from policies.venues import shipped_venues

POLICY = Path(__file__).resolve().parents[3] / "policies" / "us-equities" / "v1.yaml"
AS_OF_ON = date(2008, 10, 15)
REPEATS = 50
_KEPT_SYMBOL = "AAPL"
_ACCOUNT: Mapping[str, Any] = {
    "proposed_order_shares": -700,
    "position_shares": 1200,
    "pending_buy_shares": 100,
    "pending_sell_shares": 50,
    "cash_usd": Decimal("250000.10"),
    "equity_usd": Decimal("1000000.00"),
    "gross_exposure_usd": Decimal("750000.00"),
    "peak_equity_usd": Decimal("1100000.00"),
    "day_start_equity_usd": Decimal("1000500.00"),
    "orders_today_count": 3,
    "same_orders_today_count": 0,
    "repeated_orders_count": 2,
    "automation_is_disabled": False,
    "kill_switch_is_engaged": False,
    "venue_terms": shipped_venues().text(date(2026, 11, 2)),
    "venue_quotes": "",
    "available_borrow_shares": 5000,
    "borrow_fee_frac": 0.003,
    "borrow_list_age_s": 3600,
}


@cache
def generation() -> Generation:
    """The shipped policy's plans, with every node of the catalog as an output: none is left out for being unread."""
    parsed = parsed_policy(POLICY.read_bytes(), POLICY.name)
    given = {*parsed.policy.params, *(name for rule in parsed.policy.rules for name in rule.limits)}
    session, order = (_all_outputs(dataflow, given) for dataflow in (US_EQUITIES.session, US_EQUITIES.order))
    return compiled_strategy(parsed, replace(US_EQUITIES, session=session, order=order))


def _all_outputs(dataflow: Dataflow, given: set[str]) -> Dataflow:
    """The dataflow with every node as an output that its snapshot and the policy can feed."""
    nodes = catalog(installed_modules(dataflow.stages))
    fed = {*given, *dataflow.snapshot.__annotations__, SIGNAL_FEATURES, SIGNAL_WEIGHTS, ORDER_SIZE}
    while more := {name for name, node in nodes.items() if name not in fed and fed.issuperset(node.arguments)}:
        fed |= more
    without = {"closed_at", "split_ratio"}  # columns that a panel of prices alone does not carry
    return replace(dataflow, outputs=tuple(name for name in nodes if name in fed - without))


@cache
def lake() -> Lake:
    """The bundled data."""
    return bundled_lake()


def window(session_on: date, source: Lake | None = None, n_sessions: int | None = None) -> Window:
    """What a session run may see at the close of a session."""
    params = generation().policy.params
    known = source or lake()
    return known.session_window(_close(session_on), n_sessions or history_sessions(params))


def _close(session_on: date) -> datetime:
    return lake().calendar.close(session_on)


def session_snapshot(seen: Window) -> SessionSnapshot:
    """A session's inputs with a holding in them."""
    positions = pl.DataFrame({"symbol": [_KEPT_SYMBOL], "position_shares": [1200]})
    equity_usd = Usd(Decimal("1000000.00"))
    model = Panel(model_frame(b"exported"))
    panel, index_panel = Panel(seen.panel), Panel(seen.index_panel)
    return SessionSnapshot(panel, index_panel, Panel(positions), equity_usd, seen.session_on, model=model)


def order_snapshot(values: Mapping[str, Any]) -> OrderSnapshot:
    """The order of the holding's symbol, in the state of an account with something to say to every rule."""
    row = next(row for name, row in order_rows(values).items() if name == _KEPT_SYMBOL)
    return OrderSnapshot(**{**row, **_ACCOUNT})


def session_values(session_on: date = AS_OF_ON) -> dict[str, Any]:
    """Every node of the session plan at a session."""
    return evaluated(generation().session, session_snapshot(window(session_on)))


def order_values(session: Mapping[str, Any]) -> dict[str, Any]:
    """Every node of the order plan."""
    snapshot = order_snapshot(session)
    return evaluated(generation().order, snapshot, snapshot.proposed_order_shares)


def computing(plan: Plan) -> tuple[PlanNode, ...]:
    """The nodes that compute something."""
    return tuple(node for node in plan.nodes if node.function is not None)


def _split(series: pl.Series) -> pl.Series:
    """The same rows in seven chunks of unequal sizes."""
    cuts = sorted({len(series) * part // 13 for part in (0, 1, 2, 5, 6, 9, 12, 13)})
    parts = [series[start:end] for start, end in pairwise(cuts)]
    return pl.concat(parts, rechunk=False) if parts else series


def _inside(series: pl.Series) -> pl.Series:
    """The same rows as a slice of a longer column, so that no buffer starts at its beginning."""
    return pl.concat([series[:3], series, series[:1]]).slice(min(3, len(series)), len(series))


LAYOUTS: Mapping[str, Callable[[pl.Series], pl.Series]] = {
    "as it is": lambda series: series,
    "in one chunk": lambda series: series.rechunk(),
    "split": _split,
    "inside a longer one": _inside,
}


def _laid_out(value: Any, layout: str) -> Any:
    change = LAYOUTS[layout]
    if isinstance(value, pl.Series):
        return change(value)
    if isinstance(value, pl.DataFrame):
        return pl.DataFrame({series.name: change(series) for series in value.iter_columns()})
    if isinstance(value, dict):
        return {name: _laid_out(item, layout) for name, item in value.items()}
    if isinstance(value, np.ndarray) and layout == "split":
        return np.asfortranarray(value)
    return value.copy() if isinstance(value, np.ndarray) else value


def _digests(plan: Plan, values: Mapping[str, Any]) -> dict[str, list[str]]:
    layouts = list(LAYOUTS)
    found: dict[str, list[str]] = {}
    for node in computing(plan):
        seen = {_called(node, values, layouts[turn % len(layouts)]) for turn in range(REPEATS)}
        found[node.name] = sorted(seen | {_digest(values[node.name])})
    return found


def _called(node: PlanNode, values: Mapping[str, Any], layout: str) -> str:
    return _digest(called(node, [_laid_out(values[name], layout) for name in node.arguments]))


def _digest(value: Any) -> str:
    return hashlib.sha256(encode(value)).hexdigest()


def _main() -> None:
    with threadpool_limits(1, "blas"):
        session = session_values()
        order = order_values(session)
        found = {
            "session": _digests(generation().session, session),
            "order": _digests(generation().order, order),
        }
    json.dump({"threads": pl.thread_pool_size(), "digests": found}, sys.stdout)


if __name__ == "__main__":
    _main()
