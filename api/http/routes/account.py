"""What a client reads about an account: orders, positions and the day plan, each as of an instant where that can be."""

from __future__ import annotations

import hashlib
from typing import Annotated

import msgspec
from litestar import MediaType, Response, Router, get
from litestar.di import Provide
from litestar.params import FromPath, HeaderParameter, QueryParameter

from api.http.asked import AsOf, Cursor, Limit, ViewAsked, asked_instant
from api.http.cache_status import cache_headers
from api.http.conditions import etag, is_unchanged
from api.http.cursors import cursor_place, cursor_text
from api.http.parts import PartsHere, PrincipalHere, ServiceHere
from api.http.problems import RequestError
from api.http.schemas.account import (
    DayPlanView,
    OrdersView,
    OrderView,
    PositionsView,
    order_view,
    plan_view,
    positions_view,
)
from api.http.schemas.signal_words import View
from api.http.schemas.signals import signals_view
from api.http.signal_room import SignalsHere, signals_of
from api.http.tokens import Principal
from api.use_cases.day_plan import DayPlan, newest_plan_record
from api.use_cases.finding import DecisionFilter, newest_decisions
from api.use_cases.placed_orders import orders_page, placed_order
from api.use_cases.positions import holdings_at, holdings_now
from api.use_cases.reading import size_as_of
from api.use_cases.service import Service
from governance.ports import LogReader
from nodes.journal.account import account_from_bytes, opened_account

SCOPE = "plan:read"
CACHED = "private, max-age=0, stale-while-revalidate=30, stale-if-error=300"
MAX_LISTED_DECISIONS = 1000
ORDERS = "orders"

At = Annotated[
    str | None,
    QueryParameter(
        name="as_of",
        description="As it was at this instant of the market, RFC 3339 in UTC; as it stands without one.",
        schema_extra={"format": "date-time"},
    ),
]
Account = Annotated[
    str | None, QueryParameter(name="account_id", max_length=128, description="Whose; the server's first by default.")
]
IfNoneMatch = Annotated[str | None, HeaderParameter(name="If-None-Match", description="An ETag that is known already.")]


def readable_account(service: Service, principal: Principal, account_id: str | None) -> str:
    """The account that a request is about. Raises AssayError for one that its token does not cover."""
    named = account_id or service.accounts[0]
    principal.require_account(named)
    service.require_account(named)
    return named


@get(
    "/api/v1/plan",
    opt={"scope": SCOPE, "problems": ("not-found", "unknown-account")},
    operation_id="plan",
    tags=["account"],
    summary="The day plan",
    sync_to_thread=True,
)
def plan(  # noqa: PLR0913, PLR0917  # one argument a parameter
    service: ServiceHere,
    principal: PrincipalHere,
    signals: SignalsHere,
    account_id: Account = None,
    as_of: AsOf = None,
    view: ViewAsked = "expert",
    if_none_match: IfNoneMatch = None,
) -> Response[DayPlanView]:
    """The day plan that orders are decided against, with the decisions made on it so far, and what is said of it.

    `as_of` is market time here: the newest plan whose close is not after it. An order for a symbol that is not among
    the rows is refused. `signals` tells the plan by picks and reasons: a view changes the words, never a number.
    """
    account = readable_account(service, principal, account_id)
    with service.store.reader() as reader:
        if newest_plan_record(reader, account, asked_instant(as_of)) is None:
            at = "" if as_of is None else f" as of {as_of}"
            raise RequestError(f"account {account!r} has no day plan{at}; advance the session", reason="not-found")
        kept = signals.desk.plan(reader, account, asked_instant(as_of))
        told = kept.answer
        decided = _decided(reader, told.plan)
    on_it = hashlib.sha256(msgspec.json.encode(decided)).hexdigest()
    tag = etag(f"{told.plan.entry_id.hex()[:16]}-{told.told_id.hex()[:32]}-{on_it[:16]}-{view}")
    headers = {"etag": tag, "cache-control": CACHED, **cache_headers(kept)}
    if is_unchanged(if_none_match, tag):
        return Response(None, status_code=304, headers=headers)  # type: ignore[arg-type]  # a 304 has no content
    content = signals.written(tag, lambda: plan_view(told.plan, decided, signals_view(told, View(view), decided)))
    return Response(content, headers=headers, media_type=MediaType.JSON)  # type: ignore[arg-type]  # written already


