"""Deciding inside the append: each order sees the exposure of those before it, and only the durable is acknowledged.

Inside one write transaction: the active generation is compared with ours, the account and the idempotency key are
read, the order run is made, and entry, bodies, answer, outbound order and account are written. The caller commits.

The main job's idempotency key is the session and the symbol; a client brings its own (`api.use_cases.ordering`). A key
knows nothing of the policy, so that a second policy cannot order the same thing twice: the same key with another
request is refused, the same request is answered as before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from api.use_cases.desk import Desk
from api.use_cases.event_facts import event_facts
from api.use_cases.locates import claimed_shares, locate_facts, reads_lists
from api.use_cases.throttles import throttle, trips
from api.use_cases.venues import venue_facts
from dataflows.engine.decision import RuleOutcome
from dataflows.engine.run import OrderRun
from governance.entries import Entry, EntryKind, cl_ord_id, decision_id
from governance.ports import Transaction
from governance.rows import Answer, OutboundOrder
from nodes.journal.account import AccountState, after_order
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import decode, digest, encode
from nodes.vocabulary.errors import EdgeError, LogError
from nodes.vocabulary.orders import IS_SHORT, PendingOrder
from nodes.vocabulary.shapes import fields_bytes, struct_bytes
from nodes.vocabulary.verdict import Action

INSTRUCTIONS = "instructions"
"""The fact that says how a client wants the order to be worked."""
_ROUTE = ("limit_price_usd", "estimated_spread_bps", "volatility_frac")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client asks in its own words.

    Attributes:
        key: the idempotency key, as the log keeps it.
        digest: of all that is asked, so that another request under the same key is known for one.
        facts: what of it the log is to remember.
    """

    key: str
    digest: bytes
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class OrderRequest:
    """One candidate order to decide.

    Attributes:
        session_on: the session at whose close it is decided.
        as_of: that close.
        row: the fields of the order snapshot that the session run fills, symbol and proposed size included.
        session_trace: digest of the session run's trace.
        plan_entry: id of the log entry of the session run.
        asked: what a client asked; None for a candidate of the session run itself.
        replaces: ClOrdIDs of the orders whose place it is to take, newest first; () for an order of its own.
        quotes: what venues quote, as `nodes.kernels.routing.venues.books_text` writes it; "" where nobody quotes.
    """

    session_on: date
    as_of: datetime
    row: Mapping[str, Any]
    session_trace: bytes
    plan_entry: bytes
    asked: Asked | None = None
    replaces: tuple[str, ...] = ()
    quotes: str = ""

    @property
    def symbol(self) -> str:
        """Of which share."""
        return str(self.row["symbol"])

    @property
    def key(self) -> str:
        """The idempotency key."""
        return f"{self.session_on.isoformat()}/{self.symbol}" if self.asked is None else self.asked.key

    @property
    def digest(self) -> bytes:
        """What is asked, so that another request under the same key is known for one."""
        if self.asked is not None:
            return self.asked.digest
        return digest("request", encode(dict(self.row)), encode(self.as_of), self.session_trace)

    @property
    def facts(self) -> Mapping[str, Any]:
        """What the log remembers of what a client asked."""
        return {} if self.asked is None else self.asked.facts

    @property
    def instructions(self) -> Mapping[str, Any]:
        """What of that says how the order is to be worked, as its bytes say it too; {} where nothing does."""
        return {name: value for name, value in self.facts.items() if name == INSTRUCTIONS}


@dataclass(frozen=True, slots=True)
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
        size_reason: why a clip left nothing to send, or why what was decided cannot go out; or "".
        venue: where it goes; "" when it goes nowhere.
        limit_price_usd: at which limit; None when it goes nowhere.
        route: how it is split: venue, shares, limit in 1/10,000 USD and auction, take or post of each child order; ()
            when it goes nowhere.
        cl_ord_id: ClOrdID of the order that goes out; None when none does.
        as_of: close of the session that it was decided at.
        decided_at: when it was decided, by the shell's clock.
        policy_digest: the policy that decided.
        plan_entry: id of the log entry of the day plan that it rests on.
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
    route: tuple[tuple[str, int, int, str], ...]
    cl_ord_id: str | None
    as_of: datetime
    decided_at: datetime
    policy_digest: bytes
    plan_entry: bytes


_ORDER_FIELDS = tuple(field.name for field in fields(PendingOrder))
_ANSWER_FIELDS = tuple(field.name for field in fields(DecisionAnswer))


def answer_bytes(answer: DecisionAnswer) -> bytes:
    """The answer as it is kept: canonical bytes, which a verifier holds to what the decision's entry says."""
    return fields_bytes(answer, _ANSWER_FIELDS)


def answer_from_bytes(data: bytes) -> DecisionAnswer:
    """The answer that was kept. Raises LogError when the bytes are none."""
    try:
        return DecisionAnswer(**decode(data))
    except TypeError as error:
        message = f"kept answer is none of this version: {error}; read its decision in the log instead"
        raise LogError(message) from error


