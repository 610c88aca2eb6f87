"""Arming conditions, and asking those that are armed of the newest day plans.

A condition reads what the rules of the policy read: it is asked of the order run that the day plan's own candidate
order would be decided by now, account and market included, with nothing written. What is not known holds nothing: a
condition stays armed until it is known to hold, and fires once.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from adapters.sql.alert_board import AlertBoard
from adapters.sql.alert_tables import ArmedCondition, ArmedState, RaisedNotice
from api.use_cases.day_plan import DayPlan, PlanRow
from api.use_cases.deciding import OrderRequest, order_snapshot
from api.use_cases.desk import Desk
from api.use_cases.planning import PLANNER
from api.use_cases.service import Service
from api.use_cases.telling import Teller, require_line
from dataflows.engine.conditions import Condition, condition, readable_values
from dataflows.engine.plan import PROPOSED_SIZE, Plan
from nodes.journal.account import AccountState, account_from_bytes
from nodes.vocabulary.canonical import digest
from nodes.vocabulary.errors import EdgeError, PolicyError
from policies.alerting import Severity

ASKED_EVERY = timedelta(seconds=30)
"""How long a condition waits at most until it is asked again: no entry of the log tells that a quote grows old."""
_ID_BYTES = 6
_ID_DIGITS = 24
_MAX_TOLD = 20
CONDITION = "condition"


@dataclass(frozen=True, slots=True)
class ArmRequest:
    """A condition that somebody wants to hear of once.

    Attributes:
        condition: its text, in the language of rules.
        account_id: whose day plan it is asked of.
        symbol: of which share; "" for any of the plan.
        title: what it is about; "" for the condition itself.
        severity: of its alert.
        expires_at: when it is no longer asked; None for never.
    """

    condition: str
    account_id: str
    symbol: str = ""
    title: str = ""
    severity: Severity = "ticket"
    expires_at: datetime | None = None


def armed_condition(
    service: Service, board: AlertBoard, request: ArmRequest, principal: str
) -> tuple[ArmedCondition, bool]:
    """A condition, armed, and whether it is new: the very same one armed again is the one that is armed.

    Raises:
        PolicyError: its text is no condition over the policy in force.
        EdgeError: the account is not served, the symbol is not in its day plan, or it would expire in the past.
    """
    now = service.clock()
    require_line(request.title, "title")
    desk = service.desk(request.account_id, principal)
    asked = condition(request.condition, desk.active.generation.order)
    if request.expires_at is not None and request.expires_at <= now:
        raise EdgeError(f"condition would expire at {request.expires_at}, now it is {now}", reason="invalid")
    if request.symbol:
        _, plan = _planned(service, request.account_id)
        _row(plan, request.symbol)
    wanted = ArmedCondition(
        armed_id=f"arm-{secrets.token_hex(_ID_BYTES)}",
        title=request.title or asked.text,
        condition=asked.text,
        account_id=request.account_id,
        symbol=request.symbol,
        severity=request.severity,
        principal=principal,
        state=ArmedState.ARMED,
        because="",
        armed_at=now,
        changed_at=now,
        expires_at=request.expires_at,
    )
    return board.armed(wanted)


@dataclass
class ConditionWatch:
    """Asks armed conditions whenever the log has grown, and now and then when it has not: data grow old by themselves.

    Attributes:
        service: whose log and day plans.
        board: the conditions.
        teller: raises their alerts.
    """

    service: Service
    board: AlertBoard
    teller: Teller
    _seen: tuple[int, int] = (-1, -1)
    _asked_at: datetime | None = None

    def look(self) -> int:
        """Ask every armed condition, if anything can have changed since the last time. Returns how many fired."""
        now = self.service.clock()
        self.board.expired(now)
        waiting = self.board.conditions(ArmedState.ARMED)
        if not waiting:
            return 0
        with self.service.store.reader() as reader:
            seen = reader.head().size, waiting[-1][0]
        if seen == self._seen and self._asked_at is not None and now - self._asked_at < ASKED_EVERY:
            return 0
        n_fired = sum(self._asked(*found) for found in _by_account([each for _, each in waiting]))
        self._seen, self._asked_at = seen, now
        return n_fired

    def _asked(self, account_id: str, waiting: Sequence[ArmedCondition]) -> int:
        if account_id not in self.service.accounts:
            return 0
        try:
            state, plan = _planned(self.service, account_id)
        except EdgeError:  # it has no day plan: its conditions are asked when it does, for then the log has grown
            return 0
        runs = _Runs(self.service.desk(account_id, PLANNER), state, plan)
        return sum(self._fired(each, runs) for each in waiting)

    def _fired(self, armed: ArmedCondition, runs: _Runs) -> bool:
        try:
            asked = runs.condition(armed.condition)
            held = {
                symbol: read for symbol in _symbols(armed, runs.plan) if (read := runs.held(asked, symbol)) is not None
            }
        except (PolicyError, EdgeError) as error:  # the policy in force has no such node, or the plan no such share
            if armed.because != str(error):
                self.board.puzzled(armed.armed_id, str(error))
            return False
        if armed.because:
            self.board.puzzled(armed.armed_id, "")
        if not held:
            return False
        return self.teller.fired(armed.armed_id, condition_notice(armed, runs.plan, held))


def condition_notice(armed: ArmedCondition, plan: DayPlan, held: Mapping[str, Mapping[str, Any]]) -> RaisedNotice:
    """The alert of a condition: the shares that it held for, and what it read of each."""
    shown = list(held.items())[:_MAX_TOLD]
    told = [
        f"{symbol}: {', '.join(f'{name} {_text(value)}' for name, value in read.items())}" for symbol, read in shown
    ]
    more = f"; and {len(held) - len(shown)} more" if len(held) > len(shown) else ""
    detail = f"{armed.condition} holds for {'; '.join(told)}{more} (day plan of {plan.session_on})"
    return RaisedNotice(
        alert_id=f"alert-{digest('alert', CONDITION.encode(), armed.armed_id.encode()).hex()[:_ID_DIGITS]}",
        source=CONDITION,
        kind=CONDITION,
        severity=armed.severity,
        account_id=armed.account_id,
        symbol=next(iter(held)) if len(held) == 1 else "",
        title=armed.title,
        detail=detail,
        at=plan.as_of,
    )


class _Runs:
    """The order runs of an account's candidate orders, each made when it is first asked for; nothing is written."""

    def __init__(self, desk: Desk, state: AccountState, plan: DayPlan) -> None:
        self.plan = plan
        self._desk, self._state = desk, state
        self._order_plan: Plan = desk.active.generation.order
        self._conditions: dict[str, Condition] = {}
        self._values: dict[str, Mapping[str, Any]] = {}
        self._sized = frozenset(node.name for node in self._order_plan.nodes if node.is_sized) | {PROPOSED_SIZE}

    def condition(self, text: str) -> Condition:
        """A condition over the policy in force. Raises PolicyError when it has not what it reads."""
        if text not in self._conditions:
            self._conditions[text] = condition(text, self._order_plan)
        return self._conditions[text]

    def held(self, asked: Condition, symbol: str) -> Mapping[str, Any] | None:
        """What a condition read, if it holds for a share; None when it does not, or nobody knows."""
        row = _row(self.plan, symbol)
        if row.candidate_order_shares is None and self._sized.intersection(asked.names):
            return None  # no order could be computed, so that nothing is known of one
        if symbol not in self._values:
            self._values[symbol] = self._run(row)
        values = self._values[symbol]
        return asked.read(values) if asked.outcome(values) else None

    def _run(self, row: PlanRow) -> Mapping[str, Any]:
        fields = {**row.fields, PROPOSED_SIZE: row.candidate_order_shares or 0}
        request = OrderRequest(self.plan.session_on, self.plan.as_of, fields, self.plan.trace, self.plan.entry_id)
        snapshot = order_snapshot(self._desk, self._state, request)
        run = self._desk.active.order.order(snapshot, request.as_of, (request.session_trace,), self._desk.salt_key())
        return readable_values(snapshot, run.proposed)


