"""One session of the main job: settle, run the session, decide each candidate order.

Everything is as of the session's close. What is decided here is filled against the next session's bar
(`api.use_cases.settlement`), so no decision can see its own fill. A session that was interrupted is taken up where it
stopped: settling and deciding are one transaction each, and the account says which of them happened.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, datetime
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
        append_s: how long the append of its decisions took, commit included.
    """

    session_on: date
    answers: tuple[DecisionAnswer, ...]
    is_new: bool
    append_s: float = 0.0


def session_outcome(desk: Desk, session_on: date) -> SessionOutcome:
    """A session, settled, run and decided; durable when this returns."""
    state = desk.writer.submit(lambda transaction: settled(desk, transaction, session_on)).result()
    if state.decided_on is not None and state.decided_on >= session_on:
        return SessionOutcome(session_on, (), is_new=False)
    as_of = desk.lake.calendar.close(session_on)
    run = desk.active.session.session(session_snapshot(desk, state, as_of), as_of, (), desk.salt_key())
    work = _Deciding(desk, session_on, as_of, run, state)
    started_s = time.perf_counter()
    answers = desk.writer.submit(work).result()
    return SessionOutcome(session_on, answers, is_new=True, append_s=time.perf_counter() - started_s)


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


@dataclass(frozen=True)
class _Deciding:
    """The append of one session: its plan entry, then every decision."""

    desk: Desk
    session_on: date
    as_of: datetime
    run: SessionRun
    settled: AccountState

    def __call__(self, transaction: Transaction) -> tuple[DecisionAnswer, ...]:
        """The answers, once appended."""
        self.desk.require_active(transaction)
        rows = candidate_rows(self.run)
        plan_entry = self._append_plan(transaction, len(rows))
        trace = self.run.trace.digest
        requests = [OrderRequest(self.session_on, self.as_of, row, trace, plan_entry) for row in rows]
        answers = tuple(decided(self.desk, transaction, request) for request in requests)
        state = after_decisions(self.desk.account(transaction), self.session_on)
        self.desk.save_account(transaction, state)
        return answers

    def _append_plan(self, transaction: Transaction, n_candidates: int) -> bytes:
        trace = self.run.trace
        trace_ref = transaction.put_body(trace.body)
        slices = tuple(transaction.put_body(part) for part in self.run.slices.values())
        facts = {
            "account_id": self.desk.account_id,
            "principal": self.desk.principal,
            "session_on": self.session_on,
            "equity_usd": self.settled.equity_usd,
            "n_candidates": n_candidates,
            "trace_digest": trace.digest,
            "trace_ref": trace_ref,
            "plan_digest": trace.header.plan_digest,
            "policy_digest": trace.header.policy_digest,
            **self.desk.active.refs.facts,
        }
        bodies = tuple(dict.fromkeys((trace_ref, *self.desk.active.refs.facts.values(), *slices)))
        entry = Entry(EntryKind.PLAN, self.desk.store.origin, self.as_of, self.desk.clock(), facts, bodies)
        return transaction.append(entry).entry_id
