"""Deciding inside the append: each order sees the exposure of those before it, and only the durable is acknowledged.

Inside one write transaction: the active generation is compared with ours, the account and the idempotency key are
read, the order run is made, and entry, bodies, answer, outbound order and account are written. The caller commits.

An idempotency key is the session and the symbol. It knows nothing of the policy, so that a second policy cannot
order the same thing twice: the same key with another request is refused, the same request is answered as before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from api.use_cases.desk import Desk
from dataflows.engine.decision import Decision
from dataflows.engine.run import OrderRun
from governance.entries import Entry, EntryKind, cl_ord_id, decision_id
from governance.ports import Transaction
from governance.rows import Answer, OutboundOrder
from nodes.journal.account import AccountState, PendingOrder, after_order
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import decode, digest, encode
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.verdict import Action

_ROUTE = ("limit_price_usd", "estimated_spread_bps", "volatility_frac")


@dataclass(frozen=True)
class OrderRequest:
    """One candidate order to decide.

    Attributes:
        session_on: the session at whose close it is decided.
        as_of: that close.
        row: the fields of the order snapshot that the session run fills, symbol and proposed size included.
        session_trace: digest of the session run's trace.
        plan_entry: id of the log entry of the session run.
    """

    session_on: date
    as_of: datetime
    row: Mapping[str, Any]
    session_trace: bytes
    plan_entry: bytes

    @property
    def symbol(self) -> str:
        """Of which share."""
        return str(self.row["symbol"])

    @property
    def key(self) -> str:
        """The idempotency key."""
        return f"{self.session_on.isoformat()}/{self.symbol}"

    @property
    def digest(self) -> bytes:
        """What is asked, so that another request under the same key is known for one."""
        return digest("request", encode(dict(self.row)), encode(self.as_of), self.session_trace)


@dataclass(frozen=True)
class DecisionAnswer:
    """What the asker is told.

    Attributes:
        decision_id: the decision.
        symbol: of which share.
        verdict: pass, warn, clip, review or deny.
        action: act, hold or deny.
        proposed_order_shares: what was asked for.
        order_shares: what may be sent.
        reasons: of each rule that was not content: rule id, verdict, expert text, beginner text.
        size_reason: why a clip left nothing to send, or "".
        venue: where it goes; "" when it goes nowhere.
        limit_price_usd: at which limit; None when it goes nowhere.
    """

    decision_id: bytes
    symbol: str
    verdict: str
    action: str
    proposed_order_shares: int
    order_shares: int
    reasons: tuple[tuple[str, str, str, str], ...]
    size_reason: str
    venue: str
    limit_price_usd: Decimal | None


def answer_from_bytes(data: bytes) -> DecisionAnswer:
    """The answer that was kept."""
    return DecisionAnswer(**decode(data))


def decided(desk: Desk, transaction: Transaction, request: OrderRequest) -> DecisionAnswer:
    """The answer to a request: decided now, or as it was decided before.

    Raises:
        EdgeError: the key was used for another request, or another policy is active than this process runs.
    """
    kept = transaction.answer(desk.account_id, request.key)
    if kept is not None:
        return _kept_answer(desk, request, kept)
    desk.require_active(transaction)
    state = desk.account(transaction)
    snapshot = order_snapshot(desk, state, request)
    run = desk.active.order.order(snapshot, request.as_of, (request.session_trace,), desk.salt_key())
    answer = _answer(desk, request, run)
    order = _order(request, run, answer)
    changes = {} if order is None else {"account_digest": desk.save_account(transaction, after_order(state, order))}
    _append_decision(desk, transaction, request, run, answer, changes)
    if order is not None:
        _send(desk, transaction, order)
    elif answer.action == Action.ACT.value:
        _refuse(desk, transaction, request, run, answer)
    kept = Answer(desk.account_id, request.key, request.digest, answer.decision_id, encode(answer))
    transaction.save_answer(kept)
    return answer


def order_snapshot(desk: Desk, state: AccountState, request: OrderRequest) -> Any:  # noqa: ANN401  # the dataflow's type
    """What the order run reads: the session's row and the account as it is inside the append."""
    symbol = request.symbol
    account = {
        "position_shares": state.position_shares(symbol),
        "pending_buy_shares": state.pending_buy_shares(symbol),
        "pending_sell_shares": state.pending_sell_shares(symbol),
        "cash_usd": state.free_cash_usd,
        "equity_usd": state.equity_usd,
        "gross_exposure_usd": state.gross_exposure_usd,
        "peak_equity_usd": state.peak_equity_usd,
        "day_start_equity_usd": state.day_start_equity_usd,
        "orders_today_count": len(state.orders_today),
        "same_orders_today_count": state.same_orders_today_count(symbol, request.row["proposed_order_shares"]),
        "kill_switch_is_engaged": state.kill_switch_is_engaged,
    }
    return desk.active.generation.order.dataflow.snapshot(**request.row, **account)


