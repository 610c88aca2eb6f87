"""What a transaction is about to write, and how a failing piece of work is cut off from it.

Work runs against rows in memory, and the whole batch is written in a few statements at commit. Every change can be
taken back to a mark, which is what a database savepoint would do, at a hundredth of its cost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, SupportsBytes, TypeVar

from governance.accounts import AccountChange
from governance.entries import Entry
from governance.merkle import Node
from governance.models import EvidenceRow, ModelRow, StageRow
from governance.rows import Activation, Answer, CheckpointRow, OutboundOrder, Record
from governance.trials import TrialRow

_Key = TypeVar("_Key")
_Row = TypeVar("_Row")


class Mark(NamedTuple):
    """How much there was at an instant.

    Attributes:
        n_records: entries.
        n_nodes: subtrees.
        n_replaced: changes of rows that have a key.
        unnamed: new bodies that no entry had named yet.
    """

    n_records: int
    n_nodes: int
    n_replaced: int
    unnamed: frozenset[bytes]


@dataclass(slots=True)
class Changes:
    """Rows to write, in the order they came.

    Attributes:
        records: entries to append.
        nodes: subtrees completed by them.
        bodies: stored bytes of new bodies, by ref.
        body_refs: refs of the bodies, by the SHA-256 of their content.
        unnamed: refs of new bodies that no entry names yet.
        dropped: refs of stored bodies that are to go.
        activations: by strategy.
        states: of accounts, by account id.
        accounts: what is written of these states, made when all is.
        answers: by account id and key.
        orders: outbound orders, new ones and those in a new state, by ClOrdID.
        checkpoints: new checkpoints, or old ones with more signatures, by size.
        trials: new trials, by family and digest.
        models: new model versions, by family and number.
        evidence: what is known of them, likewise.
        stages: how far model versions have come, likewise.
        n_before: how many entries there were when the present piece of work began.
    """

    records: list[Record] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    bodies: dict[bytes, bytes] = field(default_factory=dict)
    body_refs: dict[bytes, bytes] = field(default_factory=dict)
    unnamed: set[bytes] = field(default_factory=set)
    dropped: dict[bytes, bool] = field(default_factory=dict)
    activations: dict[str, Activation] = field(default_factory=dict)
    states: dict[str, SupportsBytes] = field(default_factory=dict)
    accounts: dict[str, AccountChange] = field(default_factory=dict)
    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    orders: dict[str, OutboundOrder] = field(default_factory=dict)
    checkpoints: dict[int, CheckpointRow] = field(default_factory=dict)
    trials: dict[tuple[str, bytes], TrialRow] = field(default_factory=dict)
    models: dict[tuple[str, int], ModelRow] = field(default_factory=dict)
    evidence: dict[tuple[str, int], tuple[EvidenceRow, ...]] = field(default_factory=dict)
    stages: dict[tuple[str, int], StageRow] = field(default_factory=dict)
    n_before: int = 0
    _replaced: list[tuple[dict[Any, Any], Any, Any]] = field(default_factory=list, repr=False, compare=False)

    @property
    def newest(self) -> Record | None:
        """The newest entry of the present piece of work; None before its first."""
        return self.records[-1] if len(self.records) > self.n_before else None

    def put(self, rows: dict[_Key, _Row], key: _Key, row: _Row) -> None:
        """Put a row into one of the tables of this object, in a way that can be taken back."""
        self._replaced.append((rows, key, rows.get(key)))
        rows[key] = row

    def put_body(self, content_digest: bytes, ref: bytes, stored: bytes) -> None:
        """Put a body that an entry is still to name."""
        self.put(self.bodies, ref, stored)
        self.put(self.body_refs, content_digest, ref)
        self.unnamed.add(ref)

    def append(self, record: Record, nodes: list[Node], entry: Entry) -> None:
        """Put an entry, the subtrees that it completes, and the bodies that it names."""
        self.records.append(record)
        if nodes:
            self.nodes += nodes
        if self.unnamed:
            self.unnamed.difference_update(entry.bodies)

    def mark(self) -> Mark:
        """How much there is now."""
        return Mark(len(self.records), len(self.nodes), len(self._replaced), frozenset(self.unnamed))

    def take_back(self, mark: Mark) -> None:
        """Make everything as it was at a mark."""
        del self.records[mark.n_records :]
        del self.nodes[mark.n_nodes :]
        while len(self._replaced) > mark.n_replaced:
            rows, key, row = self._replaced.pop()
            if row is None:
                del rows[key]
            else:
                rows[key] = row
        self.unnamed = set(mark.unnamed)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not self.records and not self._replaced
