"""Alpaca as a broker: orders by client_order_id, trades from the account's activities, the stream as a bell.

    client_order_id    our ClOrdID; Alpaca refuses the same one twice
    activities FILL    one row a trade, each with an id of its own, which is our ExecID: the one source of fills
    trade_updates      says only that it is time to look: what a dropped stream does not tell, the next look finds

Replacing is cancel, final, then a new order: what Alpaca's own PATCH does with an order that trades meanwhile is not
documented.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from adapters.brokers.alpaca.bell import Bell
from adapters.brokers.alpaca.calls import EXTRA, RefusalError, answered, stream_address, trading_client
from adapters.brokers.extra import broker_library
from adapters.brokers.standing import Standing
from adapters.brokers.wanted import WantedOrder
from nodes.vocabulary.executions import ExecType, ExecutionReport, OrdStatus
from nodes.vocabulary.instants import instant_text
from nodes.vocabulary.trading import Side, TimeInForce

LOOK_BACK = timedelta(days=4)
"""How far back activities are read after a start: over a long weekend."""
_MARGIN = timedelta(days=1)
_PAGE = 100
_LIVES = {
    TimeInForce.DAY: "day",
    TimeInForce.OPG: "opg",
    TimeInForce.CLS: "cls",
    TimeInForce.IOC: "ioc",
    TimeInForce.FOK: "fok",
}
_TAKEN_TWICE = "client_order_id must be unique"
_STATUSES = {
    "partially_filled": OrdStatus.PARTIALLY_FILLED,
    "filled": OrdStatus.FILLED,
    "canceled": OrdStatus.CANCELED,
    "expired": OrdStatus.EXPIRED,
    "replaced": OrdStatus.REPLACED,
    "rejected": OrdStatus.REJECTED,
    "pending_cancel": OrdStatus.PENDING_CANCEL,
    "pending_replace": OrdStatus.PENDING_REPLACE,
}
"""Every other status is one of an open order that has not traded."""


class AlpacaVenue:
    """Alpaca, asked by one thread at a time.

    Args:
        address: of the API.
        key: the key that Alpaca knows us by.
        secret: its secret.
        clock: now, in UTC.
    """

    def __init__(self, address: str, key: str, secret: str, clock: Callable[[], datetime]) -> None:
        self.woken = threading.Event()
        self._client = trading_client(address, key, secret)
        self._requests = broker_library("alpaca.trading.requests", EXTRA)
        self._after = clock() - LOOK_BACK
        self._names: dict[str, str] = {}
        self._told: dict[str, datetime] = {}
        self._heard: set[str] = set()
        self._bell = Bell(stream_address(address), key, secret, self.woken.set)

    def known(self, cl_ord_id: str) -> Standing | None:
        """How an order stands; None when Alpaca has never had it."""
        found = answered(partial(self._client.get_order_by_client_id, cl_ord_id))
        return None if found is None else _standing(found)

    def sent(self, order: WantedOrder) -> Standing:
        """Send an order. Refused by Alpaca, it stands as rejected, in Alpaca's words."""
        beyond = order.beyond(_LIVES)
        if beyond:
            return Standing(order.cl_ord_id, OrdStatus.REJECTED, text=f"Alpaca takes {beyond}")
        try:
            return _standing(answered(partial(self._client.submit_order, self._request(order)), is_sending=True))
        except RefusalError as refusal:
            known = self.known(order.cl_ord_id) if _TAKEN_TWICE in refusal.said else None
            return known or Standing(order.cl_ord_id, OrdStatus.REJECTED, text=refusal.said)

    def replaced(self, old: Standing, order: WantedOrder) -> Standing | None:  # noqa: ARG002  # see the module
        """None: the old order is canceled first."""
        return None

    def cancel(self, standing: Standing) -> None:
        """Ask to cancel an open order; one that is past canceling says so when it is asked how it stands."""
        try:
            answered(partial(self._client.cancel_order_by_id, standing.broker_id))
        except RefusalError:
            self.woken.set()

    def open_orders(self) -> Mapping[str, Standing]:
        """The orders that Alpaca works, by client_order_id."""
        wanted = self._requests.GetOrdersRequest(status="open", limit=500)
        found = [_standing(each) for each in answered(partial(self._client.get_orders, wanted))]
        return {each.cl_ord_id: each for each in found}

    def executions(self) -> Sequence[ExecutionReport]:
        """The trades of the account's activities that were not heard yet, oldest first."""
        found: list[ExecutionReport] = []
        place: dict[str, str] = {}
        while True:
            asked = {"after": instant_text(self._after), "direction": "asc", "page_size": str(_PAGE), **place}
            rows = answered(partial(self._client.get, "/account/activities/FILL", asked)) or []
            found += [self._report(row) for row in rows if row["id"] not in self._heard]
            if len(rows) < _PAGE:
                return found
            place = {"page_token": rows[-1]["id"]}

    def heard(self, exec_ids: Sequence[str]) -> None:
        """These are in the log: the next look begins a day before the newest of them."""
        self._heard.update(exec_ids)
        newest = [self._told[exec_id] for exec_id in exec_ids if exec_id in self._told]
        self._after = max([self._after, *(at - _MARGIN for at in newest)])

    def positions(self) -> Mapping[str, int]:
        """Shares held by symbol."""
        rows = answered(self._client.get_all_positions)
        held = {row["symbol"]: int(abs(Decimal(row["qty"]))) * (-1 if row["side"] == "short" else 1) for row in rows}
        return {symbol: shares for symbol, shares in held.items() if shares}

    def close(self) -> None:
        """Let the stream go."""
        self._bell.close()

    def _request(self, order: WantedOrder) -> Any:  # noqa: ANN401  # the library's request
        said = {
            "symbol": order.symbol,
            "qty": order.shares,
            "side": "buy" if order.side is Side.BUY else "sell",
            "time_in_force": _LIVES[order.time_in_force],
            "limit_price": float(order.limit_price_usd),
            "client_order_id": order.cl_ord_id,
        }
        if order.asked.stop_price_usd is None:
            return self._requests.LimitOrderRequest(**said)
        return self._requests.StopLimitOrderRequest(**said, stop_price=float(order.asked.stop_price_usd))

    def _report(self, row: Mapping[str, Any]) -> ExecutionReport:
        order_id = row["order_id"]
        if order_id not in self._names:
            order = answered(partial(self._client.get_order_by_id, order_id))
            self._names[order_id] = order_id if order is None else order["client_order_id"]
        at = self._told[row["id"]] = datetime.fromisoformat(row["transaction_time"]).astimezone(UTC)
        shares = Decimal(row["qty"])
        return ExecutionReport(
            order_id=self._names[order_id],
            exec_id=row["id"],
            exec_type=ExecType.TRADE,
            last_shares=int(shares) if shares == int(shares) else 0,  # of a fraction, which we never order: refused
            last_price_usd=Decimal(row["price"]),
            transacted_at=at,
        )


def _standing(row: Mapping[str, Any]) -> Standing:
    """An order of Alpaca's JSON."""
    status = _STATUSES.get(row["status"], OrdStatus.NEW)
    standing = Standing(
        cl_ord_id=row["client_order_id"],
        status=status,
        cum_shares=int(Decimal(row["filled_qty"] or 0)),
        broker_id=row["id"],
    )
    if not standing.is_open:
        return standing
    left = int(Decimal(row["qty"] or 0)) - standing.cum_shares
    return Standing(standing.cl_ord_id, status, standing.cum_shares, left, broker_id=standing.broker_id)
