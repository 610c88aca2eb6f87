"""Orders: `POST /api/v1/actions/execute`, in Alpaca's words.

An order is decided before it is answered, and what was decided is durable before it is told. The route is in the fast
lane (`api.http.edge`); Litestar knows it too, documents it, and answers through the same `Execution`.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, Router, post

from adapters.telemetry.logs import OrderLine
from api.http.bodies import body, decoded, require_json, require_length
from api.http.edge import Call
from api.http.limits import limit_headers
from api.http.parts import Parts, PartsHere
from api.http.problems import RequestError
from api.http.replies import JSON, Headers, Reply
from api.http.trace_context import TraceContext, trace_context
from api.use_cases.deciding import DecisionAnswer
from api.use_cases.ordering import OrderCommand, OrderOutcome, order_outcome
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.instants import instant_text

PATH = "/api/v1/actions/execute"
SCOPE = "orders:write"
MAX_BODY_BYTES = 8192
MAX_KEY_CHARS = 128
MAX_AGE_S = 2.0
MANY = 128
"""While so many orders are under way and the oldest has been for longer than that, no more are taken: whoever is told
at once to come again in a second is served better than whoever waits for several."""
_REPLAYED = (b"idempotency-replayed", b"true")


class OrderBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An order, in Alpaca's words.

    Attributes:
        symbol: of which share.
        qty: how many whole shares, as a decimal string.
        side: buy or sell.
        type: only market: the policy chooses venue and limit.
        time_in_force: only day.
        client_order_id: the client's own name for it.
        account_id: which account; that of the server when it has only one.
    """

    symbol: Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Z0-9.\-]{0,14}$", examples=["AAPL"])]
    qty: Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]{0,8}$", examples=["100"])]
    side: Literal["buy", "sell"]
    type: Literal["market"] = "market"
    time_in_force: Literal["day"] = "day"
    client_order_id: Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern="^[ -~]+$")] | None = None
    account_id: Annotated[str, msgspec.Meta(min_length=1, max_length=128)] | None = None

    @property
    def order_shares(self) -> int:
        """How many, negative to sell."""
        return int(self.qty) if self.side == "buy" else -int(self.qty)


class ReasonView(msgspec.Struct, frozen=True):
    """A rule that was not content.

    Attributes:
        rule: its id.
        verdict: warn, clip, review or deny.
        because: why, for an expert.
        plain: why, for a beginner.
    """

    rule: str
    verdict: str
    because: str
    plain: str


class DecisionSummary(msgspec.Struct, frozen=True):
    """What was decided.

    Attributes:
        id: the decision.
        verdict: pass, warn, clip, review or deny.
        action: act, hold or deny.
        proposed_qty: what was asked for; negative to sell.
        qty: what may be sent; negative to sell.
        reasons: every rule that was not content, gravest first.
        size_reason: why a clip left nothing to send, or "".
        as_of: close of the session that it was decided at.
        decided_at: when, by the server's clock.
        policy_digest: the policy that decided.
        plan_entry: the log entry of the day plan that it rests on.
    """

    id: str
    verdict: str
    action: str
    proposed_qty: str
    qty: str
    reasons: tuple[ReasonView, ...]
    size_reason: str
    as_of: str
    decided_at: str
    policy_digest: str
    plan_entry: str


class OrderSummary(msgspec.Struct, frozen=True):
    """The order that went out.

    Attributes:
        id: its ClOrdID.
        client_order_id: the client's own name for it.
        symbol: of which share.
        qty: how many whole shares.
        side: buy or sell.
        type: limit: the policy set one.
        limit_price: in USD.
        time_in_force: day.
        venue: where it goes.
        status: accepted.
    """

    id: str
    client_order_id: str | None
    symbol: str
    qty: str
    side: str
    type: str
    limit_price: str
    time_in_force: str
    venue: str
    status: str


