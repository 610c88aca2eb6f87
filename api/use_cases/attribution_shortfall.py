"""Implementation shortfall of the orders of a period: what carrying decisions out lost against a paper portfolio."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from heapq import merge
from operator import attrgetter
from typing import Any

import msgspec

from adapters.lake.lake import Lake
from api.use_cases.attribution_lines import Window
from governance.entries import EntryKind
from governance.ports import LogReader
from nodes.kernels.attribution.gains import IN_PRICE, Cost
from nodes.kernels.attribution.shortfall import (
    Execution,
    OrderPrices,
    Shortfall,
    execution_before_split,
    shortfall,
    total_shortfall,
)
from nodes.kernels.fees import exact

_ZERO = Decimal(0)
_BPS = 10_000.0
_WORST = 5


class OrderShortfallView(msgspec.Struct, frozen=True):
    """One order.

    Attributes:
        decision_id: the decision that it carried out.
        symbol: the share.
        decided_on: the session at whose close it was decided.
        order_shares: what was decided; negative to sell.
        total_usd: what it lost against paper; negative where reality was better.
        total_bps: that, of what was decided.
    """

    decision_id: str
    symbol: str
    decided_on: date
    order_shares: int
    total_usd: Decimal
    total_bps: float | None


class ShortfallView(msgspec.Struct, frozen=True):
    """What carrying out decisions lost against a paper portfolio that trades at the close of the decision for nothing.

    Attributes:
        n_orders: orders that were carried out, or expired, in these sessions.
        n_unpriced: of them, those for which a price is missing; they are in no sum.
        paper_usd: what was decided.
        delay_usd: from the close of the decision to the opening at which trading began, on what traded.
        realised_usd: from there to the prices paid.
        missed_usd: on what did not trade, to the close at which it was given up.
        fee_usd: fees.
        total_usd: all of it.
        total_bps: that, of what was decided; null where nothing was.
        spread_usd: of realised, what spread cost as fills tell it.
        impact_usd: of realised, what impact cost.
        latency_usd: of realised, what the way to the market cost.
        timing_usd: the rest of realised: when within the session was traded.
        worst: the orders that lost most.
    """

    n_orders: int
    n_unpriced: int
    paper_usd: Decimal
    delay_usd: Decimal
    realised_usd: Decimal
    missed_usd: Decimal
    fee_usd: Decimal
    total_usd: Decimal
    total_bps: float | None
    spread_usd: Decimal
    impact_usd: Decimal
    latency_usd: Decimal
    timing_usd: Decimal
    worst: tuple[OrderShortfallView, ...]


@dataclass(frozen=True)
class OrderShortfall:
    """One order and what it lost.

    Attributes:
        decision_id: the decision.
        symbol: the share.
        decided_on: the session at whose close it was decided.
        order_shares: what was decided.
        lost: what it lost; None where a price is missing.
    """

    decision_id: bytes
    symbol: str
    decided_on: date
    order_shares: int
    lost: Shortfall | None


@dataclass
class _Ended:
    """What became of an order: its executions that stand, by ExecID, and when it was last told of."""

    fills: dict[str, Mapping[str, Any]]
    last_on: date

    def put_right(self, facts: Mapping[str, Any]) -> None:
        """Let a correction stand for the execution that it is about, in the session in which that traded."""
        before = self.fills.pop(facts["exec_ref_id"], facts)
        if facts["fill_shares"]:
            self.fills[facts["exec_id"]] = {**facts, "session_on": before["session_on"]}


def shortfall_view(reader: LogReader, lake: Lake, window: Window) -> ShortfallView:
    """The shortfall of the orders that were done with in the sessions of a window."""
    orders = order_shortfalls(reader, lake, window)
    known = [(order, order.lost) for order in orders if order.lost is not None]
    total = total_shortfall([lost for _, lost in known])
    parts = _fill_costs(window, {order.decision_id for order, _ in known})
    worst = sorted(known, key=lambda pair: (-pair[1].total_usd, pair[0].decision_id))[:_WORST]
    return ShortfallView(
        n_orders=len(orders),
        n_unpriced=len(orders) - len(known),
        paper_usd=total.paper_usd,
        delay_usd=total.delay_usd,
        realised_usd=total.realised_usd,
        missed_usd=total.missed_usd,
        fee_usd=total.fee_usd,
        total_usd=total.total_usd,
        total_bps=_bps(total),
        spread_usd=parts[Cost.SPREAD],
        impact_usd=parts[Cost.IMPACT],
        latency_usd=parts[Cost.LATENCY],
        timing_usd=total.realised_usd - sum(parts.values(), _ZERO),
        worst=tuple(_order_view(order, lost) for order, lost in worst),
    )


def order_shortfalls(reader: LogReader, lake: Lake, window: Window) -> tuple[OrderShortfall, ...]:
    """Each order that was done with in the sessions of a window, in the order of the log."""
    sessions = window.book.sessions
    ended = _ended(reader, window.book.account_id, (sessions[window.first], sessions[window.last]))
    return tuple(
        _order(record.entry.facts, record.decision_id, ended[record.decision_id], (lake, window))
        for record in reader.of_kind(EntryKind.DECISION)
        if record.decision_id in ended
    )


def _ended(reader: LogReader, account_id: str, span: tuple[date, date]) -> dict[bytes, _Ended]:
    found: dict[bytes, _Ended] = {}
    kinds = (EntryKind.FILL, EntryKind.EXPIRY, EntryKind.CORRECTION)
    for record in merge(*map(reader.of_kind, kinds), key=attrgetter("sequence")):
        facts, decision, kind = record.entry.facts, record.decision_id, record.entry.kind
        is_other = kind is EntryKind.CORRECTION and "exec_ref_id" not in facts
        if decision is None or is_other or facts["account_id"] != account_id:
            continue
        ended = found.setdefault(decision, _Ended({}, facts["session_on"]))
        if kind is EntryKind.CORRECTION:
            ended.put_right(facts)
            continue
        ended.last_on = max(ended.last_on, facts["session_on"])
        if kind is EntryKind.FILL:
            ended.fills[facts.get("exec_id", record.entry_id.hex())] = facts
    return {decision: ended for decision, ended in found.items() if span[0] <= ended.last_on <= span[1]}


def _order(facts: Mapping[str, Any], decision_id: bytes, ended: _Ended, where: tuple[Lake, Window]) -> OrderShortfall:
    """One order in the shares of its decision: later splits are taken back."""
    lake, window = where
    symbol, decided_on, shares = facts["symbol"], facts["session_on"], facts["order_shares"]
    first_on = min((fill["session_on"] for fill in ended.fills.values()), default=ended.last_on)
    prices = [
        _price(lake, symbol, decided_on, "close_usd", Fraction(1)),
        _price(lake, symbol, first_on, "open_usd", window.split_ratio(symbol, decided_on, first_on)),
        _price(lake, symbol, ended.last_on, "close_usd", window.split_ratio(symbol, decided_on, ended.last_on)),
    ]
    known = [price for price in prices if price is not None]
    executions = [_execution(window, symbol, decided_on, fill) for fill in ended.fills.values()]
    lost = shortfall(shares, OrderPrices(*known), executions) if len(known) == len(prices) else None
    return OrderShortfall(decision_id, symbol, decided_on, shares, lost)


def _execution(window: Window, symbol: str, decided_on: date, fill: Mapping[str, Any]) -> Execution:
    ratio = window.split_ratio(symbol, decided_on, fill["session_on"])
    fee = sum((fill.get(name, _ZERO) for name in ("commission_usd", "sell_fee_usd", "venue_fee_usd")), _ZERO)
    return execution_before_split(fill["fill_shares"], fill["fill_price_usd"], fee, ratio)


def _price(lake: Lake, symbol: str, on: date, name: str, ratio: Fraction) -> Decimal | None:
    bar = lake.bars_on(on).get(symbol)
    return None if bar is None or bar[name] is None else exact(bar[name]) * ratio.numerator / ratio.denominator


def _fill_costs(window: Window, decisions: set[bytes]) -> dict[Cost, Decimal]:
    """Spread, impact and latency as the fills of some decisions tell them."""
    found: dict[Cost, Decimal] = dict.fromkeys(IN_PRICE, _ZERO)
    for row in window.book.rows:
        for trade in row.day.trades:
            if trade.decision_id in decisions:
                for kind in IN_PRICE:
                    found[kind] += trade.cost_usd(kind)
    return found


def _order_view(order: OrderShortfall, lost: Shortfall) -> OrderShortfallView:
    return OrderShortfallView(
        order.decision_id.hex(), order.symbol, order.decided_on, order.order_shares, lost.total_usd, _bps(lost)
    )


def _bps(lost: Shortfall) -> float | None:
    found = lost.frac(lost.total_usd)
    return None if found is None else found * _BPS
