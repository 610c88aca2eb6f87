"""A simulation as text and tables."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from api.use_cases.simulations import LatencyCost, SimulationView

SHOWN = 12
"""Most rows of a table of orders or fills; --json gives more."""


def print_simulation(console: Console, found: SimulationView) -> None:
    """The whole of it, orders and fills cut where they are many."""
    console.print(f"{found.n_events:,} events over {found.span_s:,.1f} s; seed {found.seed}")
    for fault, count in found.counts.items():
        console.print(f"  {count:,} {fault}", style="quiet")
    console.print(_orders(found))
    if found.fills:
        console.print(_fills(found))
    fee = f"{'rebates' if found.fee_usd < 0 else 'fees'} ${abs(found.fee_usd):,.4f}"
    console.print(
        f"{found.filled_shares:,} shares in {found.n_fills:,} fills, {fee}, position {found.position_shares:,}"
    )
    if any(each.n_fills for each in found.markouts):
        console.print(_markouts(found))


def print_latencies(console: Console, found: Sequence[LatencyCost]) -> None:
    """One row a latency."""
    table = Table("latency ms", "filled", "cost bps", title="the same order, slower and slower")
    for each in found:
        table.add_row(f"{each.latency_ms:g}", f"{each.filled_frac:.0%}", _figure(each.cost_bps, ".3f"))
    console.print(table)


def _orders(found: SimulationView) -> Table:
    table = Table("order", "status", "filled", "ahead", "latency ms", "average", "cost bps", title="orders")
    for order in found.orders[:SHOWN]:
        table.add_row(
            order.cl_ord_id,
            f"{order.status}: {order.text}" if order.text else order.status,
            f"{order.filled_shares:,}/{order.asked_shares:,}",
            _figure(order.ahead_shares, ",d"),
            _figure(order.latency_ms, ".1f"),
            _figure(order.average_price_usd, ",.4f"),
            _figure(order.cost_bps, ".3f"),
        )
    _more(table, found.n_orders)
    return table


def _fills(found: SimulationView) -> Table:
    table = Table("after s", "order", "side", "shares", "price", "fee", "how", title="fills")
    for fill in found.fills[:SHOWN]:
        table.add_row(
            f"{fill.after_s:.6f}",
            fill.cl_ord_id,
            fill.side,
            f"{fill.shares:,}",
            f"{fill.price_usd:,.4f}",
            f"{fill.fee_usd:.4f}",
            fill.liquidity,
        )
    _more(table, found.n_fills)
    return table


def _markouts(found: SimulationView) -> Table:
    table = Table(
        "after", "from price bps", "from middle bps", "fills", "unknown", title="markouts of fills that rested"
    )
    for each in found.markouts:
        table.add_row(
            f"{each.horizon_s} s",
            _figure(each.from_price_bps, ".3f"),
            _figure(each.from_middle_bps, ".3f"),
            f"{each.n_fills:,}",
            f"{each.n_unknown:,}",
        )
    return table


def _more(table: Table, n_rows: int) -> None:
    if n_rows > SHOWN:
        table.caption = f"and {n_rows - SHOWN:,} more"


def _figure(value: float | None, shape: str) -> str:
    return "-" if value is None else format(value, shape)
