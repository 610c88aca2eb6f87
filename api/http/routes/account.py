"""What a client reads about an account: orders, positions and the day plan, each as of an instant where that can be."""

from __future__ import annotations

from typing import Annotated

from litestar import Response, Router, get
from litestar.params import FromPath, HeaderParameter, QueryParameter

from api.http.asked import AsOf, Cursor, Limit, asked_instant
from api.http.conditions import etag, is_unchanged
from api.http.cursors import cursor_place, cursor_text
from api.http.parts import PrincipalHere, ServiceHere
from api.http.problems import RequestError
from api.http.schemas.account import (
    OrdersView,
    OrderView,
    PlanView,
    PositionsView,
    order_view,
    plan_view,
    positions_view,
)
from api.http.tokens import Principal
from api.use_cases.day_plan import DayPlan, newest_day_plan
from api.use_cases.finding import DecisionFilter, newest_decisions
from api.use_cases.placed_orders import orders_page, placed_order
from api.use_cases.reading import size_as_of
from api.use_cases.service import Service
from governance.ports import LogReader
from nodes.journal.account import account_from_bytes, opened_account
from nodes.vocabulary.instants import instant_text

SCOPE = "plan:read"
CACHED = "private, max-age=0, stale-while-revalidate=30, stale-if-error=300"
MAX_LISTED_DECISIONS = 1000
ORDERS = "orders"

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
def plan(
    service: ServiceHere,
    principal: PrincipalHere,
    account_id: Account = None,
    as_of: AsOf = None,
    if_none_match: IfNoneMatch = None,
) -> Response[PlanView]:
    """The day plan that orders are decided against, with the decisions made on it so far.

    `as_of` is market time here: the newest plan whose close is not after it. An order for a symbol that is not among
    the rows is refused.
    """
    account = readable_account(service, principal, account_id)
    with service.store.reader() as reader:
        found = newest_day_plan(reader, account, asked_instant(as_of))
        if found is None:
            at = "" if as_of is None else f" as of {as_of}"
            raise RequestError(f"account {account!r} has no day plan{at}; advance the session", reason="not-found")
        decided = _decided(reader, found)
    tag = etag(f"{found.entry_id.hex()[:32]}-{sum(map(len, decided.values()))}")
    headers = {"etag": tag, "cache-control": CACHED}
    if is_unchanged(if_none_match, tag):
        return Response(None, status_code=304, headers=headers)  # type: ignore[arg-type]  # a 304 has no content
    return Response(plan_view(found, decided), headers=headers)


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
def positions(service: ServiceHere, principal: PrincipalHere, account_id: Account = None) -> PositionsView:
    """Cash and holdings from the ledger, valued at the close of the session at which the account stands."""
    account = readable_account(service, principal, account_id)
    with service.store.reader() as reader:
        row, size = reader.account(account), reader.head().size
    state = opened_account(account, service.opening_cash_usd) if row is None else account_from_bytes(row.content)
    marked_at = None if state.marked_on is None else instant_text(service.lake.calendar.close(state.marked_on))
    return positions_view(state, marked_at, size)


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


ROUTER = Router("/", route_handlers=[plan, positions, orders, order])