def decided(desk: Desk, transaction: Transaction, request: OrderRequest) -> DecisionAnswer:
    """The answer to a request: decided now, or as it was decided before.

    Raises:
        EdgeError: the key was used for another request, or another generation is active than this process runs.
    """
    kept = kept_answer(transaction, desk.account_id, request.key, request.digest)
    if kept is not None:
        return kept
    desk.require_active(transaction)
    return newly_decided(desk, transaction, request)


def kept_answer(
    transaction: Transaction, account_id: str, key: str, request_digest: bytes, *, said_as: str | None = None
) -> DecisionAnswer | None:
    """The answer given before under a key; None for a new one.

    Args:
        transaction: of the log.
        account_id: whose key it is.
        key: as the log keeps it.
        request_digest: of what is asked now.
        said_as: the key in the words of whoever asks; as the log keeps it by default.

    Raises:
        EdgeError: it answered another request.
    """
    kept = transaction.answer(account_id, key)
    if kept is None:
        return None
    if kept.request_digest != request_digest:
        message = (
            f"key {(said_as or key)!r} of account {account_id!r} was used for another request, answered by decision "
            f"{kept.decision_id.hex()}; ask under a new key"
        )
        raise EdgeError(message, reason="key-reused")
    return answer_from_bytes(kept.body)


def newly_decided(
    desk: Desk, transaction: Transaction, request: OrderRequest, against: AccountState | None = None
) -> DecisionAnswer:
    """The answer to a request whose key is new, under a generation that is known to be the active one.

    A symbol of its canary is decided by that. The account is that of the log; a replacement is decided against it as
    it is without the order that it replaces.
    """
    desk = desk.of_symbol(request.symbol)
    state = desk.account(transaction) if against is None else against
    snapshot = order_snapshot(desk, state, request, _claimed(desk, transaction, request.symbol))
    run = desk.active.order.order(snapshot, request.as_of, (request.session_trace,), desk.salt_key())
    found = decision_id(desk.store.origin, run.trace.digest, desk.principal, request.key)
    refusal = _refusal(request, run)
    order = None if refusal else _order(request, run, found)
    failed = run.decision.failed
    outcome = _outcome(request, run, found, failed)
    outcome["size_reason"] = outcome["size_reason"] or refusal
    known: dict[str, Any] = {}
    sent_as = None
    if order is not None:
        after = after_order(state, order)
        known["account_digest"] = desk.save_account(transaction, after)
        marks = {IS_SHORT: True} if _is_short(state, order) else {}
        more = {"route": outcome["route"], "replaces": request.replaces, **request.instructions, **marks}
        sent_as = _sent(desk, transaction, order, more)
    decided_at = _append_decision(desk, transaction, request, run, {**outcome, **known})
    if trips(failed) and not state.automation_is_disabled:
        throttle(desk, transaction, found, request.as_of)
    if refusal:
        _refuse(desk, transaction, request, refusal, found)
    reasons = tuple([(rule.rule_id, rule.verdict.label, rule.because, rule.plain) for rule in failed])
    answer = _answer(request, {**outcome, "reasons": reasons}, sent_as, decided_at)
    transaction.save_answer(Answer(desk.account_id, request.key, request.digest, found, answer_bytes(answer)))
    return answer


def _claimed(desk: Desk, transaction: Transaction, symbol: str) -> int:
    """What the other accounts of the log are about to borrow of a share; nobody asks under most policies."""
    if not desk.others or not reads_lists(desk.active.generation.order):
        return 0
    contents = {account_id: transaction.account(account_id) for account_id in desk.others}
    states = [
        replace(desk, account_id=account_id).state(content)
        for account_id, content in contents.items()
        if content is not None
    ]
    return claimed_shares(states, symbol)


def order_snapshot(desk: Desk, state: AccountState, request: OrderRequest, claimed: int = 0) -> Any:  # noqa: ANN401  # the dataflow's type
    """What the order run reads: the session's row and the account as it is inside the append.

    Each order whose place this one takes was a message of its own, and goes on counting as one. `claimed` shares of
    those to borrow are other accounts' already.
    """
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
        "orders_today_count": state.orders_today_count + len(request.replaces),
        "same_orders_today_count": state.same_orders_today_count(symbol, request.row["proposed_order_shares"]),
        "repeated_orders_count": state.repeated_orders_count(symbol, request.row["proposed_order_shares"]),
        "automation_is_disabled": state.automation_is_disabled,
        "kill_switch_is_engaged": state.kill_switch_is_engaged,
        **venue_facts(desk.active.generation.policy, request.as_of, request.quotes),
        **locate_facts(desk.active.generation.order, desk.lake, symbol, request.as_of, claimed),
        **event_facts(desk.active.generation.order, desk.lake, symbol, request.as_of),
    }
    return desk.active.generation.order.dataflow.snapshot(**request.row, **account)


def _answer(
    request: OrderRequest, outcome: Mapping[str, Any], sent_as: str | None, decided_at: datetime
) -> DecisionAnswer:
    return DecisionAnswer(
        **outcome,
        cl_ord_id=sent_as,
        as_of=request.as_of,
        decided_at=decided_at,
        plan_entry=request.plan_entry,
    )