def _kept_answer(desk: Desk, request: OrderRequest, kept: Answer) -> DecisionAnswer:
    if kept.request_digest != request.digest:
        message = (
            f"key {request.key!r} of account {desk.account_id!r} was used for another request, answered by decision "
            f"{kept.decision_id.hex()}; ask under a new key"
        )
        raise EdgeError(message)
    return answer_from_bytes(kept.body)


def _answer(desk: Desk, request: OrderRequest, run: OrderRun) -> DecisionAnswer:
    decision, values = run.decision, run.values
    acts = decision.action is Action.ACT
    venue, limit = values["venue"], values["limit_price_usd"]
    return DecisionAnswer(
        decision_id=decision_id(desk.store.origin, run.trace.digest, desk.principal, request.key),
        symbol=request.symbol,
        verdict=decision.verdict.label,
        action=decision.action.value,
        proposed_order_shares=request.row["proposed_order_shares"],
        order_shares=decision.order_shares,
        reasons=tuple((rule.rule_id, rule.verdict.label, rule.because, rule.plain) for rule in decision.failed),
        size_reason=decision.size_reason,
        venue="" if not acts or isinstance(venue, Absent) else venue,
        limit_price_usd=None if not acts or isinstance(limit, Absent) else limit,
    )


def _append_decision(  # noqa: PLR0913, PLR0917  # one decision and what it rests on
    desk: Desk,
    transaction: Transaction,
    request: OrderRequest,
    run: OrderRun,
    answer: DecisionAnswer,
    changes: Mapping[str, Any],
) -> None:
    """Append the decision; `changes` says which state of the account follows from it, if another does."""
    trace_ref = transaction.put_body(run.trace.body)
    facts = {
        "decision_id": answer.decision_id,
        "account_id": desk.account_id,
        "principal": desk.principal,
        "key": request.key,
        "session_on": request.session_on,
        "symbol": answer.symbol,
        "verdict": answer.verdict,
        "action": answer.action,
        "proposed_order_shares": answer.proposed_order_shares,
        "order_shares": answer.order_shares,
        "reasons": _reason_words(run.decision),
        "request_digest": request.digest,
        "trace_digest": run.trace.digest,
        "trace_ref": trace_ref,
        "plan_digest": run.trace.header.plan_digest,
        "policy_digest": run.trace.header.policy_digest,
        **desk.active.refs.facts,
        **changes,
    }
    bodies = (trace_ref, *desk.active.refs.facts.values())
    entry = Entry(
        EntryKind.DECISION, desk.store.origin, request.as_of, desk.clock(), facts, bodies, (request.plan_entry,)
    )
    transaction.append(entry)


def _reason_words(decision: Decision) -> tuple[str, ...]:
    """Ids of the rules that were not content, gravest first."""
    return tuple(rule.rule_id for rule in decision.failed)


def _order(request: OrderRequest, run: OrderRun, answer: DecisionAnswer) -> PendingOrder | None:
    """The order that an accepted decision lets out; None without one, and when it has no limit price to go out at."""
    limit_price_usd, spread_bps, volatility_frac = (run.values[name] for name in _ROUTE)
    if answer.action != Action.ACT.value or isinstance(limit_price_usd, Absent):
        return None
    return PendingOrder(
        request.key,
        answer.decision_id,
        answer.symbol,
        answer.order_shares,
        limit_price_usd,
        _present(spread_bps),
        _present(volatility_frac),
    )


def _send(desk: Desk, transaction: Transaction, order: PendingOrder) -> None:
    order_id = cl_ord_id(desk.account_id, order.order_key)
    transaction.send(OutboundOrder(order_id, desk.account_id, order.decision_id, encode(order)))


def _refuse(desk: Desk, transaction: Transaction, request: OrderRequest, run: OrderRun, answer: DecisionAnswer) -> None:
    facts = {
        "decision_id": answer.decision_id,
        "account_id": desk.account_id,
        "key": request.key,
        "symbol": answer.symbol,
        "reason": f"the order has no limit price: {run.values[_ROUTE[0]]}",
    }
    transaction.append(Entry(EntryKind.REFUSAL, desk.store.origin, request.as_of, desk.clock(), facts))


def _present(value: float | Absent) -> float | None:
    return None if isinstance(value, Absent) else value
