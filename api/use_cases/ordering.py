"""A client's order: one idempotent command, decided inside the append against the account's day plan.

A key belongs to the principal that uses it: the same key of another principal is another key. What is asked is the
whole command but its trace context, which is new with every attempt.

Two things an append cannot wait for: a generation that this process has yet to compile, and a day plan that it has yet
to read or to make anew. The order is then put back, the thing is made ready outside, and the order is tried again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import NamedTuple

from api.use_cases.deciding import INSTRUCTIONS, Asked, DecisionAnswer, OrderRequest, kept_answer, newly_decided
from api.use_cases.generations import UnpreparedError
from api.use_cases.planning import UnreadyPlanError, made_ready, running_plan
from api.use_cases.service import Service
from governance.ports import Transaction
from nodes.vocabulary.canonical import digest, encode
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instructions import PLAIN, Instructions

PATIENCE_S = 5.0
"""How long an order may wait for what is being made ready."""

MAX_ORDER_SHARES = 10**9
MAX_TEXT = 128


@dataclass(frozen=True, slots=True)
class OrderCommand:
    """An order that a client asks for.

    Attributes:
        account_id: the account that is to trade.
        principal: who asks.
        key: the client's idempotency key.
        symbol: of which share.
        order_shares: how many; negative to sell.
        client_order_id: the client's own name for the order, handed back and kept; None without one.
        traceparent: W3C trace context of the request; None without one.
        instructions: how the order is to be worked.
    """

    account_id: str
    principal: str
    key: str
    symbol: str
    order_shares: int
    client_order_id: str | None = None
    traceparent: str | None = None
    instructions: Instructions = PLAIN

    @property
    def log_key(self) -> str:
        """The key under which the log keeps the answer: the length makes principal and key together unambiguous."""
        return f"{len(self.principal)}:{self.principal}:{self.key}"

    @property
    def digest(self) -> bytes:
        """What is asked, so that another command under the same key is known for one."""
        asked = (self.account_id, self.principal, self.key, self.symbol, self.order_shares, self.client_order_id)
        more = self.instructions.content
        return digest("order-command", encode((*asked, more) if more else asked))

    @property
    def asked(self) -> Asked:
        """The command as a request carries it."""
        facts = {
            "client_order_id": self.client_order_id,
            "traceparent": self.traceparent,
            INSTRUCTIONS: self.instructions.content or None,
        }
        return Asked(self.log_key, self.digest, {name: value for name, value in facts.items() if value is not None})


@dataclass(frozen=True, slots=True)
class OrderOutcome:
    """What a client's order came to.

    Attributes:
        answer: the decision.
        is_replayed: whether it was decided by an earlier request with the same key.
    """

    answer: DecisionAnswer
    is_replayed: bool

    @property
    def cl_ord_id(self) -> str | None:
        """ClOrdID of the order that went out; None when none did."""
        return self.answer.cl_ord_id

    @property
    def as_of(self) -> datetime:
        """Close of the session that it was decided at."""
        return self.answer.as_of

    @property
    def decided_at(self) -> datetime:
        """When it was decided, by the shell's clock."""
        return self.answer.decided_at

    @property
    def policy_digest(self) -> bytes:
        """The policy that decided."""
        return self.answer.policy_digest

    @property
    def plan_entry(self) -> bytes:
        """Id of the log entry of the day plan that it rests on."""
        return self.answer.plan_entry


def submitted_order(service: Service, command: OrderCommand) -> Future[OrderOutcome]:
    """A client's order on its way; the future resolves once its decision is durable.

    Raises:
        EdgeError: it cannot be taken: the log is read-only, the account is not served, the command is malformed,
            another request with its key is under way, or too many wait. The future raises what its append raises.
    """
    entered = _entered(service, command)
    try:
        outcome = service.writer.submit(entered.work, entered.put_back, entered.place)
    except EdgeError:
        entered.leave()
        raise
    outcome.add_done_callback(lambda _: entered.leave())
    return outcome


async def order_outcome(service: Service, command: OrderCommand) -> OrderOutcome:
    """The same on an event loop, without a thread's future: outcomes of one commit reach the loop together."""
    entered = _entered(service, command)
    try:
        loop = asyncio.get_running_loop()
        return await service.writer.submit_to(loop, entered.work, entered.put_back, entered.place)
    finally:
        entered.leave()