def _outcome(request: OrderRequest, run: OrderRun, found: bytes, failed: tuple[RuleOutcome, ...]) -> dict[str, Any]:
    """What was decided, where an order goes and at which limit, and why a clip left none.

    The answer and its entry say all of it alike, but that the entry names of its reasons only the rules.
    """
    decision = run.decision
    acts = decision.action is Action.ACT
    venue, limit, route = run.values["venue"], run.values["limit_price_usd"], run.values.get("route", ())
    return {
        "decision_id": found,
        "symbol": request.symbol,
        "verdict": decision.verdict.label,
        "action": decision.action.value,
        "proposed_order_shares": request.row["proposed_order_shares"],
        "order_shares": decision.order_shares,
        "reasons": tuple([rule.rule_id for rule in failed]),
        "policy_digest": run.trace.header.policy_digest,
        "size_reason": decision.size_reason,
        "venue": "" if not acts or isinstance(venue, Absent) else venue,
        "limit_price_usd": None if not acts or isinstance(limit, Absent) else limit,
        "route": () if not acts or isinstance(route, Absent) else route,
    }


def _append_decision(
    desk: Desk, transaction: Transaction, request: OrderRequest, run: OrderRun, known: Mapping[str, Any]
) -> datetime:
    """When the decision was recorded, once it is; `known` is the outcome and, if it changed, the account's digest."""
    trace_ref = transaction.put_body(run.trace.body)
    refs = desk.active.ref_facts
    facts = {
        "account_id": desk.account_id,
        "principal": desk.principal,
        "key": request.key,
        "replaces": request.replaces,
        "session_on": request.session_on,
        "request_digest": request.digest,
        "trace_digest": run.trace.digest,
        "trace_ref": trace_ref,
        "plan_digest": run.trace.header.plan_digest,
        **refs,
        **desk.active.champion_facts,
        **request.facts,
        **known,
    }
    bodies, cites = (trace_ref, *refs.values()), (request.plan_entry,)
    entry = Entry(EntryKind.DECISION, desk.store.origin, request.as_of, desk.clock(), facts, bodies, cites)
    return transaction.append(entry).entry.recorded_at


def _order(request: OrderRequest, run: OrderRun, found: bytes) -> PendingOrder | None:
    """The order that an accepted decision lets out; None without one."""
    limit_price_usd, spread_bps, volatility_frac = (run.values[name] for name in _ROUTE)
    if run.decision.action is not Action.ACT:
        return None
    return PendingOrder(
        request.key,
        found,
        request.symbol,
        run.decision.order_shares,
        limit_price_usd,
        _present(spread_bps),
        _present(volatility_frac),
    )


def _is_short(state: AccountState, order: PendingOrder) -> bool:
    """Whether an order sells what the account does not hold, in part or in whole, after the sales that work already.

    Source: 17 CFR 242.200(g): a sale is marked long only where the seller owns all of it.
    """
    owned = state.position_shares(order.symbol) - state.pending_sell_shares(order.symbol)
    return order.order_shares < 0 and -order.order_shares > owned


def _sent(desk: Desk, transaction: Transaction, order: PendingOrder, more: Mapping[str, Any]) -> str:
    """The ClOrdID of an order, once it is in the outbox with its bytes, its route and what it replaces."""
    order_id = cl_ord_id(desk.account_id, order.order_key)
    content = struct_bytes({**{name: getattr(order, name) for name in _ORDER_FIELDS}, **more})
    transaction.send(OutboundOrder(order_id, desk.account_id, order.decision_id, order.order_shares, content))
    return order_id


def _refusal(request: OrderRequest, run: OrderRun) -> str:
    """Why an accepted order cannot go out; "" when it can.

    A stop beyond the worst price that the policy lets the order trade at would wake it only where it cannot trade.
    """
    if run.decision.action is not Action.ACT:
        return ""
    limit_price_usd = run.values[_ROUTE[0]]
    if isinstance(limit_price_usd, Absent):
        return f"the order has no limit price: {limit_price_usd}"
    stop_usd = request.facts.get(INSTRUCTIONS, {}).get("stop_price_usd")
    direction = 1 if run.decision.order_shares > 0 else -1
    if stop_usd is not None and direction * (stop_usd - limit_price_usd) > 0:
        return f"its stop {stop_usd} lies beyond the limit {limit_price_usd} that the policy sets: it could never trade"
    return ""


def _refuse(desk: Desk, transaction: Transaction, request: OrderRequest, reason: str, found: bytes) -> None:
    facts = {
        "decision_id": found,
        "account_id": desk.account_id,
        "key": request.key,
        "symbol": request.symbol,
        "reason": reason,
    }
    transaction.append(Entry(EntryKind.REFUSAL, desk.store.origin, request.as_of, desk.clock(), facts))


def _present(value: float | Absent) -> float | None:
    return None if isinstance(value, Absent) else value