def _planned(service: Service, account_id: str) -> tuple[AccountState, DayPlan]:
    """An account and its newest day plan. Raises EdgeError (session-closed) when it has none."""
    with service.store.reader() as reader:
        row = reader.account(account_id)
    state = None if row is None else account_from_bytes(row.content)
    plan = None
    if state is not None and state.plan_trace is not None:
        plan = service.day_plans.known(account_id, state.plan_trace)
        if plan is None:
            service.day_plans.read(service.store, [account_id])
            plan = service.day_plans.known(account_id, state.plan_trace)
    if state is None or plan is None:
        message = f"account {account_id!r} has no day plan; advance the session first"
        raise EdgeError(message, reason="session-closed")
    return state, plan


def _row(plan: DayPlan, symbol: str) -> PlanRow:
    found = plan.rows.get(symbol)
    if found is None:
        message = f"{symbol!r} is not in the day plan of account {plan.account_id!r}; name one of its symbols"
        raise EdgeError(message, reason="unknown-symbol")
    return found


def _symbols(armed: ArmedCondition, plan: DayPlan) -> tuple[str, ...]:
    return (armed.symbol,) if armed.symbol else tuple(plan.rows)


def _by_account(waiting: Sequence[ArmedCondition]) -> Iterator[tuple[str, Sequence[ArmedCondition]]]:
    for account_id in dict.fromkeys(each.account_id for each in waiting):
        yield account_id, [each for each in waiting if each.account_id == account_id]


def _text(value: Any) -> str:  # noqa: ANN401  # a value of any node
    if value is None:
        return "unknown"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
