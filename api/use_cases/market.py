"""The paper market: it stands at a session of the lake, and moves on when told to.

Moving on is one append for each account: corporate actions, fills and expiry of what the account's orders came to,
valuation at the close, the session run, and the PLAN entry of the new day plan. Nothing is decided by it: orders come
from clients. Told twice, or by two at once, to go on from one session, the market goes on once.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from api.use_cases.broker import Dispatcher
from api.use_cases.day_plan import DayPlan, newest_day_plan
from api.use_cases.desk import ActiveGeneration
from api.use_cases.generations import UnpreparedError
from api.use_cases.planning import PLANNER, kept_plan
from api.use_cases.risk_watch import watched_breach
from api.use_cases.service import Service
from api.use_cases.sessions import has_decided, planned_session
from api.use_cases.shadows import shadow_scored
from governance.ports import LogReader, Transaction
from nodes.journal.account import account_from_bytes
from nodes.vocabulary.errors import EdgeError


@dataclass(frozen=True, slots=True)
class MarketSession:
    """Where an account stands in the paper market.

    Attributes:
        account_id: the account.
        session_on: the session at whose close its orders are decided; None before the first.
        as_of: that close; None likewise.
        next_on: the session that the market would move on to; None at the end of the bars.
    """

    account_id: str
    session_on: date | None
    as_of: datetime | None
    next_on: date | None


@dataclass(frozen=True, slots=True)
class Advance:
    """What moving on came to for an account.

    Attributes:
        plan: the day plan that orders are decided against now.
        is_new: whether this call made it; False when another one had.
    """

    plan: DayPlan
    is_new: bool


def market_session(service: Service, reader: LogReader, account_id: str) -> MarketSession:
    """Where an account stands. Raises EdgeError for one that is not served."""
    service.require_account(account_id)
    row = reader.account(account_id)
    decided_on = None if row is None else account_from_bytes(row.content).decided_on
    next_on = _first_on(service) if decided_on is None else service.lake.calendar.after(decided_on)
    as_of = None if decided_on is None else service.lake.calendar.close(decided_on)
    return MarketSession(account_id, decided_on, as_of, None if next_on > service.lake.last_on else next_on)


def advanced_session(service: Service, principal: str, from_on: date | None = None) -> tuple[Advance, ...]:
    """The market moved on by one session, for every account that stands at `from_on`.

    Args:
        service: who serves the market.
        principal: who asks.
        from_on: the session to move on from: an account that is further already stays where it is. By default the
            session where each account stands now.

    Raises:
        EdgeError: the log is read-only, there is no later session, or an account has not come to that one.
    """
    service.require_writable()
    dispatch(service)
    with service.store.reader() as reader:
        stands = [market_session(service, reader, account_id) for account_id in service.accounts]
    if from_on is not None:
        _require_reached(service, from_on, stands)
    return tuple(_advance(service, principal, stand, from_on) for stand in stands)


def _require_reached(service: Service, from_on: date, stands: Sequence[MarketSession]) -> None:
    """Raises EdgeError for a day that is no session, or that an account has not come to: it would leave some out."""
    if not service.lake.calendar.is_session(from_on):
        message = f"{from_on} is no {service.lake.calendar.exchange} session; name one that the market has come to"
        raise EdgeError(message, reason="invalid")
    behind = [stand for stand in stands if stand.session_on is None or stand.session_on < from_on]
    if behind:
        at = behind[0].session_on or "no session yet"
        message = f"account {behind[0].account_id!r} is at {at}, not yet at {from_on}; move it on from where it is"
        raise EdgeError(message, reason="invalid")


def dispatch(service: Service) -> int:
    """Hand all that waits in the outbox to the broker, but for halted shares.

    Returns of how many orders its word was recorded here.
    """
    if service.broker is None:
        return 0
    at_hand = (service.store, service.writer, service.broker, service.clock)
    return Dispatcher(*at_hand, halted=service.halted, reports=service.report_lock).dispatched()


def opened_market(service: Service, principal: str) -> None:
    """Run the first session of each account that has none yet, and know the day plan of each before any order."""
    with service.store.reader() as reader:
        stands = [market_session(service, reader, account_id) for account_id in service.accounts]
    for stand in stands:
        if stand.session_on is None:
            _advance(service, principal, stand, None)
    service.day_plans.read_newer(service.store, service.accounts)


def _advance(service: Service, principal: str, stand: MarketSession, from_on: date | None) -> Advance:
    wanted_on = stand.next_on if from_on is None else service.lake.calendar.after(from_on)
    if wanted_on is None or wanted_on > service.lake.last_on:
        message = f"the bars end at {service.lake.last_on}; there is no later session to move on to"
        raise EdgeError(message, reason="session-closed")
    account_id = stand.account_id
    work = partial(_advanced, service, account_id, principal, wanted_on)
    plan = service.writer.submit(work, partial(_prepared, service)).result()
    if plan is not None:
        watched_breach(service, account_id)
        shadow_scored(service.desk(account_id, PLANNER), plan.session_on)
        return Advance(plan, is_new=True)
    with service.store.reader() as reader:
        kept = newest_day_plan(reader, account_id)
    if kept is None:
        message = f"day plan of account {account_id!r} is not in the log; verify the log"
        raise EdgeError(message)
    service.day_plans.keep(kept)
    return Advance(kept, is_new=False)


def _prepared(service: Service, error: Exception) -> Future[ActiveGeneration] | None:
    """A policy that another worker activated, made ready here; then the market goes on under it."""
    return service.preparing.submit(service.generations.prepared) if isinstance(error, UnpreparedError) else None


def _advanced(
    service: Service, account_id: str, principal: str, wanted_on: date, transaction: Transaction
) -> DayPlan | None:
    """The day plan of the account's next session; None when another one moved it on before."""
    desk = service.desk_under(service.generations.in_force(transaction), account_id, principal)
    desk.require_active(transaction)
    state = desk.account(transaction)
    if has_decided(state, wanted_on) and state.plan_trace is not None:
        return None
    planned = planned_session(desk, transaction, wanted_on, service.broker)
    plan = kept_plan(desk, planned.plan, planned.run, desk.account(transaction))
    service.day_plans.keep(plan)
    return plan


def _first_on(service: Service) -> date:
    return service.lake.sessions(service.market_on)[0]
