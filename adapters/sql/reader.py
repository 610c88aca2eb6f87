"""One consistent view of a log in SQL: `governance.ports.LogReader` over one connection inside one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import zstandard
from sqlalchemy import Connection, Executable, Row, Select, func, select

from adapters.sql.dialect import structure_faults, translated
from adapters.sql.registry_reader import SqlRegistryReader
from adapters.sql.tables import (
    ACCOUNT_PARTS,
    ACCOUNTS,
    ACTIVATIONS,
    ANSWERS,
    BODIES,
    CHECKPOINTS,
    ENTRIES,
    LOG_HEAD,
    OUTBOX,
    TREE_NODES,
)
from governance.accounts import AccountPart, AccountRow, whole_content
from governance.bodies import body_content
from governance.entries import EntryKind
from governance.rows import (
    Account,
    Activation,
    Answer,
    CheckpointRow,
    Head,
    OrderState,
    OutboundOrder,
    Record,
    Sealed,
)
from nodes.vocabulary.errors import DataError, LogError

_MAX_DECISIONS = 10
_PAGE = 1000
_MOST_REFS = 500
_DIGEST_DIGITS = 64

_ACCOUNT = select(*(column for column in ACCOUNTS.columns if column.name != "seal"))
_PARTS = select(ACCOUNT_PARTS).order_by(ACCOUNT_PARTS.c.place)
_ANSWER = select(*(column for column in ANSWERS.columns if column.name != "seal"))
_ORDER = select(*(column for column in OUTBOX.columns if column.name != "seal"))
_CHECKPOINT = select(CHECKPOINTS.c.size, CHECKPOINTS.c.root, CHECKPOINTS.c.note)


class SqlReader:
    """The statements that read a log."""

    def __init__(self, connection: Connection, place: str) -> None:
        self._connection = connection
        self._place = place
        self._registry = SqlRegistryReader(self._rows)

    @property
    def registry(self) -> SqlRegistryReader:
        """The model registry in the view."""
        return self._registry

    def head(self) -> Head:
        """The head of the view. Raises LogError when there is not exactly one."""
        return only_head(self._rows(select(LOG_HEAD)))

    def records(self, start: int, stop: int) -> Sequence[Record]:
        """Entries from sequence start to stop, stop excluded."""
        sequence = ENTRIES.c.sequence
        return self._records(select(ENTRIES).where(sequence >= start, sequence < stop).order_by(sequence))

    def extent(self) -> tuple[int, int]:
        """How many entry rows there are, and the largest sequence among them; -1 for none."""
        (row,) = self._rows(select(func.count().label("n_rows"), func.max(ENTRIES.c.sequence).label("last")))
        return row.n_rows, -1 if row.last is None else row.last

    def n_tree_nodes(self) -> int:
        """How many tree nodes are stored."""
        return int(self._rows(select(func.count()).select_from(TREE_NODES))[0][0])

    def pin(self) -> None:
        """Fix the view: a transaction of reads begins with its first statement."""
        self._row(select(LOG_HEAD.c.size).limit(1))

    def record_of_entry(self, entry_id: bytes) -> Record | None:
        """The first entry with this id among those that concern no decision."""
        stood_on = select(ENTRIES).where(ENTRIES.c.entry_id == entry_id, ENTRIES.c.decision_id.is_(None))
        wanted = stood_on.order_by(ENTRIES.c.sequence).limit(1)
        return next(iter(self._records(wanted)), None)

    def decisions(self, prefix: str) -> Sequence[Record]:
        """Up to ten DECISION entries whose decision id begins with these hexadecimal digits."""
        low, high = _prefix_range(prefix)
        decision_id = ENTRIES.c.decision_id
        wanted = select(ENTRIES).where(
            decision_id >= low, decision_id <= high, ENTRIES.c.kind == EntryKind.DECISION.value
        )
        return self._records(wanted.order_by(decision_id, ENTRIES.c.sequence).limit(_MAX_DECISIONS))

    def history(self, decision_id: bytes) -> Sequence[Record]:
        """Every entry that is or concerns a decision, in order."""
        wanted = select(ENTRIES).where(ENTRIES.c.decision_id == decision_id)
        return self._records(wanted.order_by(ENTRIES.c.sequence))

    def newest(self, kind: EntryKind, n_records: int, before: int | None = None) -> Sequence[Record]:
        """The newest entries of a kind, newest first, below a sequence number if one is given."""
        wanted = select(ENTRIES).where(ENTRIES.c.kind == kind.value)
        if before is not None:
            wanted = wanted.where(ENTRIES.c.sequence < before)
        return self._records(wanted.order_by(ENTRIES.c.sequence.desc()).limit(n_records))

    def of_kind(self, kind: EntryKind) -> Iterator[Record]:
        """All entries of a kind, in order, a page at a time."""
        wanted = select(ENTRIES).where(ENTRIES.c.kind == kind.value).order_by(ENTRIES.c.sequence).limit(_PAGE)
        page = self._records(wanted)
        while page:
            yield from page
            page = self._records(wanted.where(ENTRIES.c.sequence > page[-1].sequence))

    def places(self, kind: EntryKind, since_ns: int, until_ns: int, last: int | None = None) -> Sequence[int]:
        """Sequence numbers of entries of a kind as of one instant on and before another; the last few of them."""
        sequence, as_of_ns = ENTRIES.c.sequence, ENTRIES.c.as_of_ns
        wanted = select(sequence).where(ENTRIES.c.kind == kind.value, as_of_ns >= since_ns, as_of_ns < until_ns)
        rows = self._rows(wanted.order_by(sequence.desc()).limit(last))
        return [row[0] for row in reversed(rows)]

    def data_of_kind(self, kind: EntryKind, start: int, stop: int) -> Sequence[tuple[int, bytes]]:
        """Sequence and bytes of a kind's entries from sequence start to stop, stop excluded, in order."""
        sequence = ENTRIES.c.sequence
        wanted = select(sequence, ENTRIES.c.data).where(ENTRIES.c.kind == kind.value)
        rows = self._rows(wanted.where(sequence >= start, sequence < stop).order_by(sequence))
        return [(row.sequence, row.data) for row in rows]

    def hashes(self, tile_level: int, start: int, stop: int) -> Sequence[bytes]:
        """Roots of complete subtrees; level 0 is the leaves."""
        if tile_level == 0:
            place = ENTRIES.c.sequence
            wanted = select(ENTRIES.c.leaf_hash)
        else:
            place = TREE_NODES.c.position
            wanted = select(TREE_NODES.c.hash).where(TREE_NODES.c.tile_level == tile_level)
        wanted = wanted.where(place >= start, place < stop).order_by(place)
        return [row[0] for row in self._rows(wanted)]

    def stored_body(self, ref: bytes) -> bytes | None:
        """The stored bytes of a body."""
        row = self._row(select(BODIES.c.stored).where(BODIES.c.ref == ref))
        return None if row is None else row.stored

    def stored_bodies(self, after: bytes, n_bodies: int) -> Sequence[tuple[bytes, bytes]]:
        """The next bodies by ref, with their stored bytes."""
        wanted = select(BODIES).where(BODIES.c.ref > after).order_by(BODIES.c.ref).limit(n_bodies)
        return [(row.ref, row.stored) for row in self._rows(wanted)]

    def body(self, ref: bytes) -> bytes:
        """The content of a body. Raises LogError when it is not stored or not intact."""
        stored = self.stored_body(ref)
        if stored is None:
            message = (
                f"body {ref.hex()} is not stored; `assay retention status` says what was dropped by rule, else restore "
                "the log from a copy"
            )
            raise LogError(message, reason="not-archived")
        return body_content(ref, stored)

    def contents(self, refs: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """The contents of those bodies that are stored. Raises LogError when one is not intact."""
        found: dict[bytes, bytes] = {}
        decompressor = zstandard.ZstdDecompressor()
        for start in range(0, len(refs), _MOST_REFS):
            wanted = select(BODIES).where(BODIES.c.ref.in_(refs[start : start + _MOST_REFS]))
            found |= {row.ref: body_content(row.ref, row.stored, decompressor) for row in self._rows(wanted)}
        return found

    def checkpoints(self) -> Sequence[CheckpointRow]:
        """All checkpoints by size."""
        rows = self._rows(_CHECKPOINT.order_by(CHECKPOINTS.c.size))
        return [CheckpointRow._make(row) for row in rows]

    def newest_checkpoint(self) -> CheckpointRow | None:
        """The checkpoint of the largest size."""
        row = self._row(_CHECKPOINT.order_by(CHECKPOINTS.c.size.desc()).limit(1))
        return None if row is None else CheckpointRow._make(row)

    def activations(self) -> Sequence[Activation]:
        """What each strategy runs."""
        rows = self._rows(select(ACTIVATIONS).order_by(ACTIVATIONS.c.strategy))
        return [Activation._make(row) for row in rows]

    def activation(self, strategy: str) -> Activation | None:
        """What one strategy runs."""
        row = self._row(select(ACTIVATIONS).where(ACTIVATIONS.c.strategy == strategy))
        return None if row is None else Activation._make(row)

    def account(self, account_id: str) -> Account | None:
        """The state of an account, whole. Raises LogError when its rows do not fit together."""
        row = self._row(_ACCOUNT.where(ACCOUNTS.c.account_id == account_id))
        if row is None:
            return None
        parts = self._rows(_PARTS.where(ACCOUNT_PARTS.c.account_id == account_id))
        content = whole_content(AccountRow._make(row), [AccountPart._make(part) for part in parts])
        return Account(row.account_id, content)

    def n_account_parts(self) -> int:
        """How many parts of accounts are stored."""
        return int(self._rows(select(func.count()).select_from(ACCOUNT_PARTS))[0][0])

    def answer(self, account_id: str, key: str) -> Answer | None:
        """The answer's row."""
        row = self._row(_ANSWER.where(ANSWERS.c.account_id == account_id, ANSWERS.c.key == key))
        return None if row is None else Answer._make(row)

    def order(self, cl_ord_id: str) -> OutboundOrder | None:
        """The outbound order's row."""
        row = self._row(_ORDER.where(OUTBOX.c.cl_ord_id == cl_ord_id))
        return None if row is None else order_of_row(row)

    def outbox(self, state: OrderState, most: int | None = None) -> Sequence[OutboundOrder]:
        """Outbound orders in a state, by ClOrdID; at most so many of them."""
        wanted = _ORDER.where(OUTBOX.c.state == state.value).order_by(OUTBOX.c.cl_ord_id)
        return [order_of_row(row) for row in self._rows(wanted.limit(most))]

    def n_outbound(self, state: OrderState) -> int:
        """How many outbound orders are in a state."""
        wanted = select(func.count()).select_from(OUTBOX).where(OUTBOX.c.state == state.value)
        return int(self._rows(wanted)[0][0])

    def oldest_outbound_ns(self, state: OrderState) -> int | None:
        """When the oldest decision was recorded whose order is in a state."""
        decided = OUTBOX.join(ENTRIES, ENTRIES.c.decision_id == OUTBOX.c.decision_id)
        wanted = select(func.min(ENTRIES.c.recorded_at_ns)).select_from(decided).where(OUTBOX.c.state == state.value)
        found = self._rows(wanted)[0][0]
        return None if found is None else int(found)

    def sealed_rows(self) -> Iterator[Sealed]:
        """Every row of working state and every checkpoint, with the seal stored beside it."""
        for table in (CHECKPOINTS, ACCOUNTS, ANSWERS, OUTBOX):
            for row in self._rows(select(table).order_by(*table.primary_key)):
                yield Sealed(table.name, tuple(row[:-1]), row[-1])

    def structure_faults(self) -> Sequence[str]:
        """What the database itself finds wrong with its files and tables."""
        return structure_faults(self._connection)

    def _rows(self, wanted: Executable) -> Sequence[Row[Any]]:
        """All that is selected; fetched here, since a driver may find a row unreadable only then."""
        with translated(self._place):
            return self._connection.execute(wanted).all()

    def _row(self, wanted: Executable) -> Row[Any] | None:
        return next(iter(self._rows(wanted)), None)

    def _records(self, wanted: Select[Any]) -> list[Record]:
        return [Record._make(row) for row in self._rows(wanted)]


def only_head(rows: Sequence[Any]) -> Head:
    """The head among the rows of its table. Raises LogError when there is not exactly one."""
    if len(rows) != 1:
        message = f"the log has {len(rows)} heads, expected 1; restore it from a copy"
        raise LogError(message)
    return Head._make(rows[0])


def order_of_row(row: Any) -> OutboundOrder:  # noqa: ANN401  # rows are of whatever was selected
    """The outbound order of a row without its seal."""
    order = OutboundOrder._make(row)
    return order._replace(state=OrderState(order.state))


def _prefix_range(prefix: str) -> tuple[bytes, bytes]:
    try:
        return bytes.fromhex(prefix.ljust(_DIGEST_DIGITS, "0")), bytes.fromhex(prefix.ljust(_DIGEST_DIGITS, "f"))
    except ValueError as error:
        message = f"{prefix!r} begins no decision id; write its first hexadecimal digits, at most {_DIGEST_DIGITS}"
        raise DataError(message) from error
