"""Where the told day plan is asked for: joined once for each plan, judged again when the account or a halt moves.

What was joined is a function of a log entry, so that it is kept under the entry's id; a source that was missing is
asked again after a while. One caller joins a plan, the others wait for what it finds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from adapters.upstreams.kept import How, Kept
from api.use_cases.day_plan import newest_plan_record
from api.use_cases.desk import environment_bytes
from api.use_cases.gate_policies import PolicyInForce, policy_in_force
from api.use_cases.gates import active_gate, checked_gate
from api.use_cases.planning import PLANNER
from api.use_cases.service import Service
from api.use_cases.signal_changes import pick_changes, selection_change
from api.use_cases.signal_join import Joined, joined, signals_in_force
from api.use_cases.signal_plan import Live, SignalPlan, signal_plan
from api.use_cases.signal_sources import Upstreams
from dataflows.engine.plan import Plan
from dataflows.engine.run import Runner
from dataflows.signals import PICKS
from governance.gate_counterfactual import GateChange
from governance.ports import LogReader
from governance.rows import Record
from nodes.journal.account import AccountState, account_from_bytes
from nodes.vocabulary.errors import EdgeError, LogError

KEPT_PLANS = 16
KEPT_RUNNERS = 4
ASKED_AGAIN_S = 30.0
"""How long a plan that lacks a source is told before the source is asked again."""
WHOLE_S = 86_400.0
"""How long a plan that lacks nothing is told before it is joined again: what it is made of does not change."""


def picks_in_force(reader: LogReader) -> PolicyInForce:
    """The policy of picks that a log runs; the shipped one where it runs none yet."""
    active = active_gate(reader, PICKS.name)
    return _shipped() if active is None else _activated(reader.body(active.refs["policy_ref"]), active.name)


@lru_cache(maxsize=1)
def _shipped() -> PolicyInForce:
    return policy_in_force(None, PICKS.name)


@lru_cache(maxsize=4)
def _activated(text: bytes, name: str) -> PolicyInForce:
    found = checked_gate(text, name)
    if found is None:
        message = f"active policy {name} of picks is no gate; verify the log"
        raise LogError(message)
    return PolicyInForce(*found, name)


@dataclass(frozen=True)
class _Entry:
    """A joined plan, when it was, and for how long it is told."""

    found: Joined
    joined_s: float
    fresh_s: float


class SignalDesk:
    """Tells the day plans of a service.

    Args:
        service: whose log and lake it reads.
        ask: where the sources are asked.
        monotonic_s: a clock that only goes forward.
    """

    def __init__(self, service: Service, ask: Upstreams, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._service, self._ask, self._monotonic_s = service, ask, monotonic_s
        self._joined: dict[bytes, _Entry] = {}
        self._told: dict[tuple[Any, ...], SignalPlan] = {}
        self._runners: dict[bytes, Runner] = {}
        self._joining = threading.Lock()

    def plan(self, reader: LogReader, account_id: str, as_of: datetime | None = None) -> Kept[SignalPlan]:
        """The newest day plan of an account as it is told, of those made as of an instant or before, with its age.

        As of an instant, nothing that is so now is told: neither halts nor previews against the account.

        Raises:
            EdgeError: the account has none.
            LogError: what the plan archives is missing or broken.
        """
        record = newest_plan_record(reader, account_id, as_of)
        if record is None:
            message = f"account {account_id!r} has no day plan yet; run a session first"
            raise EdgeError(message, reason="not-found")
        return self.told(reader, record, is_now=as_of is None)

    def told(self, reader: LogReader, record: Record, *, is_now: bool = True) -> Kept[SignalPlan]:
        """A day plan of the log as it is told, with the age of what was joined.

        Args:
            reader: of the log.
            record: the PLAN entry.
            is_now: whether it is told with what is so now: halts, and previews of its orders against the account where
                it is the account's newest.
        """
        kept, policy = self._found(reader, record), picks_in_force(reader)
        found = kept.answer
        live = self._live(reader, found) if is_now else Live(is_now=False)
        key = (found.run.trace.digest, policy.plan.digest, found.beside, live.content)
        told = self._told.get(key)
        if told is None:
            told = signal_plan(found, self._runner(policy.plan), live, (signals_in_force()[1], policy.name))
            self._told = dict([*self._told.items(), (key, told)][-KEPT_PLANS:])
        return Kept(told, kept.how, kept.age_s, kept.fresh_s, had_older=kept.had_older)

    def changes(self, reader: LogReader, record: Record, symbol: str) -> tuple[GateChange, ...]:
        """What would change the pick of a share: its place in the plan first, then whether it is shown."""
        found, judge = self._found(reader, record).answer, self._runner(picks_in_force(reader).plan)
        pick, chosen = self.told(reader, record, is_now=False).answer.pick(symbol), selection_change(found, symbol)
        shown = () if pick is None else pick_changes(pick, judge, found)
        return shown if chosen is None else (chosen, *shown)

    def _runner(self, plan: Plan) -> Runner:
        """What runs a plan: without salts, since nothing that it says is kept."""
        if plan.digest not in self._runners:
            made = Runner(plan, self._service.store.origin, environment_bytes(self._service.environment))
            self._runners = dict([*self._runners.items(), (plan.digest, made)][-KEPT_RUNNERS:])
        return self._runners[plan.digest]

    def _found(self, reader: LogReader, record: Record) -> Kept[Joined]:
        with self._joining:
            known, now_s = self._joined.get(record.entry_id), self._monotonic_s()
            if known is not None and now_s - known.joined_s < known.fresh_s:
                return Kept(known.found, How.FRESH, now_s - known.joined_s, known.fresh_s)
            found = joined(self._service, reader, record, self._ask)
            entry = _Entry(found, self._monotonic_s(), ASKED_AGAIN_S if found.is_degraded else WHOLE_S)
            self._joined = dict([*self._joined.items(), (record.entry_id, entry)][-KEPT_PLANS:])
            return Kept(found, How.ASKED, 0.0, entry.fresh_s, had_older=known is not None)

    def _live(self, reader: LogReader, found: Joined) -> Live:
        account_id = found.plan.account_id
        row = reader.account(account_id)
        state: AccountState | None = None if row is None else account_from_bytes(row.content)
        if state is None or state.plan_trace != found.plan.trace:
            return Live(self._halted())
        desk = self._service.desk(account_id, PLANNER)
        return Live(self._halted(), desk, state, self._runner(desk.active.order.plan))

    def _halted(self) -> frozenset[str] | None:
        return None if self._ask.halted is None else self._ask.halted()
