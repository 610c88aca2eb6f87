"""The day plan of an account: what its newest session run wants of each share, and what orders are decided against.

It is read back from the log: a PLAN entry and the trace that it archives say all of it. Each process keeps the newest
plan of each account in memory; the account's own state says, inside the append, whether that is still the one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from dataflows.engine.recorded import RecordedRun, recorded_run
from dataflows.models import session_computation
from dataflows.us_equities import order_rows
from governance.entries import EntryKind
from governance.ports import LogReader, LogStore
from governance.rows import Record
from governance.verify_registry import CHAMPIONS
from nodes.journal.account import AccountState, account_from_bytes

_PAGE = 32
_TARGET = "target_shares"


@dataclass(frozen=True, slots=True)
class PlanRow:
    """What a session run wants of one share.

    Attributes:
        symbol: the share.
        target_weight_frac: the part of the account that it should be; None when none could be computed.
        target_shares: as many shares; None likewise.
        candidate_order_shares: the order that would lead there, 0 for none; None likewise.
        composite_score: how the signals score it; None likewise.
        fields: the fields of the order snapshot that the run fills.
    """

    symbol: str
    target_weight_frac: float | None
    target_shares: int | None
    candidate_order_shares: int | None
    composite_score: float | None
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class DayPlan:
    """The plan that orders of one session are decided against.

    Attributes:
        account_id: whose it is.
        session_on: the session at whose close it was made.
        as_of: that close.
        recorded_at: when the log learned of it.
        entry_id: id of its log entry.
        sequence: place of that entry in the log.
        trace: digest of the session run's trace.
        policy: family of the policy that made it.
        version: the policy's version.
        policy_digest: its digest.
        computation_digest: of what ran, whichever policy it was compiled from: the session plan, the model that scored.
        equity_usd: worth of the account at the close.
        rows: by symbol.
    """

    account_id: str
    session_on: date
    as_of: datetime
    recorded_at: datetime
    entry_id: bytes
    sequence: int
    trace: bytes
    policy: str
    version: int
    policy_digest: bytes
    computation_digest: bytes
    equity_usd: Any
    rows: Mapping[str, PlanRow]


def plan_rows(values: Mapping[str, Any]) -> dict[str, PlanRow]:
    """The rows of a session run, live or read back, by symbol."""
    targets = values[_TARGET]
    rows = order_rows(values)
    shares = targets.to_list() if isinstance(targets, pl.Series) else [None] * len(rows)
    return {
        symbol: PlanRow(
            symbol=symbol,
            target_weight_frac=fields["target_weight_frac"],
            target_shares=target,
            candidate_order_shares=fields["proposed_order_shares"],
            composite_score=fields["composite_score"],
            fields=fields,
        )
        for (symbol, fields), target in zip(rows.items(), shares, strict=True)
    }


def recorded_day_plan(reader: LogReader, record: Record) -> DayPlan:
    """The day plan that a PLAN entry records. Raises LogError when what it archives cannot be read."""
    facts = record.entry.facts
    return day_plan_of(
        record, recorded_run(reader.body(facts["trace_ref"]), reader.body(facts["session_manifest_ref"]))
    )


def day_plan_of(record: Record, run: RecordedRun) -> DayPlan:
    """The day plan that a PLAN entry records, its session run read back."""
    facts = record.entry.facts
    return DayPlan(
        account_id=facts["account_id"],
        session_on=facts["session_on"],
        as_of=record.entry.as_of,
        recorded_at=record.entry.recorded_at,
        entry_id=record.entry_id,
        sequence=record.sequence,
        trace=facts["trace_digest"],
        policy=facts["policy"],
        version=facts["version"],
        policy_digest=facts["policy_digest"],
        computation_digest=session_computation(run.plan, facts.get(CHAMPIONS, {})),
        equity_usd=facts["equity_usd"],
        rows=plan_rows(run.values),
    )


def newest_day_plan(reader: LogReader, account_id: str, as_of: datetime | None = None) -> DayPlan | None:
    """The newest day plan of an account, of those made as of an instant or before; None before its first session."""
    record = newest_plan_record(reader, account_id, as_of)
    return None if record is None else recorded_day_plan(reader, record)


def newest_plan_record(reader: LogReader, account_id: str, as_of: datetime | None = None) -> Record | None:
    """The entry of that plan."""
    for record in _plan_records(reader):
        entry = record.entry
        if entry.facts["account_id"] == account_id and (as_of is None or entry.as_of <= as_of):
            return record
    return None


def newest_day_plans(reader: LogReader, account_ids: Collection[str]) -> Iterator[DayPlan]:
    """The newest day plan of each of some accounts that has one, newest first: the log is gone through once."""
    wanted = set(account_ids)
    for record in _plan_records(reader) if wanted else ():
        account_id = record.entry.facts["account_id"]
        if account_id in wanted:
            wanted.remove(account_id)
            yield recorded_day_plan(reader, record)
            if not wanted:
                return


def _plan_records(reader: LogReader) -> Iterator[Record]:
    """The PLAN entries of a log, newest first."""
    before: int | None = None
    while page := reader.newest(EntryKind.PLAN, _PAGE, before):
        yield from page
        before = page[-1].sequence


class DayPlans:
    """The newest day plan of each account, as this process last read or made it.

    An append only asks for what is known. Reading takes a session run's trace apart, which is work for another thread.
    """

    def __init__(self) -> None:
        self._plans: dict[str, DayPlan] = {}
        self._newest_sequence = -1

    def keep(self, plan: DayPlan) -> None:
        """Keep a plan that was made here."""
        self._plans[plan.account_id] = plan

    def known(self, account_id: str, trace: bytes) -> DayPlan | None:
        """The account's plan with a trace; None when it is not known here."""
        kept = self._plans.get(account_id)
        return kept if kept is not None and kept.trace == trace else None

    def read(self, store: LogStore, account_ids: Collection[str]) -> None:
        """Read the newest plan of each account from the log. Not for use inside an append: it is slow."""
        with store.reader() as reader:
            for plan in newest_day_plans(reader, account_ids):
                self.keep(plan)

    def read_newer(self, store: LogStore, account_ids: Collection[str]) -> None:
        """Read what was planned since this was asked last, by whatever process, and is not known here."""
        with store.reader() as reader:
            newest = reader.newest(EntryKind.PLAN, 1)
            sequence = newest[0].sequence if newest else -1
            if sequence == self._newest_sequence:
                return
            rows = [reader.account(account_id) for account_id in account_ids]
        states = [account_from_bytes(row.content) for row in rows if row is not None]
        self.read(store, [state.account_id for state in states if not self._knows(state)])
        self._newest_sequence = sequence

    def _knows(self, state: AccountState) -> bool:
        return state.plan_trace is None or self.known(state.account_id, state.plan_trace) is not None
