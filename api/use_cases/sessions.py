"""One session of the main job: settle, run the session, decide each candidate order.

Everything is as of the session's close. What is decided here is filled against the next session's bar
(`api.use_cases.settlement`), so no decision can see its own fill. The whole session is one append: after a crash it
happened or it did not, and a job that is started again goes on with the first session that did not.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

import polars as pl

from adapters.lake.lake import Lake
from adapters.lake.session_instants import session_closes
from api.use_cases.broker import Broker
from api.use_cases.deciding import DecisionAnswer, OrderRequest, decided
from api.use_cases.desk import Desk
from api.use_cases.session_models import scored_by, session_model
from api.use_cases.settlement import settled
from dataflows.engine.plan import Plan
from dataflows.engine.run import Runner, SessionRun
from dataflows.models import MODEL
from dataflows.us_equities import history_sessions, order_rows
from governance.entries import Entry, EntryKind
from governance.ports import Transaction
from governance.rows import Appended
from governance.tables import tables_cited, tables_facts
from governance.verify_registry import SCORED_BY
from nodes.journal.account import AccountState, after_plan
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.errors import DataError

_TEXTS = "text_scores"


@dataclass(frozen=True)
class SessionOutcome:
    """What one session came to.

    Attributes:
        session_on: the session.
        answers: the answer to each candidate order, in the order in which they were decided.
        is_new: whether it was decided now; False when an earlier run had decided it.
        deciding_s: how long its decisions took inside the append, the commit apart.
    """

    session_on: date
    answers: tuple[DecisionAnswer, ...] = ()
    is_new: bool = False
    deciding_s: float = 0.0


@dataclass(frozen=True)
class PlannedSession:
    """A session inside its append, settled and planned.

    Attributes:
        session_on: the session.
        as_of: its close.
        run: the session run.
        plan: the log entry that records it.
    """

    session_on: date
    as_of: datetime
    run: SessionRun
    plan: Appended


def session_outcome(desk: Desk, session_on: date) -> SessionOutcome:
    """A session, settled, run and decided; durable when this returns."""
    return submitted_session(desk, session_on).result()


def submitted_session(desk: Desk, session_on: date) -> Future[SessionOutcome]:
    """A session on its way: settled, run and decided after those submitted before it, durable when it is done.

    Sessions that wait together share a commit.
    """
    return desk.writer.submit(partial(_outcome, desk, session_on))


def _outcome(desk: Desk, session_on: date, transaction: Transaction) -> SessionOutcome:
    """What a session comes to inside an append. Raises DataError when the session before it was not decided."""
    desk.require_active(transaction)
    if has_decided(desk.account(transaction), session_on):
        return SessionOutcome(session_on)
    planned = planned_session(desk, transaction, session_on)
    started_s = time.perf_counter()
    answers = _decided_orders(desk, transaction, planned)
    return SessionOutcome(session_on, answers, is_new=True, deciding_s=time.perf_counter() - started_s)


def has_decided(state: AccountState, session_on: date) -> bool:
    """Whether an account has come as far as a session already."""
    return state.decided_on is not None and state.decided_on >= session_on


def planned_session(
    desk: Desk, transaction: Transaction, session_on: date, broker: Broker | None = None
) -> PlannedSession:
    """A session settled, run and planned inside an append. Raises DataError when it is not the account's next one."""
    _require_next(desk, desk.account(transaction), session_on)
    as_of = desk.lake.calendar.close(session_on)
    state = settled(desk, transaction, session_on, broker)
    run = session_run(desk, state, as_of)
    plan = appended_plan(desk, transaction, run, after_plan(state, session_on, run.trace.digest))
    return PlannedSession(session_on, as_of, run, plan)


def session_run(desk: Desk, state: AccountState, as_of: datetime) -> SessionRun:
    """The session run of an account as it was valued at a close."""
    session = desk.active.session
    session_on = desk.lake.calendar.latest(as_of)
    model = session_model(desk.store, session.plan, desk.active.champions, session_on)
    return account_run(session, desk.lake, state, as_of, desk.salt_key(), model)


def account_run(  # noqa: PLR0913, PLR0917  # what a session run reads
    session: Runner,
    lake: Lake,
    state: AccountState,
    as_of: datetime,
    key: bytes | None,
    model: pl.DataFrame | Absent | None = None,
) -> SessionRun:
    """The same under any session plan, in force or not, with any model. `key` is the salt key of a salted trace."""
    snapshot = session_snapshot(session.plan, lake, state, as_of, model)
    return session.session(snapshot, as_of, tables_cited(lake.tables), key)


