"""What governance asks of the world: the ports that adapters implement.

`Rows` is one open write transaction as the adapter gives it; `governance.log.LogTransaction` puts the log's
rules on top and is what work receives, under the `Transaction` protocol. `LogReader` is one consistent view of
a log, `LogStore` the log itself, `Publication` the tree of files that other people's verifiers read. The rows
that cross the ports: `governance.rows`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, SupportsBytes

from governance.accounts import AccountPart, AccountRow
from governance.changes import Changes
from governance.entries import Entry, EntryKind
from governance.registry_ports import RegistryReader, RegistryRows, RegistryTransaction
from governance.rows import (
    Account,
    Activation,
    Answer,
    Appended,
    CheckpointRow,
    Head,
    OrderState,
    OutboundOrder,
    Record,
    Sealed,
)


class Transaction(Protocol):
    """One open append: everything done through it is committed together, or not at all."""

    @property
    def size(self) -> int:
        """Number of entries so far, this transaction's included: the next sequence number."""
        ...

    @property
    def registry(self) -> RegistryTransaction:
        """The model registry inside it."""
        ...

    def append(self, entry: Entry) -> Appended:
        """Append an entry. Every body that it names must be stored already or put in this transaction."""
        ...

    def appended(self, decision_id: bytes) -> tuple[Entry, ...]:
        """The entries about a decision that were appended here: no reader has them before the commit."""
        ...

    def put_body(self, content: bytes) -> bytes:
        """Store a body and return its ref; an entry of the same piece of work must name it."""
        ...

    def body(self, ref: bytes) -> bytes:
        """The content of a body. Raises LogError when it is not stored or not intact."""
        ...

    def drop_bodies(self, refs: Iterable[bytes]) -> None:
        """Drop stored bodies; the RETENTION entry that names them comes first."""
        ...

    def activation(self, strategy: str) -> Activation | None:
        """The newest activation of the strategy, which says code as well as policy; None before the first."""
        ...

    def active_policy(self, strategy: str) -> bytes | None:
        """Digest of the policy that the strategy runs; None before the first activation."""
        ...

    def activate(self, strategy: str, policy_digest: bytes, supersedes: bytes | None) -> None:
        """Make a policy active if `supersedes` is the active one; its ACTIVATION entry comes first."""
        ...

    def account(self, account_id: str) -> SupportsBytes | None:
        """The account's state: what this transaction saved, else its bytes; None for one that was never saved."""
        ...

    def save_account(self, account_id: str, state: SupportsBytes) -> None:
        """Save the account's state; it is asked for its canonical bytes once, when the transaction is written."""
        ...

    def answer(self, account_id: str, key: str) -> Answer | None:
        """What was answered under this idempotency key; None for a new key."""
        ...

    def save_answer(self, answer: Answer) -> None:
        """Keep an answer under a new idempotency key."""
        ...

    def send(self, order: OutboundOrder) -> None:
        """Put an order into the outbox."""
        ...

    def order(self, cl_ord_id: str) -> OutboundOrder | None:
        """The outbound order with a ClOrdID; None when none was sent under it."""
        ...

    def expect_orders(self, order_ids: Sequence[str]) -> None:
        """Read at once the outbound orders that are to be asked for."""
        ...

    def mark_order(self, cl_ord_id: str, state: OrderState) -> None:
        """Say how far an outbound order has come."""
        ...

    def add_checkpoint(self, row: CheckpointRow) -> None:
        """Add a checkpoint of a committed size, or give the newest one a note with more signatures."""
        ...


class SavepointTransaction(Transaction, Protocol):
    """A transaction that several pieces of work share, each whole or not at all."""

    def expect(self, places: Sequence[tuple[str, str]]) -> None:
        """Read at once what is to be asked for: answers and orders by account and key."""
        ...

    def savepoint(self) -> AbstractContextManager[None]:
        """A block of which nothing stays when it raises."""
        ...


class Rows(Protocol):
    """The rows of a log inside one open write transaction that holds the head's lock."""

    @property
    def registry(self) -> RegistryRows:
        """The rows of the model registry."""
        ...

    def head(self) -> Head:
        """The locked head."""
        ...

    def stored_body(self, ref: bytes) -> bytes | None:
        """The stored bytes of a body; None when there is none."""
        ...

    def stored_refs(self, refs: Collection[bytes]) -> set[bytes]:
        """Those of some refs that are stored."""
        ...

    def activation(self, strategy: str) -> Activation | None:
        """What the strategy runs."""
        ...

    def account(self, account_id: str) -> AccountRow | None:
        """The account's row, without the parts of it that are rows of their own."""
        ...

    def account_parts(self, account_id: str) -> Sequence[AccountPart]:
        """Those parts, by place."""
        ...

    def answers(self, places: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Answer]:
        """Those answers that there are, of some accounts and keys."""
        ...

    def orders(self, cl_ord_ids: Sequence[str]) -> Mapping[str, OutboundOrder]:
        """Those outbound orders that there are, of some ClOrdIDs."""
        ...

    def newest_checkpoint(self) -> CheckpointRow | None:
        """The checkpoint of the largest size."""
        ...

    def write(self, changes: Changes, old: Head, new: Head) -> None:
        """Write everything; the head moves from old to new or nothing does."""
        ...


