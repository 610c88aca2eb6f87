"""The rules of an append, over whatever rows the adapter gives: what `Transaction` promises is kept here.

A transaction starts from the locked head and gathers `Changes`; a savepoint is a mark to which they can be taken
back. Nothing is written until `finish`, which hands the whole batch and the new head to the rows.

The clock: `recorded_at` never goes backwards inside a log. When the caller's clock stepped back by up to
`max_clock_hold`, the entry is recorded at the instant of the one before it (time is held, trading goes on);
beyond that the append is refused, because a log that holds one instant for hours says nothing about time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from types import TracebackType
from typing import SupportsBytes

from governance.accounts import account_change, whole_content
from governance.bodies import body_content
from governance.changes import Changes
from governance.entries import MAX_ENTRY_BYTES, Entry, EntryKind, cl_ord_id, entry_data, entry_id
from governance.memory import KnownAccount, LogMemory
from governance.merkle import Frontier, leaf_hash
from governance.ports import Rows
from governance.registry import LogRegistry
from governance.rows import (
    Activation,
    Answer,
    Appended,
    CheckpointRow,
    Head,
    OrderState,
    OutboundOrder,
    Record,
)
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import EdgeError, Fault, LogError, PolicyError
from nodes.vocabulary.instants import instant_from_ns, instant_ns, instant_text

MAX_CLOCK_HOLD = timedelta(minutes=2)


class _Savepoint:
    """A piece of work in a transaction, kept when its block ends well and taken back when it raises."""

    __slots__ = ("_frontier", "_mark", "_n_before", "_recorded_at_ns", "_transaction")

    def __init__(self, transaction: LogTransaction) -> None:
        self._transaction = transaction

    def __enter__(self) -> None:
        within = self._transaction
        self._mark, self._frontier = within.changes.mark(), within.frontier.copy()
        self._recorded_at_ns, self._n_before = within.recorded_at_ns, within.changes.n_before
        within.changes.n_before = self._mark.n_records

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        within = self._transaction
        within.changes.n_before = self._n_before
        orphans = within.changes.unnamed - self._mark.unnamed if error is None else ()
        if error is None and not orphans:
            return
        within.changes.take_back(self._mark)
        within.frontier, within.recorded_at_ns = self._frontier, self._recorded_at_ns
        if orphans:
            raise _orphaned(orphans)


class LogTransaction:
    """One open append to a log; see `governance.ports.Transaction` for what each method promises.

    Attributes:
        changes: what it is about to write.
        frontier: the tree with its entries.
        recorded_at_ns: instant of the newest entry.
        registry: the model registry inside it.
    """

    def __init__(self, rows: Rows, memory: LogMemory, max_clock_hold: timedelta = MAX_CLOCK_HOLD) -> None:
        self._rows = rows
        self._memory = memory
        self._recent = memory.bodies
        self._max_clock_hold_ns = max_clock_hold // timedelta(microseconds=1) * 1000
        self._old = rows.head()
        self.recorded_at_ns = self._old.recorded_at_ns
        self.frontier = Frontier.from_bytes(self._old.size, self._old.frontier)
        self._new = self._old
        self.changes = Changes()
        memory.look(self._old)
        # Nobody else changes these rows while the head is locked, and each piece of work asks for them again.
        self._answers: dict[tuple[str, str], Answer | None] = {}
        self._orders: dict[str, OutboundOrder | None] = {}
        self.registry = LogRegistry(rows.registry, self.changes, memory)

    @property
    def size(self) -> int:
        """Number of entries so far, this transaction's included."""
        return self.frontier.size

    def expect(self, places: Sequence[tuple[str, str]]) -> None:
        """Read in one go what is to be asked for: the answers under some accounts and keys, and their orders."""
        new = [place for place in dict.fromkeys(places) if place not in self._answers]
        if new:
            self._answers.update(dict.fromkeys(new))
            self._answers.update(self._rows.answers(new))
            self.expect_orders([cl_ord_id(account_id, key) for account_id, key in new])

    def expect_orders(self, order_ids: Sequence[str]) -> None:
        """The same for outbound orders by ClOrdID."""
        new = [each for each in dict.fromkeys(order_ids) if each not in self._orders]
        if new:
            self._orders.update(dict.fromkeys(new))
            self._orders.update(self._rows.orders(new))

    def savepoint(self) -> AbstractContextManager[None]:
        """Work that is kept whole or dropped whole: when the block raises, nothing of it stays."""
        return _Savepoint(self)

    def append(self, entry: Entry) -> Appended:
        """Append an entry; raises LogError when it does not belong here or names a body that is not stored."""
        if entry.origin != self._old.origin:
            message = f"entry of origin {entry.origin!r} given to log {self._old.origin!r}; append it to its own log"
            raise LogError(message)
        as_of_ns, recorded_at_ns = instant_ns(entry.as_of), instant_ns(entry.recorded_at)
        if recorded_at_ns < self.recorded_at_ns:
            entry, recorded_at_ns = self._held(entry, recorded_at_ns), self.recorded_at_ns
        if entry.bodies:
            self._check_bodies(entry)
        data = entry_data(entry, as_of_ns, recorded_at_ns)
        if len(data) > MAX_ENTRY_BYTES:
            message = (
                f"entry of {len(data)} bytes, at most {MAX_ENTRY_BYTES} fit a bundle; put its bulk into a body and "
                "name the ref"
            )
            raise LogError(message)
        sequence, leaf, digest = self.frontier.size, leaf_hash(data), entry_id(data)
        record = Record(sequence, digest, entry.kind.value, as_of_ns, recorded_at_ns, entry.decision_id, data, leaf)
        self.changes.append(record, self.frontier.append(leaf), entry)
        self.recorded_at_ns = recorded_at_ns
        return Appended(sequence, digest, leaf, entry)

    def appended(self, decision_id: bytes) -> tuple[Entry, ...]:
        """The entries about a decision that this transaction appended."""
        return tuple(record.entry for record in self.changes.records if record.decision_id == decision_id)

    def put_body(self, content: bytes) -> bytes:
        """Store a body and return its ref; content stored lately is not stored again."""
        content_digest = hashlib.sha256(content).digest()
        known = self._recent.ref(content_digest) or self.changes.body_refs.get(content_digest)
        if known is not None:
            return known
        ref, stored = self._recent.compressor.stored_body(content)
        self.changes.put_body(content_digest, ref, stored)
        return ref

    def body(self, ref: bytes) -> bytes:
        """The content of a body, stored or put in this transaction."""
        stored = self.changes.bodies.get(ref) or self._rows.stored_body(ref)
        if stored is None:
            message = f"body {ref.hex()} is not stored; put it before you read it, or restore the log from a copy"
            raise LogError(message)
        return body_content(ref, stored)

    def drop_bodies(self, refs: Iterable[bytes]) -> None:
        """Drop stored bodies; raises LogError unless the newest entry of this piece of work is the one that says so."""
        newest = self.changes.newest
        if newest is None or newest.kind != EntryKind.RETENTION.value:
            raise LogError("bodies are to be dropped that no entry says are; append a RETENTION entry just before it")
        for ref in refs:
            self.changes.put(self.changes.dropped, ref, True)  # noqa: FBT003  # a set that can be taken back

    def activation(self, strategy: str) -> Activation | None:
        """The newest activation of the strategy."""
        found = self.changes.activations.get(strategy) or self._memory.activations.get(strategy)
        if found is None:
            found = self._rows.activation(strategy)
            if found is not None:
                self._memory.activations[strategy] = found
        return found

    def active_policy(self, strategy: str) -> bytes | None:
        """Digest of the policy that the strategy runs."""
        found = self.activation(strategy)
        return None if found is None else found.policy_digest

    def activate(self, strategy: str, policy_digest: bytes, supersedes: bytes | None) -> None:
        """Make a policy active by compare-and-swap.

        Raises PolicyError when `supersedes` is not the active policy, and LogError when the newest entry of this
        piece of work is not the ACTIVATION that says so (facts `strategy` and `policy_digest`).
        """
        active = self.active_policy(strategy)
        if active != supersedes:
            what = f"supersedes is {_named(supersedes)}, but {_named(active)} is active"
            mend = "start from the active version, set supersedes to its digest and try again"
            raise PolicyError([Fault(strategy, 0, 0, what, mend)], reason="policy-conflict")
        newest = self.changes.newest
        if newest is None or not _activates(newest.entry, strategy, policy_digest):
            message = (
                f"activation of {_named(policy_digest)} for {strategy!r} has no entry; append an ACTIVATION entry with "
                "facts strategy and policy_digest just before it"
            )
            raise LogError(message)
        self.changes.put(self.changes.activations, strategy, Activation(strategy, policy_digest, newest.sequence))

    def account(self, account_id: str) -> SupportsBytes | None:
        """The account's state: as it was saved in this transaction, else its canonical bytes."""
        state = self.changes.states.get(account_id)
        if state is not None:
            return state
        known = self._memory.accounts.get(account_id)
        if known is None:
            row = self._rows.account(account_id)
            if row is None:
                return None
            state = whole_content(row, self._rows.account_parts(account_id) if row.n_parts else ())
            known = self._memory.accounts[account_id] = KnownAccount(state, row)
        return known.state

    def save_account(self, account_id: str, state: SupportsBytes) -> None:
        """Save the account's state; its canonical bytes are asked for once, when the batch is written."""
        self.changes.put(self.changes.states, account_id, state)

    def answer(self, account_id: str, key: str) -> Answer | None:
        """What was answered under this idempotency key."""
        place = (account_id, key)
        if place not in self._answers:
            self._answers[place] = self._rows.answers([place]).get(place)
        return self.changes.answers.get(place) or self._answers[place]

    def save_answer(self, answer: Answer) -> None:
        """Keep an answer; raises LogError when the key was answered before."""
        if self.answer(answer.account_id, answer.key) is not None:
            message = (
                f"key {answer.key!r} of account {answer.account_id!r} was answered before; give the kept answer "
                "instead of deciding again"
            )
            raise LogError(message)
        self.changes.put(self.changes.answers, (answer.account_id, answer.key), answer)

    def send(self, order: OutboundOrder) -> None:
        """Put an order into the outbox; raises LogError when its ClOrdID was used before."""
        if self.order(order.cl_ord_id) is not None:
            message = f"ClOrdID {order.cl_ord_id!r} was sent before; give the kept answer instead of deciding again"
            raise LogError(message)
        self.changes.put(self.changes.orders, order.cl_ord_id, order)

    def mark_order(self, cl_ord_id: str, state: OrderState) -> None:
        """Say how far an outbound order has come; raises LogError for one that was never sent."""
        order = self.order(cl_ord_id)
        if order is None:
            message = f"ClOrdID {cl_ord_id!r} was never put into the outbox; send it before you mark it"
            raise LogError(message)
        self.changes.put(self.changes.orders, cl_ord_id, order._replace(state=state))

    def add_checkpoint(self, row: CheckpointRow) -> None:
        """Add a checkpoint; raises LogError when it covers what is not committed or goes back."""
        newest = self._rows.newest_checkpoint()
        if row.size > self._old.size:
            message = f"checkpoint of size {row.size}, {self._old.size} entries are committed; sign a committed size"
            raise LogError(message)
        if newest is not None and (row.size < newest.size or (row.size == newest.size and row.root != newest.root)):
            message = f"checkpoint of size {row.size} comes after one of {newest.size}; sign the head of this log anew"
            raise LogError(message)
        self.changes.put(self.changes.checkpoints, row.size, row)

    def finish(self) -> None:
        """Hand everything to the rows; the adapter commits next. Raises LogError for a body that no entry needs."""
        if self.changes.unnamed:
            raise _orphaned(self.changes.unnamed)
        changes = self.changes
        if changes.states and not changes.records:
            message = (
                f"state of account {next(iter(changes.states))!r} was saved without an entry; append the entry that "
                "says why in the same transaction"
            )
            raise LogError(message)
        for account_id, state in changes.states.items():
            known = self._memory.accounts.get(account_id)
            stored = self._rows.account(account_id) if known is None else known.row
            changes.accounts[account_id] = account_change(account_id, state, stored)
        self._new = Head(self._old.origin, self.frontier.size, self.frontier.data, self.recorded_at_ns)
        self._rows.write(changes, self._old, self._new)

    def committed(self) -> None:
        """Learn from a commit that has happened: what it wrote need be neither written again nor read."""
        self._memory.learn(self._new, self.changes)

    def _held(self, entry: Entry, recorded_at_ns: int) -> Entry:
        """The entry at the instant of the one before it, which is later by the caller's clock."""
        last_at = instant_from_ns(self.recorded_at_ns)
        if self.recorded_at_ns - recorded_at_ns > self._max_clock_hold_ns:
            message = (
                f"clock says {instant_text(entry.recorded_at)}, but log {entry.origin!r} has an entry recorded at "
                f"{instant_text(last_at)}; set the clock of this machine (NTP), then try again"
            )
            raise EdgeError(message)
        return replace(entry, recorded_at=last_at)

    def _check_bodies(self, entry: Entry) -> None:
        unsure = {ref for ref in entry.bodies if ref not in self._recent and ref not in self.changes.bodies}
        if unsure:
            stored = self._rows.stored_refs(unsure)
            self._recent.found(stored)
            missing = unsure - stored
            if missing:
                message = f"entry names body {min(missing).hex()}, which is not stored; put the body first"
                raise LogError(message)

    def order(self, order_id: str) -> OutboundOrder | None:
        """An outbound order, in the state that it has come to."""
        if order_id not in self._orders:
            self._orders[order_id] = self._rows.orders([order_id]).get(order_id)
        return self.changes.orders.get(order_id) or self._orders[order_id]


def _orphaned(refs: Iterable[bytes]) -> LogError:
    message = f"body {min(refs).hex()} was put but no entry names it; add its ref to the entry's bodies"
    return LogError(message)


def _activates(entry: Entry, strategy: str, policy_digest: bytes) -> bool:
    said = {"strategy": strategy, "policy_digest": policy_digest}
    return entry.kind is EntryKind.ACTIVATION and said.items() <= entry.facts.items()


def _named(digest: bytes | None) -> str:
    return "no policy" if digest is None else digest_text(digest)
