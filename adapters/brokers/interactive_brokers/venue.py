"""Interactive Brokers through TWS or its gateway: orders by orderRef, trades from the executions of the day.

    orderRef      our ClOrdID. IB takes the same one twice, so the gateway is always asked before an order is sent.
    execId        ExecID; a correction has the same but for the number after its last point
    commission    comes after its execution, which is told once it is there

Replacing is cancel, final, then a new order: IB changes an order in place, under the orderRef that it had.

Source: IBKR Campus, TWS API documentation (orders, executions, order states), read 2026-11.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from adapters.brokers.extra import broker_library
from adapters.brokers.interactive_brokers.line import EXTRA, Line
from adapters.brokers.standing import Standing
from adapters.brokers.wanted import WantedOrder
from nodes.vocabulary.executions import ExecType, ExecutionReport, OrdStatus
from nodes.vocabulary.trading import Side, TimeInForce

GATEWAY = "127.0.0.1:4002"
"""Where the gateway listens for clients of a paper account, unless it is told otherwise."""
CLIENT_ID = 17
"""Of ours, unlike 0, which would take over what people place by hand."""
_LIVES = {
    TimeInForce.DAY: "DAY",
    TimeInForce.OPG: "OPG",
    TimeInForce.CLS: "DAY",
    TimeInForce.IOC: "IOC",
    TimeInForce.FOK: "FOK",
    TimeInForce.GTD: "GTD",
}
"""The close is no life at IB but a type of order, limit on close."""
_STATUSES = {
    "Filled": OrdStatus.FILLED,
    "Cancelled": OrdStatus.CANCELED,
    "ApiCancelled": OrdStatus.CANCELED,
    "PendingCancel": OrdStatus.PENDING_CANCEL,
    "Inactive": OrdStatus.REJECTED,
}
"""Every other status is one of an open order."""
_UNSURE = frozenset({"PendingSubmit", "ApiPending", "ValidationError", ""})
"""What an order is before the gateway has said anything of it."""
_UNPAID = timedelta(seconds=30)
"""How long an execution waits for its commission."""
_ANSWER_S, _LOOK_S = 3.0, 0.02
_CANCELED_CODE = 202


class IbVenue:
    """IB's gateway, asked by one thread at a time.

    Args:
        address: host:port of the gateway.
        account: the account's code; None where there is but one.
        clock: now, in UTC.
    """

    def __init__(self, address: str, account: str | None, clock: Callable[[], datetime]) -> None:
        self.woken = threading.Event()
        self._library = broker_library("ib_async", EXTRA)
        self._account, self._clock = account or "", clock
        self._line = Line(address, CLIENT_ID, self.woken.set)
        self._heard: set[str] = set()

    def known(self, cl_ord_id: str) -> Standing | None:
        """How an order stands; None when the gateway has never had it."""
        return self._line.asked(_everything).standings().get(cl_ord_id)

    def sent(self, order: WantedOrder) -> Standing:
        """Send an order. What IB refuses stands as rejected, in its words."""
        return self._line.asked(partial(self._sent, order))

    def replaced(self, old: Standing, order: WantedOrder) -> Standing | None:  # noqa: ARG002  # see the module
        """None: the old order is canceled first."""
        return None

    def cancel(self, standing: Standing) -> None:
        """Ask to cancel an open order of this client."""
        self._line.asked(partial(self._cancel, standing.cl_ord_id))

    def open_orders(self) -> Mapping[str, Standing]:
        """The orders that the gateway works, by orderRef; by IB's number one that has none."""
        return {name: each for name, each in self._line.asked(_everything).standings().items() if each.is_open}

    def executions(self) -> Sequence[ExecutionReport]:
        """The executions of the day that were not heard yet, and whose commission is known."""
        found = self._line.asked(_everything).reports(self._clock())
        return tuple(each for each in found if each.exec_id not in self._heard)

    def heard(self, exec_ids: Sequence[str]) -> None:
        """These are in the log."""
        self._heard.update(exec_ids)

    def positions(self) -> Mapping[str, int]:
        """Shares held by symbol, of the account."""
        rows = self._line.asked(lambda client: client.reqPositionsAsync())
        ours = [row for row in rows if not self._account or row.account == self._account]
        return {row.contract.symbol: int(row.position) for row in ours if row.position}

    def close(self) -> None:
        """Disconnect."""
        self._line.close()

    async def _sent(self, order: WantedOrder, client: Any) -> Standing:  # noqa: ANN401  # the library's client
        beyond = order.beyond(_LIVES)
        if beyond:
            return Standing(order.cl_ord_id, OrdStatus.REJECTED, text=f"IB takes {beyond}")
        trade = client.placeOrder(self._library.Stock(order.symbol, "SMART", "USD"), self._order(order))
        until_s = asyncio.get_running_loop().time() + _ANSWER_S
        while trade.orderStatus.status in _UNSURE:
            if asyncio.get_running_loop().time() > until_s:
                raise TimeoutError
            await asyncio.sleep(_LOOK_S)
        said = trade.log[-1]
        is_refused = trade.orderStatus.status == "Cancelled" and said.errorCode not in {0, _CANCELED_CODE}
        found = _standing(order.cl_ord_id, trade, int(trade.orderStatus.filled))
        return Standing(order.cl_ord_id, OrdStatus.REJECTED, text=said.message) if is_refused else found

    def _order(self, order: WantedOrder) -> Any:  # noqa: ANN401  # the library's order
        stop_usd = order.asked.stop_price_usd
        kind = "LOC" if order.time_in_force is TimeInForce.CLS else "LMT" if stop_usd is None else "STP LMT"
        return self._library.Order(
            action="BUY" if order.side is Side.BUY else "SELL",
            totalQuantity=order.shares,
            orderType=kind,
            lmtPrice=float(order.limit_price_usd),
            tif=_LIVES[order.time_in_force],
            goodTillDate="" if order.expires_at is None else f"{order.expires_at.astimezone(UTC):%Y%m%d-%H:%M:%S}",
            account=self._account,
            orderRef=order.cl_ord_id,
            **({} if stop_usd is None else {"auxPrice": float(stop_usd)}),
        )

    async def _cancel(self, cl_ord_id: str, client: Any) -> None:  # noqa: ANN401  # the library's client
        for trade in await client.reqOpenOrdersAsync():
            if trade.order.orderRef == cl_ord_id:
                client.cancelOrder(trade.order)