class LogReader(Protocol):
    """One consistent view of a log: nothing committed after it was opened is seen."""

    @property
    def registry(self) -> RegistryReader:
        """The model registry in the view."""
        ...

    def head(self) -> Head:
        """The head of the view."""
        ...

    def records(self, start: int, stop: int) -> Sequence[Record]:
        """Entries from sequence start to stop, stop excluded; fewer when rows are missing."""
        ...

    def extent(self) -> tuple[int, int]:
        """How many entry rows there are, and the largest sequence among them; -1 for none."""
        ...

    def n_tree_nodes(self) -> int:
        """How many tree nodes are stored."""
        ...

    def record_of_entry(self, entry_id: bytes) -> Record | None:
        """The first entry with this id among those that concern no decision: what a decision stands on.

        Entries that concern one are found by it, see `history`.
        """
        ...

    def decisions(self, prefix: str) -> Sequence[Record]:
        """Up to ten DECISION entries whose decision id begins with these hexadecimal digits."""
        ...

    def history(self, decision_id: bytes) -> Sequence[Record]:
        """Every entry that is or concerns a decision, in order."""
        ...

    def newest(self, kind: EntryKind, n_records: int, before: int | None = None) -> Sequence[Record]:
        """The newest entries of a kind, newest first, below a sequence number if one is given."""
        ...

    def of_kind(self, kind: EntryKind) -> Iterator[Record]:
        """All entries of a kind, in order."""
        ...

    def places(self, kind: EntryKind, since_ns: int, until_ns: int, last: int | None = None) -> Sequence[int]:
        """Sequence numbers of entries of a kind as of one instant on and before another; the last few of them."""
        ...

    def data_of_kind(self, kind: EntryKind, start: int, stop: int) -> Sequence[tuple[int, bytes]]:
        """Sequence and bytes of a kind's entries from sequence start to stop, stop excluded, in order."""
        ...

    def hashes(self, tile_level: int, start: int, stop: int) -> Sequence[bytes]:
        """Roots of complete subtrees, see `governance.proofs.HashSource`."""
        ...

    def stored_body(self, ref: bytes) -> bytes | None:
        """The stored bytes of a body; None when there is none."""
        ...

    def stored_bodies(self, after: bytes, n_bodies: int) -> Sequence[tuple[bytes, bytes]]:
        """The next bodies by ref, with their stored bytes."""
        ...

    def body(self, ref: bytes) -> bytes:
        """The content of a body. Raises LogError when it is not stored or not intact."""
        ...

    def contents(self, refs: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """The contents of those bodies that are stored. Raises LogError when one is not intact."""
        ...

    def sealed_rows(self) -> Iterator[Sealed]:
        """Every row of working state and every checkpoint, with the seal stored beside it."""
        ...

    def structure_faults(self) -> Sequence[str]:
        """What the database itself finds wrong with its files and tables."""
        ...

    def checkpoints(self) -> Sequence[CheckpointRow]:
        """All checkpoints by size."""
        ...

    def newest_checkpoint(self) -> CheckpointRow | None:
        """The checkpoint of the largest size."""
        ...

    def activations(self) -> Sequence[Activation]:
        """What each strategy runs."""
        ...

    def account(self, account_id: str) -> Account | None:
        """The state of an account, whole. Raises LogError when its rows do not fit together."""
        ...

    def n_account_parts(self) -> int:
        """How many parts of accounts are stored."""
        ...

    def answer(self, account_id: str, key: str) -> Answer | None:
        """The answer's row."""
        ...

    def order(self, cl_ord_id: str) -> OutboundOrder | None:
        """The outbound order's row."""
        ...

    def outbox(self, state: OrderState, most: int | None = None) -> Sequence[OutboundOrder]:
        """Outbound orders in a state, in the order of their ClOrdIDs; at most so many of them."""
        ...

    def n_outbound(self, state: OrderState) -> int:
        """How many outbound orders are in a state."""
        ...

    def oldest_outbound_ns(self, state: OrderState) -> int | None:
        """When the oldest decision was recorded whose order is in a state; None when none is."""
        ...


class LogStore(Protocol):
    """A log: one writer at a time, any number of readers."""

    @property
    def origin(self) -> str:
        """The log's name."""
        ...

    def transaction(self) -> AbstractContextManager[SavepointTransaction]:
        """An append: committed, durably, when the block ends; rolled back when it raises."""
        ...

    def reader(self) -> AbstractContextManager[LogReader]:
        """A consistent view."""
        ...


class Publication(Protocol):
    """A tree of small files, replaced whole."""

    def file(self, path: str) -> bytes | None:
        """The content of a file; None when there is none."""
        ...

    def paths(self) -> Sequence[str]:
        """Every file, with `/` between the parts."""
        ...

    def replace_all(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Write files in order, so that a reader, even after a power loss, finds each old or new, and whole."""
        ...

    def remove_folder(self, path: str) -> None:
        """Remove a folder of files if it is there."""
        ...
