"""One session of the main job: settle, run the session, decide each candidate order.

Everything is as of the session's close. What is decided here is filled against the next session's bar
(`api.use_cases.settlement`), so no decision can see its own fill. The whole session is one append: after a crash it
happened or it did not, and a job that is started again goes on with the first session that did not.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any

import polars as pl

from api.use_cases.deciding import DecisionAnswer, OrderRequest, decided
from api.use_cases.desk import Desk
from api.use_cases.settlement import settled
from dataflows.engine.run import SessionRun
from dataflows.us_equities import history_sessions, order_rows
from governance.entries import Entry, EntryKind
from governance.ports import Transaction
from nodes.journal.account import AccountState, after_decisions


@dataclass(frozen=True)
class SessionOutcome:
    """What one session came to.

    Attributes:
        session_on: the session.
        answers: the answer to each candidate order, in the order in which they were decided.
        is_new: whether it was decided now; False when an earlier run had decided it.
        deciding_s: how long its decisions took, from the first order run to the commit.
    """

    session_on: date
    answers: tuple[DecisionAnswer, ...] = ()
    is_new: bool = False
    deciding_s: float = 0.0


@dataclass(frozen=True)
class _Session:
    """A session inside its append.

    Attributes:
        desk: whose.
        transaction: the append.
        session_on: the session.
        as_of: its close.
    """

    desk: Desk
    transaction: Transaction
    session_on: date
    as_of: datetime


def session_outcome(desk: Desk, session_on: date) -> SessionOutcome:
    """A session, settled, run and decided; durable when this returns."""
    outcome, deciding_from_s = desk.writer.submit(partial(_outcome, desk, session_on)).result()
    return replace(outcome, deciding_s=time.perf_counter() - deciding_from_s)


def _outcome(desk: Desk, session_on: date, transaction: Transaction) -> tuple[SessionOutcome, float]:
    """What a session comes to inside an append, and when deciding began."""
    desk.require_active(transaction)
    if _is_decided(desk.account(transaction), session_on):
        return SessionOutcome(session_on), time.perf_counter()
    session = _Session(desk, transaction, session_on, desk.lake.calendar.close(session_on))
    state = settled(desk, transaction, session_on)
    run = desk.active.session.session(session_snapshot(desk, state, session.as_of), session.as_of, (), desk.salt_key())
    deciding_from_s = time.perf_counter()
    answers = _decided_orders(session, run, state)
    return SessionOutcome(session_on, answers, is_new=True), deciding_from_s


def _is_decided(state: AccountState, session_on: date) -> bool:
    return state.decided_on is not None and state.decided_on >= session_on


def _decided_orders(session: _Session, run: SessionRun, state: AccountState) -> tuple[DecisionAnswer, ...]:
    """The plan entry of a session, then the answer to each of its candidate orders."""
    desk, rows = session.desk, candidate_rows(run)
    plan_entry = _appended_plan(session, run, state, len(rows))
    answers = tuple(
        decided(
            desk,
            session.transaction,
            OrderRequest(session.session_on, session.as_of, row, run.trace.digest, plan_entry),
        )
        for row in rows
    )
    after = after_decisions(desk.account(session.transaction), session.session_on)
    desk.save_account(session.transaction, after)
    return answers


def _appended_plan(session: _Session, run: SessionRun, state: AccountState, n_candidates: int) -> bytes:
    """The id of the plan entry, once appended with the trace and the snapshot's slices."""
    desk, trace = session.desk, run.trace
    trace_ref = session.transaction.put_body(trace.body)
    slices = tuple(session.transaction.put_body(part) for part in run.slices.values())
    facts = {
        "account_id": desk.account_id,
        "principal": desk.principal,
        "session_on": session.session_on,
        "equity_usd": state.equity_usd,
        "n_candidates": n_candidates,
        "trace_digest": trace.digest,
        "trace_ref": trace_ref,
        "plan_digest": trace.header.plan_digest,
        "policy_digest": trace.header.policy_digest,
        **desk.active.refs.facts,
    }
    bodies = tuple(dict.fromkeys((trace_ref, *desk.active.refs.facts.values(), *slices)))
    entry = Entry(EntryKind.PLAN, desk.store.origin, session.as_of, desk.clock(), facts, bodies)
    return session.transaction.append(entry).entry_id


def session_snapshot(desk: Desk, state: AccountState, as_of: datetime) -> Any:  # noqa: ANN401  # the dataflow's type
    """What the session run reads: bars up to the close, and the account as it was valued there."""
    window = desk.lake.session_window(as_of, history_sessions(desk.active.params))
    positions = pl.DataFrame(
        [(holding.symbol, holding.position_shares) for holding in state.holdings],
        schema={"symbol": pl.String, "position_shares": pl.Int64},
        orient="row",
    )
    return desk.active.generation.session.dataflow.snapshot(
        panel=window.panel,
        index_panel=window.index_panel,
        positions=positions,
        equity_usd=state.equity_usd,
        session_on=window.session_on,
    )


def candidate_rows(run: SessionRun) -> tuple[dict[str, Any], ...]:
    """The rows of a session run with a candidate order: sales first, since they make room, then by symbol."""
    rows = [row for row in order_rows(run.values).values() if row["proposed_order_shares"]]
    return tuple(sorted(rows, key=lambda row: (row["proposed_order_shares"] > 0, row["symbol"])))