def _require_next(desk: Desk, state: AccountState, session_on: date) -> None:
    """Orders are for the next session only, so none may be left out once the account has begun."""
    if state.decided_on is None:
        return
    wanted_on = desk.lake.calendar.after(state.decided_on)
    if session_on != wanted_on:
        message = (
            f"account {state.account_id} was last decided at the close of {state.decided_on}; session {session_on} was "
            f"asked for, expected {wanted_on}; run every session in turn"
        )
        raise DataError(message)


def _decided_orders(desk: Desk, transaction: Transaction, planned: PlannedSession) -> tuple[DecisionAnswer, ...]:
    """The answer to each candidate order of a session."""
    trace, plan_entry = planned.run.trace.digest, planned.plan.entry_id
    return tuple(
        decided(desk, transaction, OrderRequest(planned.session_on, planned.as_of, row, trace, plan_entry))
        for row in candidate_rows(planned.run)
    )


def appended_plan(desk: Desk, transaction: Transaction, run: SessionRun, state: AccountState) -> Appended:
    """The plan entry, appended with the trace, the snapshot's slices and the account, which is saved, that it read."""
    trace, policy = run.trace, desk.active.generation.policy
    trace_ref = transaction.put_body(trace.body)
    slices = tuple(transaction.put_body(part) for part in run.slices.values())
    facts = {
        "account_id": desk.account_id,
        "principal": desk.principal,
        "session_on": state.decided_on,
        "account_digest": desk.save_account(transaction, state),
        "equity_usd": state.equity_usd,
        "n_candidates": len(candidate_rows(run)),
        "policy": policy.family,
        "version": policy.version,
        "trace_digest": trace.digest,
        "trace_ref": trace_ref,
        "plan_digest": trace.header.plan_digest,
        "policy_digest": trace.header.policy_digest,
        **desk.active.refs.facts,
        **desk.active.champion_facts,
        **scored_facts(run.values, desk.active.session.plan),
        **tables_facts(desk.lake.tables),
    }
    bodies = tuple(dict.fromkeys((trace_ref, *desk.active.refs.facts.values(), *slices)))
    return transaction.append(Entry(EntryKind.PLAN, desk.store.origin, trace.as_of, desk.clock(), facts, bodies))


def scored_facts(values: Mapping[str, Any], plan: Plan) -> dict[str, Any]:
    """The model that scored a session run as a fact of its entry, which verification checks; {} where none did."""
    scored = scored_by(plan, values)
    return {SCORED_BY: scored} if scored else {}


def session_snapshot(
    plan: Plan, lake: Lake, state: AccountState, as_of: datetime, model: pl.DataFrame | Absent | None = None
) -> Any:  # noqa: ANN401  # the dataflow's type
    """What the session run reads: bars up to the close, the account as it was valued there, and the model."""
    positions = pl.DataFrame(
        [(holding.symbol, holding.position_shares) for holding in state.holdings],
        schema={"symbol": pl.String, "position_shares": pl.Int64},
        orient="row",
    )
    scoring = {MODEL: model} if MODEL in plan.inputs else {}
    return plan.dataflow.snapshot(
        positions=positions,
        equity_usd=state.equity_usd,
        **market_fields(plan, lake, as_of),
        **scoring,
    )


def market_fields(plan: Plan, lake: Lake, as_of: datetime) -> dict[str, Any]:
    """What of a session's snapshot comes from the lake; texts only where the plan reads them."""
    window = lake.session_window(as_of, history_sessions(plan.params))
    fields = {"panel": window.panel, "index_panel": window.index_panel, "session_on": window.session_on}
    if all(node.name != _TEXTS for node in plan.nodes):
        return fields
    closes = session_closes(window.panel["session_on"]).cast(pl.Datetime("ns", "UTC")).alias("closed_at")
    return {**fields, "panel": window.panel.with_columns(closes), _TEXTS: lake.texts_known(as_of)}


def candidate_rows(run: SessionRun) -> tuple[dict[str, Any], ...]:
    """The rows of a session run with a candidate order: sales first, since they make room, then by symbol."""
    rows = [row for row in order_rows(run.values).values() if row["proposed_order_shares"]]
    return tuple(sorted(rows, key=lambda row: (row["proposed_order_shares"] > 0, row["symbol"])))
