"""The journal over HTTP: entries, balances, holdings, lots and round trips, as of any instant.

Every answer follows from the log; the projection behind it catches up before it answers, and costs an append nothing.
"""

from __future__ import annotations

from asyncio import to_thread
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.openapi.spec import OpenAPIType, Schema
from litestar.params import FromPath, QueryParameter, SkipValidation

from api.http.asked import Cursor, Limit, asked_instant
from api.http.bodies import decoded, require_json
from api.http.cursors import cursor_place, cursor_text
from api.http.parts import PartsHere, PrincipalHere
from api.http.routes.account import Account, At, readable_account
from api.http.routes.orders import idempotency_key
from api.http.schemas.journal import (
    BalancesView,
    BookedView,
    HoldingsView,
    JournalEntriesView,
    JournalEntryView,
    LotsView,
    TripsView,
    balances_view,
    booked_view,
    entry_view,
    holdings_view,
    lots_view,
    trips_view,
)
from api.http.schemas.journal_bodies import BookingBody, booking_of_body
from api.use_cases.journal import known_kind
from api.use_cases.journal_posting import Bookkeeper, posted
from api.use_cases.model_desk import store_append
from nodes.vocabulary.journal import JournalKind, LotMethod

SCOPE, WRITE, PATH, ENTRIES = "plan:read", "orders:write", "/api/v1/journal", "journal-entries"
KEY_HEADER: dict[str, Any] = {
    "name": "Idempotency-Key",
    "required": True,
    "description": "New for each booking, the same for each retry.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]([ -~]*[!-~])?$"},
}
_decoder = msgspec.json.Decoder(BookingBody)
_PROBLEMS = ("invalid", "unknown-account")
_OPTIONS: dict[str, Any] = {"tags": ["journal"], "sync_to_thread": True, "opt": {"scope": SCOPE, "problems": _PROBLEMS}}

Since = Annotated[
    str | None,
    QueryParameter(name="from", description="From this instant on, RFC 3339.", schema_extra={"format": "date-time"}),
]
Until = Annotated[
    str | None,
    QueryParameter(name="to", description="Up to this instant, RFC 3339.", schema_extra={"format": "date-time"}),
]
JournalKinds = Annotated[
    list[str] | None,
    QueryParameter(
        name="kind",
        description="Only of these kinds.",
        max_items=32,
        schema_extra={"items": Schema(type=OpenAPIType.STRING, enum=[kind.value for kind in JournalKind])},
    ),
]
Method = Annotated[LotMethod, QueryParameter(name="method", description="Which lots closing trades take.")]
Symbol = Annotated[
    str | None, QueryParameter(name="symbol", min_length=1, max_length=32, description="Only of this symbol.")
]


@dataclass(frozen=True)
class EntriesAsked:
    """Which entries are asked for.

    Attributes:
        account_id: whose; None for the server's first account.
        since: from this instant on.
        until: up to this instant.
        kinds: only of these kinds; all of them without any.
    """

    account_id: str | None
    since: str | None
    until: str | None
    kinds: tuple[str, ...]


def entries_asked(
    account_id: Account = None, since: Since = None, until: Until = None, kind: JournalKinds = None
) -> EntriesAsked:
    """The filters of a request. Raises AssayError for a kind that is none."""
    return EntriesAsked(account_id, since, until, tuple(sorted({known_kind(each) for each in kind or ()})))


@get(
    f"{PATH}/entries",
    operation_id="journal_entries",
    summary="Entries of the journal",
    dependencies={"wanted": Provide(entries_asked, sync_to_thread=False)},
    **_OPTIONS,
)
def entries(
    parts: PartsHere,
    principal: PrincipalHere,
    wanted: NamedDependency[SkipValidation[EntriesAsked]],
    limit: Limit = 50,
    cursor: Cursor = None,
) -> JournalEntriesView:
    """Entries with their postings in the order in which they were true; the weights of each cancel exactly."""
    account = readable_account(parts.service, principal, wanted.account_id)
    asked = {"account_id": account, "from": wanted.since, "to": wanted.until, "kind": wanted.kinds}
    after = None if cursor is None else cursor_place(cursor, ENTRIES, asked)
    first, last = asked_instant(wanted.since, "from"), asked_instant(wanted.until, "to")
    page = parts.journal.page(account, first, last, wanted.kinds, after, limit)
    following = None if page.next_sequence is None else cursor_text(page.next_sequence, ENTRIES, asked)
    return JournalEntriesView(account, tuple(entry_view(each) for each in page.entries), following)


