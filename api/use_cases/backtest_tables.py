"""The tables of a run, made of its entries: sessions, orders, positions, round trips. Every row names its entries.

The account is booked again from fills, corporate actions and charges, apart from the journal that the run kept, and its
equity is held to what each plan entry says: a table that cannot be traced to the log's own figures is refused.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from adapters.lake.lake import Lake
from api.use_cases.backtest_run import RunEntries
from api.use_cases.backtest_trips import Traded, trip_rows
from api.use_cases.fill_facts import fill_fee_usd
from dataflows.engine.packing import Layout
from dataflows.engine.trace import trace_and_values
from governance.entries import Entry, EntryKind, entry_id
from nodes.kernels.fees import exact
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.errors import DataError

_ZERO = Decimal(0)
_BPS = 1e4
COST_KINDS = (
    "spread_usd",
    "impact_usd",
    "latency_usd",
    "commission_usd",
    "sell_fee_usd",
    "venue_fee_usd",
    "borrow_usd",
)
"""What trading and holding cost, by kind; together they are `cost_usd`."""
_PREDICTED = (
    "close_price_usd",
    "expected_cost_usd",
    "expected_cost_bps",
    "half_spread_bps",
    "expected_impact_bps",
    "participation_frac",
)
_ORDERS = {
    "decision_id": pl.String(),
    "session_on": pl.Date(),
    "symbol": pl.String(),
    "verdict": pl.String(),
    "action": pl.String(),
    "reasons": pl.String(),
    "proposed_order_shares": pl.Int64(),
    "order_shares": pl.Int64(),
    "limit_price_usd": pl.Float64(),
    "close_price_usd": pl.Float64(),
    "filled_on": pl.Date(),
    "filled_shares": pl.Int64(),
    "expired_shares": pl.Int64(),
    "price_usd": pl.Float64(),
    "notional_usd": pl.Float64(),
    "spread_usd": pl.Float64(),
    "impact_usd": pl.Float64(),
    "latency_usd": pl.Float64(),
    "commission_usd": pl.Float64(),
    "sell_fee_usd": pl.Float64(),
    "venue_fee_usd": pl.Float64(),
    "delay_usd": pl.Float64(),
    "realised_cost_usd": pl.Float64(),
    "realised_cost_bps": pl.Float64(),
    "expected_cost_bps": pl.Float64(),
    "half_spread_bps": pl.Float64(),
    "expected_impact_bps": pl.Float64(),
    "participation_frac": pl.Float64(),
    "outcome": pl.String(),
    "fill_entry": pl.String(),
}
_SESSIONS = {
    "session_on": pl.Date(),
    "equity_usd": pl.Float64(),
    "cash_usd": pl.Float64(),
    "long_usd": pl.Float64(),
    "short_usd": pl.Float64(),
    "n_positions": pl.Int64(),
    "traded_usd": pl.Float64(),
    **{kind: pl.Float64() for kind in COST_KINDS},
    "delay_usd": pl.Float64(),
    "dividends_usd": pl.Float64(),
    "index_level": pl.Float64(),
    "plan_entry": pl.String(),
    "trace": pl.String(),
}
_POSITIONS = {
    "session_on": pl.Date(),
    "symbol": pl.String(),
    "position_shares": pl.Int64(),
    "close_usd": pl.Float64(),
    "value_usd": pl.Float64(),
    "weight_frac": pl.Float64(),
}


@dataclass(frozen=True)
class BacktestTables:
    """A run as tables.

    Attributes:
        sessions: one row a session: money, exposures, costs by kind, the plan entry and its trace.
        orders: one row a decision: what was predicted, what became of it, the entry of its fill.
        positions: one row a session and holding.
        trips: one row a round trip, oldest shares first, with the decisions that opened and closed it.
    """

    sessions: pl.DataFrame
    orders: pl.DataFrame
    positions: pl.DataFrame
    trips: pl.DataFrame

    @property
    def by_name(self) -> dict[str, pl.DataFrame]:
        """The tables by name."""
        return {name: getattr(self, name) for name in ("sessions", "orders", "positions", "trips")}


@dataclass
class _Book:
    """The account booked again, and the rows that come of it."""

    lake: Lake
    layout: Layout
    run: RunEntries
    cash_usd: Decimal
    shares: dict[str, int] = field(default_factory=dict)
    marks: dict[str, Decimal] = field(default_factory=dict)
    day: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    orders: dict[bytes, dict[str, Any]] = field(default_factory=dict)
    sessions: list[dict[str, Any]] = field(default_factory=list)
    positions: list[dict[str, Any]] = field(default_factory=list)
    traded: list[Traded] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """Book one entry."""
        writers = {
            EntryKind.CORPORATE_ACTION: self._action,
            EntryKind.CHARGE: self._charge,
            EntryKind.FILL: self._fill,
            EntryKind.EXPIRY: self._expiry,
            EntryKind.PLAN: self._plan,
            EntryKind.DECISION: self._decision,
        }
        writer = writers.get(entry.kind)
        if writer is not None:
            writer(entry)

    def _action(self, entry: Entry) -> None:
        facts = entry.facts
        symbol = facts["symbol"]
        self.cash_usd += facts["cash_change_usd"]
        self.shares[symbol] = facts["new_position_shares"]
        if "new_shares" in facts:
            if symbol in self.marks:
                self.marks[symbol] = self.marks[symbol] * facts["old_shares"] / facts["new_shares"]
            self.traded.append(
                Traded(symbol, facts["session_on"], 0, _ZERO, _ZERO, b"", facts["new_shares"], facts["old_shares"])
            )
        elif facts["position_shares"] and not facts["new_position_shares"]:
            price = facts["cash_change_usd"] / facts["position_shares"]
            self.traded.append(Traded(symbol, facts["session_on"], -facts["position_shares"], price, _ZERO, b""))
        elif "dividend_usd" in facts:
            self.day["dividends_usd"] += facts["cash_change_usd"]

    def _charge(self, entry: Entry) -> None:
        self.cash_usd -= entry.facts["fee_usd"]
        self.day["borrow_usd"] += entry.facts["fee_usd"]

    def _fill(self, entry: Entry) -> None:
        facts = entry.facts
        symbol, shares, price = facts["symbol"], facts["fill_shares"], facts["fill_price_usd"]
        fee = fill_fee_usd(facts)
        self.cash_usd -= shares * price + fee
        self.shares[symbol] = self.shares.get(symbol, 0) + shares
        self.marks.setdefault(symbol, price)
        row = self.orders[facts["decision_id"]]
        costs = fill_costs(facts, self._decided_usd(row, facts["session_on"]))
        row.update(_with_fill(row, facts, costs), fill_entry=entry_id(entry.data).hex())
        for kind in (*COST_KINDS, "delay_usd"):
            self.day[kind] += Decimal(repr(costs.get(kind, 0.0)))
        self.day["traded_usd"] += abs(shares) * price
        self._trade(Traded(symbol, facts["session_on"], shares, price, fee, facts["decision_id"]))

    def _trade(self, fill: Traded) -> None:
        """Take a fill in; those of one order in a session are one trade, at their average."""
        last = self.traded[-1] if self.traded else None
        if last is None or (last.decision_id, last.on) != (fill.decision_id, fill.on):
            self.traded.append(fill)
            return
        shares = last.shares + fill.shares
        price = (last.shares * last.price_usd + fill.shares * fill.price_usd) / shares
        self.traded[-1] = replace(last, shares=shares, price_usd=price, fee_usd=last.fee_usd + fill.fee_usd)

    def _decided_usd(self, row: Mapping[str, Any], filled_on: date) -> float:
        """The close at which an order was decided, in the shares that its fill counts."""
        ratio = 1.0
        for action in self.lake.actions_on(filled_on):
            if action.symbol == row["symbol"]:
                ratio *= action.new_shares / action.old_shares
        return float(row["close_price_usd"]) / ratio

    def _expiry(self, entry: Entry) -> None:
        row = self.orders[entry.facts["decision_id"]]
        row["expired_shares"] = entry.facts["expired_shares"]
        row["outcome"] = entry.facts["reason"]

    def _decision(self, entry: Entry) -> None:
        facts = entry.facts
        _, values = trace_and_values(self.run.body(facts["trace_ref"]), self.layout)
        names = [node.name for node in self.layout.nodes]
        said = dict(zip(names, values[0], strict=True))
        own = ("session_on", "symbol", "verdict", "action", "proposed_order_shares", "order_shares")
        self.orders[facts["decision_id"]] = {
            **{name: facts[name] for name in own},
            "decision_id": facts["decision_id"].hex(),
            "reasons": ", ".join(facts["reasons"]),
            "limit_price_usd": _float(facts["limit_price_usd"]),
            **{name: _float(said[name]) for name in _PREDICTED if name in _ORDERS},
        }

    def _plan(self, entry: Entry) -> None:
        facts = entry.facts
        on = facts["session_on"]
        for symbol, bar in self.lake.bars_on(on).items():
            self.marks[symbol] = exact(bar["close_usd"])
        values = {symbol: shares * self.marks[symbol] for symbol, shares in self.shares.items() if shares}
        equity = self.cash_usd + sum(values.values(), _ZERO)
        if abs(equity - facts["equity_usd"]) > Decimal("0.01"):
            message = f"session {on}: fills and actions come to {equity} USD, the plan entry says {facts['equity_usd']}"
            raise DataError(f"{message}; verify the log of the run")
        long_usd = sum((value for value in values.values() if value > 0), _ZERO)
        self.sessions.append(
            {
                "session_on": on,
                "equity_usd": float(facts["equity_usd"]),
                "cash_usd": float(self.cash_usd),
                "long_usd": float(long_usd),
                "short_usd": float(long_usd - sum(values.values(), _ZERO)),
                "n_positions": len(values),
                **{name: float(self.day[name]) for name in (*COST_KINDS, "traded_usd", "delay_usd", "dividends_usd")},
                "plan_entry": entry_id(entry.data).hex(),
                "trace": facts["trace_digest"].hex(),
            }
        )
        self.positions += [self._position(on, symbol, values[symbol], equity) for symbol in sorted(values)]
        self.day.clear()

    def _position(self, on: date, symbol: str, value: Decimal, equity: Decimal) -> dict[str, Any]:
        return {
            "session_on": on,
            "symbol": symbol,
            "position_shares": self.shares[symbol],
            "close_usd": float(self.marks[symbol]),
            "value_usd": float(value),
            "weight_frac": float(value / equity) if equity else None,
        }


def backtest_tables(run: RunEntries, lake: Lake, layout: Layout, opening_cash_usd: Decimal) -> BacktestTables:
    """The tables of a run.

    Args:
        run: its entries.
        lake: the market that it ran on.
        layout: of the order plan, to read predictions out of traces.
        opening_cash_usd: cash that the account began with.

    Raises:
        DataError: there is no session, or the entries do not come to the equity that they state.
    """
    book = _Book(lake, layout, run, opening_cash_usd)
    for entry in run.entries:
        book.add(entry)
    if not book.sessions:
        message = f"account {run.account_id!r} has no session in this run; run one first"
        raise DataError(message)
    index = lake.index_panel.select("session_on", index_level="close_usd")
    sessions = pl.DataFrame(
        book.sessions, schema={name: kind for name, kind in _SESSIONS.items() if name != "index_level"}
    )
    return BacktestTables(
        sessions=sessions.join(index, on="session_on", how="left", maintain_order="left").select(*_SESSIONS),
        orders=pl.DataFrame(list(book.orders.values()), schema=_ORDERS, orient="row"),
        positions=pl.DataFrame(book.positions, schema=_POSITIONS),
        trips=trip_rows(book.traded, lake),
    )


def fill_costs(facts: Mapping[str, Any], decided_usd: float) -> dict[str, float]:
    """What a fill cost by kind, from the facts of its entry; the delay is what the price did before it was reached.

    Source: Perold (1988), The Implementation Shortfall, J. Portfolio Management 14(3).
    """
    shares, price = facts["fill_shares"], facts["fill_price_usd"]
    trading, impact, latency = (facts[f"{kind}_cost_usd"] for kind in ("trading", "impact", "latency"))
    base_usd = float(price - trading / shares)
    return {
        "spread_usd": float(trading - impact - latency),
        "impact_usd": float(impact),
        "latency_usd": float(latency),
        "commission_usd": float(facts["commission_usd"]),
        "sell_fee_usd": float(facts["sell_fee_usd"]),
        "venue_fee_usd": float(facts["venue_fee_usd"]),
        "delay_usd": (base_usd - decided_usd) * shares,
    }


def _with_fill(row: Mapping[str, Any], facts: Mapping[str, Any], costs: Mapping[str, float]) -> dict[str, Any]:
    """What a row says of its fills with one more: the shares and money of all, at their average price."""
    summed = {kind: row.get(kind, 0.0) + cost for kind, cost in costs.items()}
    shares = row.get("filled_shares", 0) + facts["fill_shares"]
    notional = row.get("notional_usd", 0.0) + float(abs(facts["fill_shares"]) * facts["fill_price_usd"])
    realised = sum(summed[kind] for kind in COST_KINDS if kind in summed)
    return {
        **summed,
        "filled_on": facts["session_on"],
        "filled_shares": shares,
        "price_usd": notional / abs(shares),
        "notional_usd": notional,
        "realised_cost_usd": realised,
        "realised_cost_bps": realised / notional * _BPS,
        "outcome": facts["reason"],
    }


def _float(value: object) -> float | None:
    return None if value is None or isinstance(value, Absent) else float(value)  # type: ignore[arg-type]  # a number of a trace
