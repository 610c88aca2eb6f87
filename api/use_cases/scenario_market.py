"""The lake of a scenario: what the market does in it, and what of that the engine is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import polars as pl

from adapters.lake.actions import ActionKind, CorporateAction
from adapters.lake.lake import Lake
from dataflows.scenarios.market import Market, changed_market, level_fracs
from policies.scenario import Bootstrap, IndexPath, Outage, Scenario

_MILLIONTH = Decimal("0.000001")


@dataclass(frozen=True)
class ScenarioLake(Lake):
    """A lake whose feed may be silent while its market trades on.

    Attributes:
        market: the lake whose bars fill orders and value holdings; None where nothing is silent.
    """

    market: Lake | None = None

    def bars_on(self, session_on: date) -> Mapping[str, Mapping[str, Any]]:
        """The bars of the market in one session by symbol, whether the engine heard of them or not."""
        return super().bars_on(session_on) if self.market is None else self.market.bars_on(session_on)


def scenario_lake(lake: Lake, scenario: Scenario, path: int = 0) -> ScenarioLake:
    """The lake of one way that a scenario goes. Raises DataError when the lake does not cover it."""
    before = Market(lake.panel, lake.index_panel)
    after = changed_market(before, scenario, path)
    parts = {name: getattr(lake, name) for name in Lake.__dataclass_fields__}
    actions = tuple(_actions(lake, scenario, level_fracs(lake.panel, after.panel)))
    changed = ScenarioLake(**{**parts, "panel": after.panel, "index_panel": after.index_panel, "actions": actions})
    silent = [change for change in scenario.changes if isinstance(change, Outage)]
    if not silent:
        return changed
    heard = changed.panel
    for change in silent:
        gone = pl.col("session_on").is_between(change.first_on, change.last_on)
        if change.symbols:
            gone &= pl.col("symbol").is_in(change.symbols)
        heard = heard.filter(~gone)
    return replace(changed, panel=heard, market=changed)


def _actions(lake: Lake, scenario: Scenario, levels: Mapping[tuple[str, date], float]) -> list[CorporateAction]:
    """The corporate actions of the changed market: none on made-up sessions, dividends in step with the price."""
    made_up = any(isinstance(change, Bootstrap) for change in scenario.changes)
    paths = [change.first_on for change in scenario.changes if isinstance(change, IndexPath)]
    since = scenario.first_on if made_up else min(paths, default=None)
    kept = [action for action in lake.actions if since is None or action.ex_on < since]
    return [_in_step(action, levels.get((action.symbol, action.ex_on), 1.0)) for action in kept]


def _in_step(action: CorporateAction, level: float) -> CorporateAction:
    if action.kind is ActionKind.SPLIT or level == 1.0:
        return action
    paid_usd = (action.dividend_usd * Decimal(repr(level))).quantize(_MILLIONTH, ROUND_HALF_EVEN)
    return replace(action, dividend_usd=paid_usd)
