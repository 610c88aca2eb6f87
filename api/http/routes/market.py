"""The paper market and the kill switch: what an operator does by hand."""

from __future__ import annotations

from asyncio import to_thread
from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, post, put

from api.http.bodies import decoded, require_json
from api.http.parts import PrincipalHere, ServiceHere
from api.http.routes.account import Account, readable_account
from api.http.schemas.account import DayPlanView, plan_view
from api.use_cases.kill_switch import KillSwitchRequest, kill_switch_set
from api.use_cases.market import MarketSession, advanced_session, market_session
from nodes.journal.account import account_from_bytes
from nodes.vocabulary.instants import instant_text

MAX_BODY_BYTES = 8192


class SessionView(msgspec.Struct, frozen=True):
    """Where an account stands in the paper market.

    Attributes:
        account_id: the account.
        session_on: the session at whose close its orders are decided; null before the first.
        as_of: that close.
        next_on: the session that the market would move on to; null at the end of the bars.
    """

    account_id: str
    session_on: str | None
    as_of: str | None
    next_on: str | None


class SessionsView(msgspec.Struct, frozen=True):
    """Where each account stands."""

    sessions: tuple[SessionView, ...]


class AdvanceBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """From where to move on.

    Attributes:
        from_session_on: the session to leave; an account that is further already stays where it is, so that a request
            sent twice moves the market once. Without it, from wherever it stands.
    """

    from_session_on: date | None = None


class AdvancedView(msgspec.Struct, frozen=True):
    """What moving on came to for one account.

    Attributes:
        is_new: whether this request made the plan; false when an earlier one had.
        plan: the day plan that orders are decided against now.
    """

    is_new: bool
    plan: DayPlanView


class AdvanceReply(msgspec.Struct, frozen=True):
    """What moving on came to."""

    accounts: tuple[AdvancedView, ...]


class KillSwitchBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """How the switch is to stand.

    Attributes:
        is_engaged: whether trading is to stop.
        reason: why, in words; kept in the log.
        account_id: for which account; that of the server when it has only one.
    """

    is_engaged: bool
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    account_id: Annotated[str, msgspec.Meta(min_length=1, max_length=128)] | None = None


class KillSwitchView(msgspec.Struct, frozen=True):
    """How the switch of an account stands.

    Attributes:
        account_id: the account.
        is_engaged: whether trading is stopped.
        has_changed: whether this request changed it.
    """

    account_id: str
    is_engaged: bool
    has_changed: bool = False


_advance_decoder = msgspec.json.Decoder(AdvanceBody)
_switch_decoder = msgspec.json.Decoder(KillSwitchBody)


@get(
    "/internal/session",
    opt={"scope": "plan:read"},
    operation_id="session",
    tags=["operation"],
    summary="Where the market stands",
    sync_to_thread=True,
)
def session(service: ServiceHere, principal: PrincipalHere) -> SessionsView:
    """The session of each account that the token covers."""
    covered = [account for account in service.accounts if principal.covers(account)]
    with service.store.reader() as reader:
        return SessionsView(tuple(_session(market_session(service, reader, account)) for account in covered))


@post(
    "/internal/session/advance",
    opt={
        "scope": "operate",
        "body": AdvanceBody,
        "body_is_optional": True,
        "problems": ("session-closed", "read-only-log", "invalid"),
    },
    operation_id="advance_session",
    status_code=200,
    tags=["operation"],
    summary="Move the paper market on",
)
async def advance(request: Request[Any, Any, Any], service: ServiceHere, principal: PrincipalHere) -> AdvanceReply:
    """Move on by one session: corporate actions, fills, expiry, valuation, and a new day plan for every account.

    The market is one for all accounts, so the token must cover each that is served.
    """
    for account_id in service.accounts:
        principal.require_account(account_id)
    content = await request.body()
    if content:
        require_json(dict(request.scope["headers"]))
    asked = decoded(content, _advance_decoder) if content else AdvanceBody()
    advances = await to_thread(advanced_session, service, principal.name, asked.from_session_on)
    return AdvanceReply(tuple(AdvancedView(each.is_new, plan_view(each.plan, {})) for each in advances))


@get(
    "/internal/kill-switch",
    opt={"scope": "plan:read"},
    operation_id="kill_switch",
    tags=["operation"],
    summary="How the kill switch stands",
    sync_to_thread=True,
)
def kill_switch(service: ServiceHere, principal: PrincipalHere, account_id: Account = None) -> KillSwitchView:
    """Whether trading is stopped by hand."""
    account = readable_account(service, principal, account_id)
    with service.store.reader() as reader:
        row = reader.account(account)
    is_engaged = row is not None and account_from_bytes(row.content).kill_switch_is_engaged
    return KillSwitchView(account, is_engaged)


@put(
    "/internal/kill-switch",
    opt={"scope": "operate", "body": KillSwitchBody, "problems": ("bad-request", "unknown-account", "read-only-log")},
    operation_id="set_kill_switch",
    tags=["operation"],
    summary="Throw or release the kill switch",
)
async def set_kill_switch(
    request: Request[Any, Any, Any], service: ServiceHere, principal: PrincipalHere
) -> KillSwitchView:
    """Stop trading, or let it go on. The next decision knows; working orders are taken back. Set twice is set once.

    To let it go on, the token must name a person.
    """
    require_json(dict(request.scope["headers"]))
    asked = decoded(await request.body(), _switch_decoder)
    service.require_writable()
    account = readable_account(service, principal, asked.account_id)
    wanted = KillSwitchRequest(
        account_id=account,
        is_engaged=asked.is_engaged,
        principal=principal.name,
        reason=asked.reason,
        opening_cash_usd=service.opening_cash_usd,
        at=service.clock(),
    )
    has_changed = await to_thread(kill_switch_set, service.store, wanted)
    return KillSwitchView(account, asked.is_engaged, has_changed)


def _session(found: MarketSession) -> SessionView:
    return SessionView(
        account_id=found.account_id,
        session_on=None if found.session_on is None else found.session_on.isoformat(),
        as_of=None if found.as_of is None else instant_text(found.as_of),
        next_on=None if found.next_on is None else found.next_on.isoformat(),
    )


ROUTER = Router("/", route_handlers=[session, advance, kill_switch, set_kill_switch])
