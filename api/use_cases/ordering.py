"""A client's order: one idempotent command, decided inside the append against the account's day plan.

A key belongs to the principal that uses it: the same key of another principal is another key. What is asked is the
whole command but its trace context, which is new with every attempt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from api.use_cases.deciding import DecisionAnswer
from nodes.vocabulary.canonical import digest, encode


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
    """

    account_id: str
    principal: str
    key: str
    symbol: str
    order_shares: int
    client_order_id: str | None = None
    traceparent: str | None = None

    @property
    def log_key(self) -> str:
        """The key under which the log keeps the answer: the length makes principal and key together unambiguous."""
        return f"{len(self.principal)}:{self.principal}:{self.key}"

    @property
    def digest(self) -> bytes:
        """What is asked, so that another command under the same key is known for one."""
        asked = (self.account_id, self.principal, self.key, self.symbol, self.order_shares, self.client_order_id)
        return digest("order-command", encode(asked))


@dataclass(frozen=True, slots=True)
class OrderOutcome:
    """What a client's order came to.

    Attributes:
        answer: the decision.
        cl_ord_id: ClOrdID of the order that went out; None when none did.
        is_replayed: whether it was decided by an earlier request with the same key.
        as_of: close of the session that it was decided at.
        decided_at: when it was decided, by the shell's clock.
        policy_digest: the policy that decided.
        plan_entry: id of the log entry of the day plan that it rests on.
    """

    answer: DecisionAnswer
    cl_ord_id: str | None
    is_replayed: bool
    as_of: datetime
    decided_at: datetime
    policy_digest: bytes
    plan_entry: bytes