class ExecuteReply(msgspec.Struct, frozen=True):
    """The answer to an order.

    Attributes:
        order: the order that went out; null when the decision let none out.
        decision: what was decided, and why.
        links: where to read on.
    """

    order: OrderSummary | None
    decision: DecisionSummary
    links: dict[str, str]


_decoder = msgspec.json.Decoder(OrderBody)
_encoder = msgspec.json.Encoder()
# Orders of a session have these in common.
_instant_text = lru_cache(maxsize=64)(instant_text)
_digest_text = lru_cache(maxsize=1024)(digest_text)


class Execution:
    """Answers orders.

    Args:
        parts: what lets them in, decides them and tells of them.
    """

    def __init__(self, parts: Parts) -> None:
        self._service = parts.service
        self._access = parts.access
        self._telemetry = parts.telemetry
        self._max_waiting = parts.settings.max_waiting
        self._under_way: OrderedDict[int, float] = OrderedDict()
        self._n_taken = 0

    async def __call__(self, call: Call) -> Reply:
        """The answer to one order. Raises AssayError for one that is not decided."""
        arrived_s = time.perf_counter()
        self._require_room(arrived_s)  # before anything else: refusing has to cost little, for there is much of it
        principal, allowance = self._access.admission(call.headers.get(b"authorization"), SCOPE)
        call.told.extend(limit_headers(allowance))
        require_json(call.headers)
        require_length(call.headers, MAX_BODY_BYTES)
        key = idempotency_key(call.headers)
        content = await body(call.receive, MAX_BODY_BYTES) if call.content is None else call.content
        asked = decoded(content, _decoder)
        account_id = asked.account_id or self._service.accounts[0]
        principal.require_account(account_id)
        command = OrderCommand(
            account_id=account_id,
            principal=principal.name,
            key=key,
            symbol=asked.symbol,
            order_shares=asked.order_shares,
            client_order_id=asked.client_order_id,
            traceparent=call.trace.text,
        )
        outcome = await self._outcome(command, arrived_s)
        took_s = time.perf_counter() - arrived_s
        self._telemetry.ordered(partial(_line, command, outcome, call.trace, time.time(), took_s))
        headers: Headers = [(b"content-type", JSON)]
        if outcome.is_replayed:
            headers.append(_REPLAYED)
        return Reply(200, _encoder.encode(execute_reply(asked.client_order_id, outcome)), headers)

    async def _outcome(self, command: OrderCommand, arrived_s: float) -> OrderOutcome:
        self._n_taken = number = self._n_taken + 1
        self._under_way[number] = arrived_s
        try:
            return await order_outcome(self._service, command)
        finally:
            del self._under_way[number]

    def _require_room(self, now_s: float) -> None:
        """Raises RequestError while the writer is behind: waiting for room would hold up the whole event loop."""
        n_waiting = self._service.writer.n_waiting
        if n_waiting >= self._max_waiting:
            raise RequestError(f"{n_waiting} orders wait to be decided; slow down", reason="queue-full")
        n_under_way = len(self._under_way)
        if n_under_way >= MANY and now_s - (oldest_s := next(iter(self._under_way.values()))) > MAX_AGE_S:
            message = f"{n_under_way} orders are under way, the oldest for {now_s - oldest_s:.1f} s; slow down"
            raise RequestError(message, reason="queue-full")


def _line(command: OrderCommand, outcome: OrderOutcome, trace: TraceContext, at_s: float, took_s: float) -> OrderLine:
    """What the server's log says of an order."""
    answer = outcome.answer
    return OrderLine(
        timestamp=datetime.fromtimestamp(at_s, UTC),
        decision_id=answer.decision_id.hex(),
        account_id=command.account_id,
        principal=command.principal,
        symbol=answer.symbol,
        verdict=answer.verdict,
        action=answer.action,
        order_shares=answer.order_shares,
        took_ms=round(took_s * 1000, 3),
        trace_id=trace.trace_id,
        span_id=trace.span_id,
        is_replayed=outcome.is_replayed,
    )


