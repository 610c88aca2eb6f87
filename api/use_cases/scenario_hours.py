"""A session by the hour: what the live order plan would have said of a purchase and of a sale at each bar's end.

Nothing is sent: a probe is judged on the day plan of the close before, with the price and the day's move of that hour
and the account valued there. A feed that is only daily has no hours, and then there is nothing to judge.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import polars as pl

from api.use_cases.deciding import OrderRequest, order_snapshot
from api.use_cases.desk import Desk
from api.use_cases.scenario_runs import Step
from nodes.journal.account import AccountState
from nodes.kernels.fees import exact
from nodes.vocabulary.instants import instant_text

HOUR_S = 3600


class HourRow(msgspec.Struct, frozen=True):
    """One share at the end of one hour.

    Attributes:
        ended_at: when the hour ended.
        symbol: the share.
        price_usd: its last price then.
        move_frac: against the close before.
        buy: what is said of a purchase: act, hold or deny.
        buy_rules: the rules that were not content with it.
        sell: what is said of a sale; null where nothing is held.
        sell_rules: the rules that were not content with it.
    """

    ended_at: str
    symbol: str
    price_usd: float
    move_frac: float
    buy: str
    buy_rules: tuple[str, ...]
    sell: str | None
    sell_rules: tuple[str, ...]


def hour_rows(
    desk: Desk, steps: tuple[Step, ...], hours_on: date, bars: pl.DataFrame, probe_usd: Decimal
) -> tuple[HourRow, ...]:
    """A session by the hour, on the account and the day plan of the close before it.

    Args:
        desk: under the policy that judges.
        steps: the sessions of the run, among them the one before.
        hours_on: the session.
        bars: symbol, starts_at, open_usd, close_usd: of an hour each.
        probe_usd: what a probe is worth, about.
    """
    before = next((step for step in reversed(steps) if step.session_on < hours_on), None)
    at = next((step for step in steps if step.session_on == hours_on), None)
    if before is None or at is None or bars.is_empty():
        return ()
    return tuple(_rows(desk, before, at.before, bars.sort("starts_at", "symbol"), probe_usd))


def _rows(desk: Desk, plan: Step, state: AccountState, bars: pl.DataFrame, probe_usd: Decimal) -> Iterator[HourRow]:
    opens: dict[str, float] = {}
    prices: dict[str, Decimal] = {}
    state = replace(state, day_start_equity_usd=state.equity_usd, today_counts=())
    for starts_at, hour in bars.group_by("starts_at", maintain_order=True):
        for bar in hour.iter_rows(named=True):
            opens.setdefault(bar["symbol"], bar["open_usd"])
            prices[bar["symbol"]] = exact(bar["close_usd"])
        marked = _marked(state, prices)
        ended_at = starts_at[0] + timedelta(seconds=HOUR_S)
        for bar in hour.iter_rows(named=True):
            fields = plan.rows.get(bar["symbol"])
            if fields is not None and fields["close_price_usd"] is not None:
                yield _row(desk, plan, marked, _now(fields, bar, opens), probe_usd, ended_at)


def _marked(state: AccountState, prices: Mapping[str, Decimal]) -> AccountState:
    holdings = tuple(
        replace(holding, mark_price_usd=prices.get(holding.symbol, holding.mark_price_usd))
        for holding in state.holdings
    )
    return replace(state, holdings=holdings)


def _now(fields: Mapping[str, Any], bar: Mapping[str, Any], opens: Mapping[str, float]) -> dict[str, Any]:
    """The fields of an order on a share as they stand at the end of an hour."""
    before = float(fields["close_price_usd"])
    return {
        **fields,
        "close_price_usd": exact(bar["close_usd"]),
        "previous_close_price_usd": fields["close_price_usd"],
        "daily_return_frac": bar["close_usd"] / before - 1.0,
        "overnight_gap_frac": opens[bar["symbol"]] / before - 1.0,
    }


def _row(  # noqa: PLR0913, PLR0917  # what a probe is judged on
    desk: Desk, plan: Step, state: AccountState, fields: Mapping[str, Any], probe_usd: Decimal, ended_at: datetime
) -> HourRow:
    price_usd, symbol = fields["close_price_usd"], str(fields["symbol"])
    shares = max(int(probe_usd / price_usd), 1)
    held = min(shares, max(state.position_shares(symbol), 0))
    buy, buy_rules = _said(desk, plan, state, {**fields, "proposed_order_shares": shares}, ended_at)
    sell, sell_rules = (
        _said(desk, plan, state, {**fields, "proposed_order_shares": -held}, ended_at) if held else (None, ())
    )
    return HourRow(
        ended_at=instant_text(ended_at),
        symbol=symbol,
        price_usd=float(price_usd),
        move_frac=fields["daily_return_frac"],
        buy=str(buy),
        buy_rules=buy_rules,
        sell=sell,
        sell_rules=sell_rules,
    )


def _said(
    desk: Desk, plan: Step, state: AccountState, row: Mapping[str, Any], ended_at: datetime
) -> tuple[str, tuple[str, ...]]:
    request = OrderRequest(plan.session_on, ended_at, row, b"", b"")
    decision = desk.active.order.order(order_snapshot(desk, state, request), ended_at).decision
    return decision.action.value, tuple(rule.rule_id for rule in decision.failed)
