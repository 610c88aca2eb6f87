"""An append that is kept nowhere: what work would write to a log, gathered in memory, without tree, disk or proof.

For what is tried rather than decided: the same work that appends to a log appends here, and sees accounts, answers and
bodies as it left them. Entries have the ids that they would have in a log of this origin. Nothing of it can be proved;
whoever wants proof runs the work on a log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn, SupportsBytes

from governance.entries import Entry, entry_id
from governance.models import StageRow
from governance.rows import Activation, Answer, Appended, CheckpointRow, OrderState, OutboundOrder
from nodes.vocabulary.errors import EdgeError, LogError

_NO_LEAF = b""


class UnkeptRegistry:
    """The champions of a log, as they were when the work began; nothing else of a registry."""

    def __init__(self, champions: Sequence[StageRow]) -> None:
        self._champions = tuple(champions)

    def champions(self) -> Sequence[StageRow]:
        """The champion of every family that has one."""
        return self._champions

    def __getattr__(self, name: str) -> NoReturn:
        message = f"{name} of the model registry was asked for in a trial that is kept nowhere; do it on a log"
        raise EdgeError(message)


class UnkeptLog:
    """A log in memory, and the one transaction that stays open on it.

    Args:
        origin: the name that its entries bear.
        activation: what the strategy runs.
        champions: the models that decide.

    Attributes:
        origin: as given.
        entries: what was appended, in order.
        registry: the champions.
    """

    def __init__(self, origin: str, activation: Activation, champions: Sequence[StageRow] = ()) -> None:
        self.origin = origin
        self.entries: list[Entry] = []
        self.registry = UnkeptRegistry(champions)
        self._activation = activation
        self._bodies: dict[bytes, bytes] = {}
        self._accounts: dict[str, SupportsBytes] = {}
        self._answers: dict[tuple[str, str], Answer] = {}
        self._orders: dict[str, OutboundOrder] = {}

    def decide_with(self, champions: Sequence[StageRow]) -> None:
        """Let other models decide from here on."""
        self.registry = UnkeptRegistry(champions)

    @property
    def size(self) -> int:
        """Number of entries so far."""
        return len(self.entries)

    def append(self, entry: Entry) -> Appended:
        """Gather an entry."""
        self.entries.append(entry)
        return Appended(len(self.entries) - 1, entry_id(entry.data), _NO_LEAF, entry)

    def appended(self, decision_id: bytes) -> tuple[Entry, ...]:
        """The entries about a decision."""
        return tuple(entry for entry in self.entries if entry.decision_id == decision_id)

    def put_body(self, content: bytes) -> bytes:
        """Keep a body while the work lasts."""
        ref = hashlib.sha256(content).digest()
        self._bodies[ref] = content
        return ref

    def body(self, ref: bytes) -> bytes:
        """The content of a body. Raises LogError for one that was never put here."""
        if ref not in self._bodies:
            message = f"body {ref.hex()[:16]} is not of this trial; read it from the log"
            raise LogError(message)
        return self._bodies[ref]

    def activation(self, strategy: str) -> Activation | None:
        """What the strategy runs."""
        return self._activation if strategy == self._activation.strategy else None

    def active_policy(self, strategy: str) -> bytes | None:
        """Digest of the policy that it runs."""
        found = self.activation(strategy)
        return None if found is None else found.policy_digest

    def account(self, account_id: str) -> SupportsBytes | None:
        """The account as it was saved last."""
        return self._accounts.get(account_id)

    def save_account(self, account_id: str, state: SupportsBytes) -> None:
        """Keep the account's state."""
        self._accounts[account_id] = state

    def answer(self, account_id: str, key: str) -> Answer | None:
        """What was answered under a key."""
        return self._answers.get((account_id, key))

    def save_answer(self, answer: Answer) -> None:
        """Keep an answer."""
        self._answers[answer.account_id, answer.key] = answer

    def send(self, order: OutboundOrder) -> None:
        """Put an order into the outbox, which nobody empties."""
        self._orders[order.cl_ord_id] = order

    def order(self, cl_ord_id: str) -> OutboundOrder | None:
        """The outbound order with a ClOrdID."""
        return self._orders.get(cl_ord_id)

    def expect_orders(self, order_ids: Sequence[str]) -> None:
        """Nothing: all is at hand."""

    def mark_order(self, cl_ord_id: str, state: OrderState) -> None:
        """Say how far an outbound order has come."""
        if cl_ord_id in self._orders:
            self._orders[cl_ord_id] = self._orders[cl_ord_id]._replace(state=state)

    def activate(self, strategy: str, policy_digest: bytes, supersedes: bytes | None) -> None:
        """Raises EdgeError: a trial activates nothing."""
        del policy_digest, supersedes
        raise EdgeError(f"a trial that is kept nowhere cannot activate a policy of {strategy!r}; do it on a log")

    def add_checkpoint(self, row: CheckpointRow) -> None:
        """Raises EdgeError: there is nothing to sign."""
        raise EdgeError(f"a trial that is kept nowhere has no checkpoint of size {row.size}; do it on a log")

    @contextmanager
    def transaction(self) -> Iterator[UnkeptLog]:
        """The trial itself: what was appended stays, also when the work raises."""
        yield self

    def reader(self) -> NoReturn:
        """Raises EdgeError: read `entries` instead."""
        raise EdgeError(f"trial {self.origin!r} is kept nowhere and has no reader; read its entries")
