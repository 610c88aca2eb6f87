"""The day plan of an account: what its newest session run wants of each share, and what orders are decided against.

It is read back from the log: a PLAN entry and the trace that it archives say all of it. Each process keeps the newest
plan of each account in memory; the account's own state says, inside the append, whether that is still the one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from dataflows.engine.recorded import recorded_run
from dataflows.us_equities import order_rows
from governance.entries import EntryKind
from governance.ports import LogReader, LogStore
from governance.rows import Record

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
        plan_digest: digest of the session plan that ran.
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
    plan_digest: bytes
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
    run = recorded_run(reader.body(facts["trace_ref"]), reader.body(facts["session_manifest_ref"]))
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
        plan_digest=facts["plan_digest"],
        equity_usd=facts["equity_usd"],
        rows=plan_rows(run.values),
    )


def newest_day_plan(reader: LogReader, account_id: str, as_of: datetime | None = None) -> DayPlan | None:
    """The newest day plan of an account, of those made as of an instant or before; None before its first session."""
    before: int | None = None
    while page := reader.newest(EntryKind.PLAN, _PAGE, before):
        for record in page:
            entry = record.entry
            if entry.facts["account_id"] == account_id and (as_of is None or entry.as_of <= as_of):
                return recorded_day_plan(reader, record)
        before = page[-1].sequence
    return None


class DayPlans:
    """The newest day plan of each account, as this process last read or made it."""

    def __init__(self) -> None:
        self._plans: dict[str, DayPlan] = {}

    def keep(self, plan: DayPlan) -> None:
        """Keep a plan that was made here."""
        self._plans[plan.account_id] = plan

    def plan(self, store: LogStore, account_id: str, trace: bytes) -> DayPlan | None:
        """The account's plan with a trace, read from the log when another process made it; None when it has none."""
        kept = self._plans.get(account_id)
        if kept is not None and kept.trace == trace:
            return kept
        with store.reader() as reader:
            found = newest_day_plan(reader, account_id)
        if found is None or found.trace != trace:
            return None
        self._plans[account_id] = found
        return found
