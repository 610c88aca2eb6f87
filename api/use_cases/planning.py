"""Which day plan an order is decided against, and a fresh one when the policy in force would have made another.

A row may be used under a later generation only when that generation's session plan is the one that made it. Else the
session run is made anew, outside the append, of the account as it was valued at the same close.
"""

from __future__ import annotations

from functools import partial

from api.use_cases.day_plan import DayPlan, plan_rows
from api.use_cases.desk import Desk
from api.use_cases.service import Service
from api.use_cases.sessions import appended_plan, session_run
from dataflows.engine.run import SessionRun
from governance.ports import Transaction
from governance.rows import Appended
from nodes.journal.account import AccountState, after_plan
from nodes.vocabulary.errors import EdgeError


class OutdatedPlanError(EdgeError):
    """The newest day plan was made by another session plan than that in force: make it anew and try again."""


def running_plan(service: Service, desk: Desk, transaction: Transaction) -> DayPlan:
    """The day plan that an account's orders are decided against now, inside an append.

    Raises:
        EdgeError: there is none.
        OutdatedPlanError: another session plan is in force than made it.
    """
    trace = desk.account(transaction).plan_trace
    plan = None if trace is None else service.day_plans.plan(service.store, desk.account_id, trace)
    if plan is None:
        message = f"account {desk.account_id!r} has no day plan; advance the session first"
        raise EdgeError(message, reason="session-closed")
    if plan.plan_digest != desk.active.generation.session.digest:
        message = f"day plan of account {desk.account_id!r} is being made anew for the policy in force; try again"
        raise OutdatedPlanError(message, reason="generation-changed")
    return plan


def replanned(service: Service, account_id: str) -> None:
    """Make an account's day plan anew under the generation in force, when another session plan had made it.

    The session run is made before the append; the append takes it if nothing moved meanwhile, and else runs again.
    """
    desk = service.desk(account_id, PLANNER)
    with service.store.reader() as reader:
        row = reader.account(account_id)
    state = None if row is None else desk.state(row.content)
    if state is None or state.decided_on is None:
        return
    run = session_run(desk, state, service.lake.calendar.close(state.decided_on))
    service.writer.submit(partial(_replanned, service, desk, state, run)).result()


PLANNER = "assay"
"""The principal of what a server does by itself."""


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
        plan_digest=run.trace.header.plan_digest,
        equity_usd=state.equity_usd,
        rows=plan_rows(run.values),
    )


def _replanned(
    service: Service, planner: Desk, planned: AccountState, run: SessionRun, transaction: Transaction
) -> None:
    desk = service.desk_under(service.generations.in_force(transaction), planner.account_id, planner.principal)
    desk.require_active(transaction)
    state, session_plan = desk.account(transaction), desk.active.generation.session
    if state.plan_trace is None or state.decided_on is None:
        return
    kept = service.day_plans.plan(service.store, desk.account_id, state.plan_trace)
    if kept is not None and kept.plan_digest == session_plan.digest:
        return
    same = state.decided_on == planned.decided_on and state.holdings == planned.holdings
    if not (same and state.equity_usd == planned.equity_usd and run.trace.header.plan_digest == session_plan.digest):
        run = session_run(desk, state, service.lake.calendar.close(state.decided_on))
    after = after_plan(state, state.decided_on, run.trace.digest)
    service.day_plans.keep(kept_plan(desk, appended_plan(desk, transaction, run, after), run, after))