class _Entered(NamedTuple):
    """A command that is under way: nobody else may use its key until it has left.

    Attributes:
        work: decides it inside an append.
        put_back: what to wait for when it cannot be decided yet.
        leave: lets go of the key.
        place: the account and the key.
    """

    work: Callable[[Transaction], OrderOutcome]
    put_back: Callable[[Exception], Future[None] | None]
    leave: Callable[[], None]
    place: tuple[str, str]


def _entered(service: Service, command: OrderCommand) -> _Entered:
    """Raises EdgeError for a command that cannot be taken."""
    service.require_writable()
    service.require_account(command.account_id)
    _require_sound(command)
    asked = command.asked
    place = (command.account_id, asked.key)
    service.in_flight.enter(place, asked.digest)
    return _Entered(
        work=partial(ordered, service, command, asked),
        put_back=waiting_for_readiness(service, command.account_id),
        leave=partial(service.in_flight.leave, place),
        place=place,
    )


def ordered(service: Service, command: OrderCommand, asked: Asked, transaction: Transaction) -> OrderOutcome:
    """A client's order inside an append.

    Raises:
        EdgeError: its key was used for another command, no day plan is there, the symbol is not in it, or the policy
            is not in force yet.
        UnpreparedError, UnreadyPlanError: to be tried again once what is missing was made ready.
    """
    account_id = command.account_id
    kept = kept_answer(transaction, account_id, asked.key, asked.digest, said_as=command.key)
    if kept is not None:
        return OrderOutcome(kept, is_replayed=True)
    desk = service.desk_under(service.generations.in_force(transaction), account_id, command.principal)
    desk.require_active(transaction)
    plan = running_plan(service, desk, transaction)
    row = plan.rows.get(command.symbol)
    if row is None:
        message = f"{command.symbol!r} is not in the day plan of {plan.session_on}; name one of {', '.join(plan.rows)}"
        raise EdgeError(message, reason="unknown-symbol")
    fields = {**row.fields, "proposed_order_shares": command.order_shares}
    request = OrderRequest(plan.session_on, plan.as_of, fields, plan.trace, plan.entry_id, asked)
    return OrderOutcome(newly_decided(desk, transaction, request), is_replayed=False)


def waiting_for_readiness(service: Service, account_id: str) -> Callable[[Exception], Future[None] | None]:
    """What a piece of work waits for, from now on, that finds no generation or no day plan ready."""
    return partial(_waiting, service, account_id, time.monotonic() + PATIENCE_S)


def _waiting(service: Service, account_id: str, until_s: float, error: Exception) -> Future[None] | None:
    """What an order waits for that cannot be decided yet: until it was made ready, or time ran out."""
    if not isinstance(error, UnpreparedError | UnreadyPlanError) or time.monotonic() >= until_s:
        return None
    return service.preparing.submit(_make_ready, service, account_id, error)


def _make_ready(service: Service, account_id: str, error: UnpreparedError | UnreadyPlanError) -> None:
    if isinstance(error, UnpreparedError):
        service.generations.prepared()
        return
    with suppress(UnpreparedError):  # yet another policy: the order finds that out by itself
        made_ready(service, account_id)


def _require_sound(command: OrderCommand) -> None:
    if not command.key:
        message = "order has no idempotency key; send one that is new for each order and the same for each retry of it"
        raise EdgeError(message, reason="missing-key")
    if command.order_shares == 0 or abs(command.order_shares) > MAX_ORDER_SHARES:
        message = f"order of {command.order_shares} shares is none; ask for 1 to {MAX_ORDER_SHARES}, negative to sell"
        raise EdgeError(message, reason="bad-request")
    if command.instructions.fault:
        raise EdgeError(f"{command.instructions.fault}; ask for what can be followed", reason="invalid")
    texts = {"key": command.key, "client order id": command.client_order_id or "", "symbol": command.symbol}
    for name, text in texts.items():
        if len(text) > MAX_TEXT or not text.isprintable():
            message = f"{name} {text[:MAX_TEXT]!a} is unfit; use at most {MAX_TEXT} printable characters"
            raise EdgeError(message, reason="bad-request")
