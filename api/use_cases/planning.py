"""Which day plan an order is decided against, and a fresh one when the policy in force would have made another.

A row may be used under a later generation when that generation's session plan computes the same with the same model
(`session_models.computation`): a change of a limit leaves every day plan as it is. Else the session run is made anew,
outside the append, of the account as it was valued at the same close. An append never makes a session run and never
reads one back: what is not ready is made ready elsewhere, and the order is tried again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from api.use_cases.day_plan import DayPlan, plan_rows
from api.use_cases.desk import Desk
from api.use_cases.service import Service
from api.use_cases.session_models import computation
from api.use_cases.sessions import appended_plan, session_run
from dataflows.engine.run import SessionRun
from governance.ports import Transaction
from governance.rows import Appended
from nodes.journal.account import AccountState, account_from_bytes, after_plan
from nodes.vocabulary.errors import EdgeError

PLANNER = "assay"
"""The principal of what a server does by itself."""


class UnreadyPlanError(EdgeError):
    """The newest day plan is not known here, or another session plan made it: make it ready and try again."""


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """A session run that was made outside an append, and the account as it was then.

    Attributes:
        state: the account that it read.
        run: what it computed.
        computation: digest of what computed it (`session_models.computation`).
    """

    state: AccountState
    run: SessionRun
    computation: bytes

    @property
    def as_of(self) -> datetime:
        """The close that it was made at."""
        return self.run.trace.as_of

    def is_of(self, state: AccountState) -> bool:
        """Whether it is what the account as it is now would give: all that a session run reads of it is the same."""
        return _read(self.state) == _read(state)


def running_plan(service: Service, desk: Desk, transaction: Transaction) -> DayPlan:
    """The day plan that an account's orders are decided against now, inside an append.

    Raises:
        EdgeError: there is none.
        UnreadyPlanError: it is not known here, or the session plan in force computes something else than made it.
    """
    trace = desk.account(transaction).plan_trace
    if trace is None:
        message = f"account {desk.account_id!r} has no day plan; advance the session first"
        raise EdgeError(message, reason="session-closed")
    plan = service.day_plans.known(desk.account_id, trace)
    if plan is None or plan.computation_digest != _computation(desk):
        message = f"day plan of account {desk.account_id!r} is being made ready for the policy in force; try again"
        raise UnreadyPlanError(message, reason="generation-changed")
    return plan


def made_ready(service: Service, account_id: str) -> None:
    """Read an account's day plan when it is not known here; make it anew when it is not what would be made now.

    Not for use inside an append. When something moves meanwhile, nothing is appended: the order finds that out.
    """
    desk, state = service.desk(account_id, PLANNER), _state(service, account_id)
    if state is None or state.plan_trace is None:
        return
    if service.day_plans.known(account_id, state.plan_trace) is None:
        service.day_plans.read(service.store, [account_id])
    plan = service.day_plans.known(account_id, state.plan_trace)
    if plan is not None and plan.computation_digest == _computation(desk):
        return
    planned = planned_run(desk, state)
    service.writer.submit(partial(_replanned, service, desk, planned)).result()


def planned_run(desk: Desk, state: AccountState) -> PlannedRun:
    """The session run of an account at the close that it stands at. Raises EdgeError before its first session."""
    if state.decided_on is None:
        message = f"account {desk.account_id!r} has had no session; advance it first"
        raise EdgeError(message, reason="session-closed")
    run = session_run(desk, state, desk.lake.calendar.close(state.decided_on))
    return PlannedRun(state, run, _computation(desk))


def replanned(service: Service, desk: Desk, transaction: Transaction, planned: PlannedRun) -> DayPlan | None:
    """The day plan that a run made outside this append gives the account.

    None when the account moved meanwhile, or another model scores by now.
    """
    state = desk.account(transaction)
    if state.decided_on is None or not planned.is_of(state) or planned.computation != _computation(desk):
        return None
    after = after_plan(state, state.decided_on, planned.run.trace.digest)
    plan = kept_plan(desk, appended_plan(desk, transaction, planned.run, after), planned.run, after)
    service.day_plans.keep(plan)
    return plan


def kept_plan(desk: Desk, appended: Appended, run: SessionRun, state: AccountState) -> DayPlan:
    """The day plan that a session run and its PLAN entry make."""
    facts = appended.entry.facts
    return DayPlan(
        account_id=desk.account_id,
        session_on=facts["session_on"],
        as_of=appended.entry.as_of,
        recorded_at=appended.entry.recorded_at,
        entry_id=appended.entry_id,
        sequence=appended.sequence,
        trace=run.trace.digest,
        policy=facts["policy"],
        version=facts["version"],
        policy_digest=run.trace.header.policy_digest,
        computation_digest=_computation(desk),
        equity_usd=state.equity_usd,
        rows=plan_rows(run.values),
    )


def _replanned(service: Service, planner: Desk, planned: PlannedRun, transaction: Transaction) -> None:
    desk = service.desk_under(service.generations.in_force(transaction), planner.account_id, planner.principal)
    desk.require_active(transaction)
    trace, wanted = desk.account(transaction).plan_trace, desk.active.generation.session
    kept = None if trace is None else service.day_plans.known(desk.account_id, trace)
    is_ready = kept is not None and kept.computation_digest == _computation(desk)
    if not is_ready and planned.run.trace.header.plan_digest == wanted.digest:
        replanned(service, desk, transaction, planned)


def _computation(desk: Desk) -> bytes:
    """Digest of what a session run of a desk computes now: its plan, and the model that scores."""
    return computation(desk.active.generation.session, desk.active.champions)


def _state(service: Service, account_id: str) -> AccountState | None:
    with service.store.reader() as reader:
        row = reader.account(account_id)
    return None if row is None else account_from_bytes(row.content)


def _read(state: AccountState) -> tuple[object, ...]:
    """All that a session run reads of an account, see `sessions.session_snapshot`."""
    holdings = tuple((holding.symbol, holding.position_shares) for holding in state.holdings)
    return state.decided_on, state.equity_usd, holdings
