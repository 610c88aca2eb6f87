"""Sessions run one after the other for what they come to: on a log that is kept, or as a trial that is not.

Both go the way of the main job, through the same session and order plans, the same settlement, the same account:

    kept_run    on the desk's log, with every trace; can be verified and replayed; remembers the market's part
    trial_run   kept nowhere; session runs take the market's part as it was remembered and compute the account's

A trial under the same assumptions as the kept run it follows makes the same decisions under the same ids.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, TypeAlias, cast

import polars as pl

from api.use_cases.deciding import OrderRequest, decided
from api.use_cases.desk import ActiveGeneration, Desk
from api.use_cases.main_job import MAX_AHEAD
from api.use_cases.sessions import appended_plan, candidate_rows, has_decided, session_run
from api.use_cases.settlement import settled
from dataflows.backtest.shared import SharedSessions
from dataflows.engine.run import SessionRun
from governance.entries import Entry, EntryKind
from governance.ports import LogReader, LogStore, Transaction
from governance.rows import Activation
from governance.unkept import UnkeptLog
from nodes.journal.account import AccountState, after_plan

Progress: TypeAlias = Callable[[str, int, int], None]
TOLD = frozenset(
    {
        EntryKind.PLAN,
        EntryKind.DECISION,
        EntryKind.FILL,
        EntryKind.EXPIRY,
        EntryKind.CORPORATE_ACTION,
        EntryKind.CHARGE,
        EntryKind.REFUSAL,
    }
)
"""The kinds of entries that a run is made of."""


@dataclass(frozen=True)
class RunEntries:
    """What a run said, in order.

    Attributes:
        account_id: whose it is.
        entries: of the kinds in `TOLD`.
        body: the content of a body that they name.
    """

    account_id: str
    entries: tuple[Entry, ...]
    body: Callable[[bytes], bytes]

    def of_kind(self, kind: EntryKind) -> tuple[Entry, ...]:
        """The entries of one kind."""
        return tuple(entry for entry in self.entries if entry.kind is kind)


def kept_run(desk: Desk, sessions: Sequence[date], shared: SharedSessions, progress: Progress) -> None:
    """Sessions on the desk's log, each remembered in `shared`. A run that broke off goes on where it did."""
    for begin in range(0, len(sessions), MAX_AHEAD):
        some = sessions[begin : begin + MAX_AHEAD]
        futures = [desk.writer.submit(partial(_remembered, desk, day, shared)) for day in some]
        for future in futures:
            future.result()
        progress("sessions", min(begin + MAX_AHEAD, len(sessions)), len(sessions))


def trial_run(
    desk: Desk,
    sessions: Sequence[date],
    shared: SharedSessions,
    progress: Progress,
    actives: Mapping[date, ActiveGeneration] | None = None,
) -> RunEntries:
    """Sessions for a new account, kept nowhere; those that `shared` does not know yet are run whole.

    `actives` says what a session is decided under where that changes as the run goes on; by default what the desk runs.
    """
    active = desk.active
    strategy, digest = active.generation.policy.strategy, active.generation.policy_digest
    log = UnkeptLog(desk.store.origin, Activation(strategy, digest, active.sequence), active.champions)
    trial = dataclasses.replace(desk, store=cast("LogStore", log), memory={})
    transaction = cast("Transaction", log)
    for place, session_on in enumerate(sessions):
        now = (actives or {}).get(session_on, desk.active)
        if now is not trial.active:
            trial = dataclasses.replace(trial, active=now)
            log.decide_with(now.champions)
        if shared.has(session_on):
            state = settled(trial, transaction, session_on)
            _append(trial, session_on, shared.run(session_on, _account_fields(state)), state, transaction)
        else:
            _decide(trial, session_on, shared, transaction, desk.store)
        progress("trial", place + 1, len(sessions))
    told = tuple(entry for entry in log.entries if entry.kind in TOLD)
    return RunEntries(desk.account_id, told, log.body)


def run_entries(reader: LogReader, account_id: str) -> RunEntries:
    """What the log says of an account's run; bodies can be asked for while the reader is open."""
    records = reader.records(0, reader.head().size)
    entries = [record.entry for record in records if EntryKind(record.kind) in TOLD]
    own = tuple(entry for entry in entries if entry.facts.get("account_id") == account_id)
    return RunEntries(account_id, own, reader.body)


def _remembered(desk: Desk, session_on: date, shared: SharedSessions, transaction: Transaction) -> None:
    """A session on the log. One that was decided by an earlier run is run again to be remembered."""
    if has_decided(desk.account(transaction), session_on):
        return
    _decide(desk, session_on, shared, transaction, desk.store)


def _decide(desk: Desk, session_on: date, shared: SharedSessions, transaction: Transaction, models: LogStore) -> None:
    """A session, run whole; the model that scores it is read from `models`."""
    state = settled(desk, transaction, session_on)
    run = session_run(dataclasses.replace(desk, store=models), state, desk.lake.calendar.close(session_on))
    shared.keep(session_on, run)
    _append(desk, session_on, run, state, transaction)


def _append(desk: Desk, session_on: date, run: SessionRun, state: AccountState, transaction: Transaction) -> None:
    plan = appended_plan(desk, transaction, run, after_plan(state, session_on, run.trace.digest))
    trace = run.trace
    for row in candidate_rows(run):
        decided(desk, transaction, OrderRequest(session_on, trace.as_of, row, trace.digest, plan.entry_id))


def _account_fields(state: AccountState) -> dict[str, Any]:
    """What of a session's snapshot is the account's."""
    held = [(holding.symbol, holding.position_shares) for holding in state.holdings]
    schema = {"symbol": pl.String, "position_shares": pl.Int64}
    return {"positions": pl.DataFrame(held, schema=schema, orient="row"), "equity_usd": state.equity_usd}
