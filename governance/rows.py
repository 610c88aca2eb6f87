"""The rows of a log: plain values that cross between governance and the adapters that store them.

Rows that are working state (accounts, answers, outbound orders, checkpoints) are stored with a seal, a digest of
their columns. It finds rot and careless edits; what convicts a forger is the log itself.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from governance.entries import Entry, entry_from_data
from nodes.vocabulary.canonical import digest
from nodes.vocabulary.chain import chained, parts_of
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.shapes import sequence_bytes


class Head(NamedTuple):
    """The head of a log: the row that is locked to append.

    Attributes:
        origin: the log's name.
        size: number of entries; the next sequence number.
        frontier: the Merkle frontier of that size, as `governance.merkle.Frontier.data`.
        recorded_at_ns: the instant of the newest entry; no later entry may be earlier.
    """

    origin: str
    size: int
    frontier: bytes
    recorded_at_ns: int


class Record(NamedTuple):
    """One entry as the store holds it. Every column but `data` and `sequence` follows from `data`."""

    sequence: int
    entry_id: bytes
    kind: str
    as_of_ns: int
    recorded_at_ns: int
    decision_id: bytes | None
    data: bytes
    leaf_hash: bytes

    @property
    def entry(self) -> Entry:
        """What the entry says. Raises LogError when its bytes say nothing."""
        return entry_from_data(self.data)


class Appended(NamedTuple):
    """What an append answers with.

    Attributes:
        sequence: place of the entry in the log, from 0.
        entry_id: digest of its bytes.
        leaf_hash: its Merkle leaf.
        entry: the entry as recorded: `recorded_at` may have been held, see `governance.log`.
    """

    sequence: int
    entry_id: bytes
    leaf_hash: bytes
    entry: Entry


class Activation(NamedTuple):
    """Which policy a strategy runs: the digest and the sequence of the entry that activated it."""

    strategy: str
    policy_digest: bytes
    sequence: int


class Account(NamedTuple):
    """The state of an account, as canonical bytes that only its owner reads."""

    account_id: str
    content: bytes


class Answer(NamedTuple):
    """What was answered to a request, kept so that the same request is answered the same again.

    Attributes:
        account_id: who asked.
        key: the idempotency key.
        request_digest: digest of the request: the same key with another request is a fault.
        decision_id: the decision that answered it.
        body: the answer's bytes.
    """

    account_id: str
    key: str
    request_digest: bytes
    decision_id: bytes
    body: bytes


class OrderState(Enum):
    """How far an outbound order has come: a recalled one is to be taken back, whether a broker has it or not."""

    PENDING = "pending"
    SENT = "sent"
    RECALLED = "recalled"
    DONE = "done"


class OutboundOrder(NamedTuple):
    """An order on its way to a broker.

    Attributes:
        cl_ord_id: see `governance.entries.cl_ord_id`; unique in the log.
        account_id: for whom.
        decision_id: the decision that lets it out.
        order_shares: how many shares, negative to sell.
        order: the order's bytes.
        state: how far it has come.
    """

    cl_ord_id: str
    account_id: str
    decision_id: bytes
    order_shares: int
    order: bytes
    state: OrderState = OrderState.PENDING


class CheckpointRow(NamedTuple):
    """A checkpoint as committed: the signed note, whole, with every signature that it has gathered."""

    size: int
    root: bytes
    note: bytes


class Sealed(NamedTuple):
    """A row of working state as stored: its table, its other columns, and the seal over them."""

    table: str
    columns: tuple[object, ...]
    seal: bytes


def seal(table: str, columns: tuple[object, ...]) -> bytes:
    """The digest of a row's columns, stored beside them."""
    return digest("row", table.encode(), sequence_bytes(columns))


def account_digest(content: bytes) -> bytes:
    """The digest of an account's state that the entries which change it give as their fact `account_digest`.

    Content in parts (`nodes.vocabulary.chain`) has the digest of their chain, so that a writer which only adds a part
    need not hash the rest again; any other content is hashed whole.
    """
    try:
        return chained(parts_of(content))
    except DataError:
        return digest("account", content)