class _Told:
    """What a gateway said of orders and executions."""

    def __init__(self, done: Iterable[Any], working: Iterable[Any], fills: Iterable[Any]) -> None:
        self._done, self._working, self._fills = tuple(done), tuple(working), tuple(fills)

    def standings(self) -> dict[str, Standing]:
        """Every order by its name; of those of one name, one that is open stands for it."""
        cum = self._traded()
        names = [(_name(trade.order), trade) for trade in (*self._done, *self._working)]
        found = {name: _standing(name, trade, cum.get(name, 0)) for name, trade in names}
        untold = cum.keys() - found.keys()  # filled a moment ago, and not among the completed ones yet
        return found | {name: Standing(name, OrdStatus.PARTIALLY_FILLED, cum[name]) for name in untold if name}

    def reports(self, now: datetime) -> list[ExecutionReport]:
        """The executions in their turn: a later number of one is its correction."""
        found = []
        for versions in self._versions().values():
            for before, fill in zip([None, *versions], versions, strict=False):
                is_paid = fill.commissionReport.execId == fill.execution.execId
                if is_paid or now - fill.execution.time > _UNPAID:
                    found.append(_report(before, fill))
        return sorted(found, key=lambda each: (each.transacted_at or now, each.exec_id))

    def _versions(self) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for fill in sorted(self._fills, key=lambda each: _number(each.execution.execId)):
            found.setdefault(fill.execution.execId.rpartition(".")[0], []).append(fill)
        return found

    def _traded(self) -> dict[str, int]:
        """Shares by order, each execution as it was last put right."""
        found: dict[str, int] = {}
        for versions in self._versions().values():
            said = versions[-1].execution
            found[said.orderRef] = found.get(said.orderRef, 0) + int(said.shares)
        return found


async def _everything(client: Any) -> _Told:  # noqa: ANN401  # the library's client
    done = await client.reqCompletedOrdersAsync(False)  # noqa: FBT003  # the library's own
    working = await client.reqAllOpenOrdersAsync()
    told = {fill.execution.execId for fill in await client.reqExecutionsAsync()}
    paid = [fill for fill in client.fills() if fill.execution.execId in told]  # its answer lacks what was paid
    return _Told(done, working, paid)


def _name(order: Any) -> str:  # noqa: ANN401  # the library's order
    return str(order.orderRef or f"IB-{order.permId or order.orderId}")


def _standing(name: str, trade: Any, cum: int) -> Standing:  # noqa: ANN401  # the library's trade
    status = _STATUSES.get(trade.orderStatus.status, OrdStatus.PARTIALLY_FILLED if cum else OrdStatus.NEW)
    text = trade.log[-1].message if status is OrdStatus.REJECTED and trade.log else ""
    found = Standing(name, status, cum, text=text, broker_id=str(trade.order.permId))
    left = max(int(trade.order.totalQuantity) - cum, 0)
    return Standing(name, status, cum, left, text, found.broker_id) if found.is_open else found


def _number(exec_id: str) -> tuple[str, int, str]:
    prefix, _, number = exec_id.rpartition(".")
    return (prefix, int(number), "") if number.isdigit() else (prefix, 0, number)


def _report(before: Any, fill: Any) -> ExecutionReport:  # noqa: ANN401  # the library's fills
    said, paid = fill.execution, fill.commissionReport
    kind = ExecType.TRADE if before is None else ExecType.TRADE_CORRECT if said.shares else ExecType.TRADE_CANCEL
    is_bust = kind is ExecType.TRADE_CANCEL
    return ExecutionReport(
        order_id=said.orderRef or f"IB-{said.permId or said.orderId}",
        exec_id=said.execId,
        exec_type=kind,
        last_shares=int(said.shares) if said.shares == int(said.shares) else 0,
        last_price_usd=Decimal(0) if is_bust else _usd(said.price),
        fee_usd=Decimal(0) if is_bust else _usd(paid.commission),
        exec_ref_id="" if before is None else before.execution.execId,
        venue=said.exchange,
        transacted_at=said.time.astimezone(UTC),
    )


def _usd(amount: float) -> Decimal:
    """An amount as the log has it: to the millionth of a dollar."""
    return Decimal(str(round(amount, 6)))
