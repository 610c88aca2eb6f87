"""Verification of the entries: each row against its own bytes and its neighbours, in blocks of one tile.

A block is the 256 entries under one tile. Its rows may be missing or unreadable; what can be known of it is known
from its data, from its `leaf_hash` column, and from the tree node over it, of which any two outvote the third.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from governance.bookings import booking_from_facts
from governance.entries import Entry, EntryKind, cl_ord_id, entry_id
from governance.findings import Notebook, bytes_or_none, shown
from governance.merkle import HASH_BYTES, TILE_WIDTH, Frontier, leaf_hash
from governance.policy_stages import LearnedStages
from governance.ports import LogReader
from governance.rows import Activation, Record
from governance.said import ANSWER_NAMES, ORDER_NAMES, Said, said
from governance.verify_executions import LearnedExecutions
from governance.verify_orders import LearnedOrders
from governance.verify_registry import LearnedRegistry
from nodes.vocabulary.bookings import Origin
from nodes.vocabulary.errors import DataError, LogError
from nodes.vocabulary.instants import instant_ns

_RESTORE = "restore it from a copy"
_FIRST, _LAST = -(2**63), 2**63 - 1
_KEPT_BACK = frozenset({EntryKind.RETENTION, EntryKind.HOLD})


class Decided(NamedTuple):
    """What the entry of a decision that was made under a key says.

    Attributes:
        decision_id: its id.
        request_digest: of what was asked; None when the entry does not give it.
        answer: of its answer.
        order: of its order.
    """

    decision_id: bytes
    request_digest: bytes | None
    answer: Said
    order: Said


@dataclass(slots=True)
class Learned:
    """What the entries say that other parts of the log must agree with.

    Attributes:
        bodies: refs that entries name, each with the first sequence that names it.
        activations: the newest activation of each strategy.
        answered: every decision that was made under a key, by account and idempotency key.
        sent: account and decision of every order that was let out, refused ones apart, by ClOrdID.
        orders: how far each of them can have come.
        account_digests: for each account that entries name, the digest of its state that the newest of them gives, or
            None when none gives one.
        recorded_at_ns: instant of the newest entry.
        verifier_key: what the genesis entry says that checkpoints are signed with.
        registry: what they say of models.
        executions: what traded.
        stages: at which stage policies are, and what each strategy runs.
        impacts: facts of entries that rest on an impact report, with their sequences.
        retention: entries that dropped bodies, with their sequences.
        holds: entries that placed or released holds, likewise.
    """

    bodies: dict[bytes, int] = field(default_factory=dict)
    activations: dict[str, Activation] = field(default_factory=dict)
    answered: dict[tuple[str, str], Decided] = field(default_factory=dict)
    sent: dict[str, tuple[str, Decided]] = field(default_factory=dict)
    orders: LearnedOrders = field(default_factory=LearnedOrders)
    account_digests: dict[str, bytes | None] = field(default_factory=dict)
    recorded_at_ns: int = 0
    verifier_key: object = None
    registry: LearnedRegistry = field(default_factory=LearnedRegistry)
    executions: LearnedExecutions = field(default_factory=LearnedExecutions)
    stages: LearnedStages = field(default_factory=LearnedStages)
    impacts: list[tuple[int, Mapping[str, Any]]] = field(default_factory=list)
    retention: list[tuple[int, Entry]] = field(default_factory=list)
    holds: list[tuple[int, Entry]] = field(default_factory=list)

    def learn(self, sequence: int, entry: Entry) -> None:
        """Take one entry in."""
        for ref in entry.bodies:
            self.bodies.setdefault(ref, sequence)
        self.recorded_at_ns = max(self.recorded_at_ns, instant_ns(entry.recorded_at))
        if entry.kind is EntryKind.GENESIS:
            self.verifier_key = entry.facts.get("verifier_key")
        if entry.kind is EntryKind.ACTIVATION:
            strategy, policy_digest = entry.facts.get("strategy"), entry.facts.get("policy_digest")
            if isinstance(strategy, str) and isinstance(policy_digest, bytes):
                self.activations[strategy] = Activation(strategy, policy_digest, sequence)
        if "impact_digest" in entry.facts:
            self.impacts.append((sequence, entry.facts))
        self.registry.learn(sequence, entry)
        if entry.kind in _KEPT_BACK:
            (self.retention if entry.kind is EntryKind.RETENTION else self.holds).append((sequence, entry))
        account_id = entry.facts.get("account_id")
        is_of_books_alone = entry.kind is EntryKind.JOURNAL and "account_digest" not in entry.facts
        if isinstance(account_id, str) and not is_of_books_alone:
            self._learn_account(account_id, entry)

    def _learn_account(self, account_id: str, entry: Entry) -> None:
        found = entry.facts.get("account_digest")
        known = self.account_digests.setdefault(account_id, None)
        self.account_digests[account_id] = found if isinstance(found, bytes) else known
        key = entry.facts.get("key")
        if entry.decision_id is None or not isinstance(key, str):
            return
        if entry.kind is EntryKind.DECISION:
            decided = _decided(entry, entry.decision_id)
            self.answered[account_id, key] = decided
            if entry.facts.get("action") == "act":
                self.sent[cl_ord_id(account_id, key)] = account_id, decided
        elif entry.kind is EntryKind.REFUSAL:
            self.sent.pop(cl_ord_id(account_id, key), None)


def _decided(entry: Entry, decision_id: bytes) -> Decided:
    facts = entry.facts
    asked = facts.get("request_digest")
    return Decided(
        decision_id,
        asked if isinstance(asked, bytes) else None,
        said(ANSWER_NAMES, facts),
        said(ORDER_NAMES, facts),
    )


@dataclass(frozen=True, slots=True)
class Block:
    """The entries under one tile, as far as they are known.

    Attributes:
        start: sequence of the first.
        records: the row of each entry; None where it is missing or unreadable.
        leaves: the leaf hash of each entry; None where nothing tells it.
    """

    start: int
    records: tuple[Record | None, ...]
    leaves: tuple[bytes | None, ...]

    @property
    def rows(self) -> Iterator[tuple[int, Record | None, bytes | None]]:
        """Sequence, row and leaf hash of each entry."""
        return zip(range(self.start, self.start + len(self.records)), self.records, self.leaves, strict=True)


def blocks(reader: LogReader, size: int, tail_root: bytes | None, notes: Notebook, seen: Learned) -> Iterator[Block]:
    """All entries in blocks, every finding about them written down, what they say taken in.

    `tail_root` is what the head says of the last, incomplete block: the root over its leaves.
    """
    for start in range(0, size, TILE_WIDTH):
        span = range(start, min(start + TILE_WIDTH, size))
        expected = _node(reader, start // TILE_WIDTH) if len(span) == TILE_WIDTH else tail_root
        block = _block({record.sequence: record for record in _records(reader, span)}, span, expected)
        for sequence, record, leaf in block.rows:
            if record is None:
                notes.find(f"entry {sequence}", "its row is missing or cannot be read", _RESTORE)
            else:
                _check_record(record, leaf, notes, seen)
                notes.count("entries")
        yield block
    for stray in (*reader.records(_FIRST, 0), *reader.records(size, _LAST)):
        notes.find(f"entry {stray.sequence}", "stands outside the log that the head describes", "remove the added row")


def _node(reader: LogReader, position: int) -> bytes | None:
    return next(iter(reader.hashes(1, position, position + 1)), None)


def _records(reader: LogReader, span: range) -> Sequence[Record]:
    """The rows of a span; those that cannot be read are left out, the others kept."""
    try:
        return reader.records(span.start, span.stop)
    except LogError:
        if len(span) <= 1:
            return ()
    middle = (span.start + span.stop) // 2
    return (*_records(reader, range(span.start, middle)), *_records(reader, range(middle, span.stop)))


def _block(records: dict[int, Record], span: range, expected: bytes | None) -> Block:
    rows = [records.get(sequence) for sequence in span]
    stored = [_hash(None if row is None else row.leaf_hash) for row in rows]
    data = [None if row is None else bytes_or_none(row.data) for row in rows]
    computed = [None if each is None else leaf_hash(each) for each in data]
    truer = stored if _root(stored) == expected != _root(computed) else computed
    return Block(span.start, tuple(rows), tuple(truer))


def _hash(found: object) -> bytes | None:
    return found if isinstance(found, bytes) and len(found) == HASH_BYTES else None


def _root(leaves: Sequence[bytes | None]) -> bytes | None:
    frontier = Frontier()
    for leaf in leaves:
        if leaf is None:
            return None
        frontier.append(leaf)
    return frontier.root


def _check_record(record: Record, leaf: bytes | None, notes: Notebook, seen: Learned) -> None:
    place = f"entry {record.sequence}"
    data = bytes_or_none(record.data)
    computed = None if data is None else leaf_hash(data)
    if computed is None or computed != leaf:
        notes.find(place, f"its data does not hash to {shown(leaf)}, which the tree has for it", _RESTORE)
        return
    if record.leaf_hash != computed:
        notes.find(place, f"leaf_hash is {shown(record.leaf_hash)}, its data hashes to {shown(computed)}", _RESTORE)
    try:
        entry = record.entry
    except LogError as error:
        notes.find(place, str(error), _RESTORE)
        return
    for column, found, expected in _columns(record, entry):
        if found != expected or type(found) is not type(expected):
            notes.find(place, f"column {column} is {shown(found)}, its data says {shown(expected)}", _RESTORE)
    if instant_ns(entry.recorded_at) < seen.recorded_at_ns:
        notes.find(place, f"recorded_at {entry.recorded_at} is before that of an earlier entry", _RESTORE)
    seen.learn(record.sequence, entry)
    if entry.kind is EntryKind.JOURNAL:
        _check_booking(place, entry, notes)
    for fault in (seen.executions.fault(entry), seen.orders.fault(entry)):
        if fault:
            notes.find(place, fault, _RESTORE)


def _check_booking(place: str, entry: Entry, notes: Notebook) -> None:
    """What a JOURNAL entry books can be read; whether it fits the books is for who makes them."""
    account_id = entry.facts.get("account_id")
    owner = account_id if isinstance(account_id, str) else ""
    try:
        booking_from_facts(Origin("", owner, entry.as_of, entry.recorded_at), entry.facts)
    except DataError as error:
        notes.find(place, str(error), _RESTORE)


def _columns(record: Record, entry: Entry) -> tuple[tuple[str, object, object], ...]:
    return (
        ("entry_id", record.entry_id, entry_id(record.data)),
        ("kind", record.kind, entry.kind.value),
        ("as_of_ns", record.as_of_ns, instant_ns(entry.as_of)),
        ("recorded_at_ns", record.recorded_at_ns, instant_ns(entry.recorded_at)),
        ("decision_id", record.decision_id, entry.decision_id),
    )