@get(
    f"{PATH}/entries/{{entry_key:str}}",
    operation_id="journal_entry",
    summary="One entry of the journal",
    tags=["journal"],
    sync_to_thread=True,
    opt={"scope": SCOPE},
)
def entry(parts: PartsHere, principal: PrincipalHere, entry_key: FromPath[str]) -> JournalEntryView:
    """One entry by its key, which is the id of the log entry that it follows from."""
    found = parts.journal.entry(entry_key)
    principal.require_account(found.account_id)
    return entry_view(found)


@get(f"{PATH}/balances", operation_id="journal_balances", summary="Balances of the books", **_OPTIONS)
def balances(parts: PartsHere, principal: PrincipalHere, account_id: Account = None, as_of: At = None) -> BalancesView:
    """What every account of the books holds; all weights of one currency come to zero."""
    account, at = readable_account(parts.service, principal, account_id), asked_instant(as_of)
    return balances_view(account, at, parts.journal.caught_up(), parts.journal.balances(account, at))


@get(f"{PATH}/holdings", operation_id="journal_holdings", summary="Cash and positions of the books", **_OPTIONS)
def holdings(parts: PartsHere, principal: PrincipalHere, account_id: Account = None, as_of: At = None) -> HoldingsView:
    """Cash by currency and positions at cost, equal to a replay of all entries up to the instant."""
    account, at, book = readable_account(parts.service, principal, account_id), asked_instant(as_of), parts.journal
    return holdings_view(account, at, book.caught_up(), book.cash(account, at), book.positions(account, at))


@get(f"{PATH}/lots", operation_id="journal_lots", summary="Open lots", **_OPTIONS)
def lots(  # noqa: PLR0913, PLR0917  # one argument a parameter
    parts: PartsHere,
    principal: PrincipalHere,
    account_id: Account = None,
    symbol: Symbol = None,
    as_of: At = None,
    method: Method = LotMethod.AVERAGE,
) -> LotsView:
    """Lots that are open under a method: first in first out, last in first out, dearest first, average or specific."""
    account, at = readable_account(parts.service, principal, account_id), asked_instant(as_of)
    return lots_view(account, at, method.value, parts.journal.lots(account, symbol, at, method))


@get(f"{PATH}/trades", operation_id="journal_trades", summary="Round trips", **_OPTIONS)
def trades(  # noqa: PLR0913, PLR0917  # one argument a parameter
    parts: PartsHere,
    principal: PrincipalHere,
    account_id: Account = None,
    since: Since = None,
    until: Until = None,
    method: Method = LotMethod.FIFO,
    limit: Limit = 50,
) -> TripsView:
    """Lots from their opening to their closing, the newest of them, with what all of them gained."""
    account = readable_account(parts.service, principal, account_id)
    found = parts.journal.trades(account, asked_instant(since, "from"), asked_instant(until, "to"), method)
    return trips_view(account, method.value, found, limit)


@post(
    f"{PATH}/entries",
    operation_id="book_journal_entry",
    summary="Book what has no other source",
    tags=["journal"],
    opt={
        "scope": WRITE,
        "body": BookingBody,
        "headers": (KEY_HEADER,),
        "problems": (
            "missing-key",
            "bad-request",
            "invalid",
            "key-reused",
            "unknown-account",
            "read-only-log",
            "too-large",
            "unsupported-media-type",
        ),
    },
    status_code=201,
)
async def book(request: Request[Any, Any, Any], parts: PartsHere, principal: PrincipalHere) -> BookedView:
    """Book a contribution, interest, an event that no feed knows, an allocation, or what puts an entry right.

    It is an entry of the log, which nothing edits later. The same key books once: asked again, the answer is the same.
    """
    headers = dict(request.scope["headers"])
    require_json(headers)
    key, asked = idempotency_key(headers), decoded(await request.body(), _decoder)
    parts.service.require_writable()
    account = readable_account(parts.service, principal, asked.account_id)
    for share in asked.shares:
        readable_account(parts.service, principal, share.account_id)
    booking = booking_of_body(asked, account)
    store = parts.service.store
    keeper = Bookkeeper(parts.journal, store_append(store), parts.service.clock, principal.name)
    return booked_view(await to_thread(posted, keeper, booking, key))


ROUTER = Router("/", route_handlers=[entries, entry, balances, holdings, lots, trades, book])