def idempotency_key(headers: Any) -> str:  # noqa: ANN401  # a mapping of the framework's or ours
    """The key of a request. Raises RequestError without one that can be used."""
    given: bytes | None = headers.get(b"idempotency-key")
    if not given:
        raise RequestError("order has no Idempotency-Key; send a new one with each new order", reason="missing-key")
    key = given.decode("latin-1").strip()
    if not 0 < len(key) <= MAX_KEY_CHARS or not key.isascii() or not key.isprintable():
        raise RequestError(
            f"Idempotency-Key {key[:40]!r} has {len(key)} characters; send 1 to {MAX_KEY_CHARS} printable ones",
            reason="bad-request",
        )
    return key


def execute_reply(client_order_id: str | None, outcome: OrderOutcome) -> ExecuteReply:
    """What a client is told about its order."""
    answer = outcome.answer
    decision_id = answer.decision_id.hex()
    return ExecuteReply(
        order=_order(client_order_id, answer, outcome.cl_ord_id),
        decision=DecisionSummary(
            id=decision_id,
            verdict=answer.verdict,
            action=answer.action,
            proposed_qty=str(answer.proposed_order_shares),
            qty=str(answer.order_shares),
            reasons=tuple(ReasonView(*reason) for reason in answer.reasons),
            size_reason=answer.size_reason,
            as_of=_instant_text(outcome.as_of),
            decided_at=_instant_text(outcome.decided_at),
            policy_digest=_digest_text(outcome.policy_digest),
            plan_entry=_digest_text(outcome.plan_entry),
        ),
        links={
            "decision": f"/internal/decisions/{decision_id}",
            "why_not": f"/decisions/why_not/{decision_id}",
            "explain": f"/api/v1/explain/{answer.symbol}",
        },
    )


def _order(client_order_id: str | None, answer: DecisionAnswer, cl_ord_id: str | None) -> OrderSummary | None:
    if cl_ord_id is None:
        return None
    return OrderSummary(
        id=cl_ord_id,
        client_order_id=client_order_id,
        symbol=answer.symbol,
        qty=str(abs(answer.order_shares)),
        side="buy" if answer.order_shares > 0 else "sell",
        type="limit",
        limit_price=str(answer.limit_price_usd),
        time_in_force="day",
        venue=answer.venue,
        status="accepted",
    )


_OF_DECISIONS = (
    "get_decision",
    "get_trace",
    "get_lineage",
    "get_decision_proof",
    "get_history",
    "replay_decision",
    "why_not",
)
_OPTIONS = {
    "scope": SCOPE,
    "body": OrderBody,
    "headers": (
        {
            "name": "Idempotency-Key",
            "required": True,
            "description": "New for each order, the same for each retry.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]([ -~]*[!-~])?$"},
        },
        {"name": "traceparent", "required": False, "description": "W3C trace context."},
    ),
    "links": {
        **{name: {"decision": "$response.body#/decision/id"} for name in _OF_DECISIONS},
        "explain": {"symbol": "$request.body#/symbol"},
    },
    "problems": (
        "missing-key",
        "unknown-account",
        "key-in-flight",
        "session-closed",
        "read-only-log",
        "not-in-force",
        "too-large",
        "unsupported-media-type",
        "key-reused",
        "unknown-symbol",
        "queue-full",
        "log-unavailable",
        "generation-changed",
        "draining",
    ),
}


@post(PATH, opt=_OPTIONS, operation_id="execute", status_code=200, tags=["orders"], summary="Place an order")
async def execute(request: Request[Any, Any, Any], parts: PartsHere) -> Response[ExecuteReply]:
    """Decide an order and, when the policy lets it out, hand it to the broker. Sent twice, it is decided once."""
    headers = dict(request.scope["headers"])
    trace = request.scope["state"].get("trace") or trace_context(None)
    reply = await Execution(parts)(Call(headers, request.receive, trace))
    answer = msgspec.json.decode(reply.body, type=ExecuteReply)
    return Response(answer, headers={name.decode(): value.decode() for name, value in reply.headers})


ROUTER = Router("/", route_handlers=[execute])
