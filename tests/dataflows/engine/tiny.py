"""A strategy small enough to reason about by hand, and ways to compile it with other modules and policies."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from types import ModuleType

import polars as pl

from dataflows.engine.catalog import NodeModule
from dataflows.engine.compile import Generation, compiled_strategy
from dataflows.engine.dataflow import Dataflow, Kind, Strategy
from nodes.vocabulary.units import Bps, Panel, Shares, UsdPerShare
from policies.parse import parsed_policy
from tests.dataflows.engine.modules import orders, sessions

POLICY = """
policy: tiny
version: 1
strategy: tiny
supersedes: null
owner: risk
effective_from: 2020-01-01T00:00:00Z
why: A policy to test the engine with.
params: {lot_shares: 10, lag_sessions: 1}
signal: {return_frac: 1.0}
rules:
  - id: notional
    require: order_notional_usd <= max_notional_usd
    limits: {max_notional_usd: 100000}
    then: deny
    because: "Order is {order_notional_usd:,.0f} USD; the limit is {max_notional_usd:,.0f}"
    plain: "This order is too big."
    source: desk manual 1
  - id: liquidity
    require: participation_frac <= max_participation_frac
    applies_to: increasing
    limits: {max_participation_frac: 0.05}
    then: {clip: participation_cap_shares}
    because: "Order is {participation_frac:.1%} of a day"
    plain: "Too much for one day."
    source: desk manual 2
  - id: large-spread
    require: spread_bps <= max_spread_bps
    limits: {max_spread_bps: 50.0}
    then: warn
    on_unknown: warn
    because: "Spread is {spread_bps:.1f} bps"
    plain: "Trading this costs a lot."
    source: desk manual 3
"""


@dataclass(frozen=True)
class OrderSnapshot:
    """Inputs of one order."""

    proposed_order_shares: Shares
    close_price_usd: UsdPerShare
    adv_shares: Shares
    position_shares: Shares
    spread_bps: Bps | None


@dataclass(frozen=True)
class SessionSnapshot:
    """Inputs of one session."""

    panel: Panel


def strategy(order_outputs: tuple[str, ...] = ("spread_word",)) -> Strategy:
    """The strategy, with other outputs of its order dataflow where a test needs them."""
    return Strategy(
        name="tiny",
        session=Dataflow("tiny-session", Kind.SESSION, ("features",), SessionSnapshot, ("score",)),
        order=Dataflow("tiny-order", Kind.ORDER, ("guardrails",), OrderSnapshot, order_outputs),
    )


def generation(
    policy: str = POLICY,
    modules: tuple[ModuleType, ...] = (orders,),
    outputs: tuple[str, ...] = ("spread_word",),
) -> Generation:
    """The compiled strategy."""
    found = (NodeModule("features", sessions), *(NodeModule("guardrails", module) for module in modules))
    return compiled_strategy(parsed_policy(policy.encode(), "tiny.yaml"), strategy(outputs), found)


def order(
    proposed: object = 100,
    close: object = Decimal("50.00"),
    adv: object = 100_000,
    position: object = 0,
    spread: object = 5.0,
) -> OrderSnapshot:
    """A snapshot in which every rule holds, with other values where a test needs them, of any type."""
    return OrderSnapshot(proposed, close, adv, position, spread)  # type: ignore[arg-type]  # wrong types are tested too


def panel() -> pl.DataFrame:
    """Two symbols, three sessions."""
    days = pl.date_range(pl.date(2020, 1, 30), pl.date(2020, 2, 1), eager=True)
    return pl.DataFrame(
        {
            "symbol": ["A"] * 3 + ["B"] * 3,
            "session_on": pl.concat([days, days]),
            "close_usd": [10.0, 11.0, 12.1, 20.0, None, 22.0],
        }
    )