def _decided(reader: LogReader, found: DayPlan) -> dict[str, tuple[str, ...]]:
    """The decisions made on a day plan by symbol, newest first; of very many, the newest."""
    by_symbol: dict[str, tuple[str, ...]] = {}
    wanted = DecisionFilter(account_id=found.account_id, session_on=found.session_on)
    for n_decisions, record in enumerate(newest_decisions(reader, wanted)):
        if record.sequence < found.sequence or n_decisions == MAX_LISTED_DECISIONS:
            break
        if record.decision_id is not None:
            symbol = record.entry.facts["symbol"]
            by_symbol[symbol] = (*by_symbol.get(symbol, ()), record.decision_id.hex())
    return by_symbol


@get(
    "/api/v1/positions",
    opt={"scope": SCOPE, "problems": ("unknown-account",)},
    operation_id="positions",
    tags=["account"],
    summary="What an account holds",
    sync_to_thread=True,
)
def positions(
    parts: PartsHere, principal: PrincipalHere, account_id: Account = None, as_of: At = None
) -> PositionsView:
    """Cash and holdings from the ledger, valued at the close of the session at which the account stands.

    `as_of` is market time here: what it held then, equal to a replay of the journal, at the last close until then.
    """
    service, at = parts.service, asked_instant(as_of)
    account = readable_account(service, principal, account_id)
    if at is not None:
        return positions_view(holdings_at(parts.journal, service.lake, account, at))
    with service.store.reader() as reader:
        row = reader.account(account)
    state = opened_account(account, service.opening_cash_usd) if row is None else account_from_bytes(row.content)
    marked_at = None if state.marked_on is None else service.lake.calendar.close(state.marked_on)
    return positions_view(holdings_now(parts.journal, state, marked_at))


@get(
    "/api/v1/orders",
    opt={
        "scope": SCOPE,
        "problems": ("invalid", "unknown-account"),
        "links": {"order": {"order_id": "$response.body#/orders/0/id"}},
    },
    operation_id="orders",
    tags=["orders"],
    summary="Orders of an account",
    sync_to_thread=True,
)
def orders(  # noqa: PLR0913, PLR0917  # one argument a parameter
    service: ServiceHere,
    principal: PrincipalHere,
    account_id: Account = None,
    limit: Limit = 50,
    cursor: Cursor = None,
    as_of: AsOf = None,
) -> OrdersView:
    """Orders that went out, newest first, with what became of them."""
    account = readable_account(service, principal, account_id)
    asked = {"account_id": account, "as_of": as_of}
    with service.store.reader() as reader:
        before = size_as_of(reader, asked_instant(as_of)) if cursor is None else cursor_place(cursor, ORDERS, asked)
        page = orders_page(reader, account, limit, before)
    next_cursor = None if page.next_sequence is None else cursor_text(page.next_sequence, ORDERS, asked)
    return OrdersView(tuple(order_view(order) for order in page.orders), next_cursor)


@get(
    "/api/v1/orders/{order_id:str}",
    opt={"scope": SCOPE},
    operation_id="order",
    tags=["orders"],
    summary="One order",
    sync_to_thread=True,
)
def order(service: ServiceHere, principal: PrincipalHere, order_id: FromPath[str]) -> OrderView:
    """One order by its id (ClOrdID), with what became of it."""
    with service.store.reader() as reader:
        found = placed_order(reader, order_id)
    principal.require_account(found.account_id)
    return order_view(found)


ROUTER = Router(
    "/",
    route_handlers=[plan, positions, orders, order],
    dependencies={"signals": Provide(signals_of, sync_to_thread=False)},
)
