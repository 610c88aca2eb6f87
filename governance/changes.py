"""What a transaction is about to write: layers of rows that a failing piece of work can be cut off from.

Work runs against layers in memory, and the whole batch is written in a few statements at commit. Dropping a
layer is what a database savepoint would do, at a hundredth of its cost.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from governance.merkle import Node
from governance.rows import Account, Activation, Answer, CheckpointRow, OutboundOrder, Record


@dataclass(slots=True)
class Changes:
    """Rows to write, in the order they came.

    Attributes:
        records: entries to append.
        nodes: subtrees completed by them.
        bodies: stored bytes of new bodies, by ref.
        body_refs: refs of the bodies, by the SHA-256 of their content.
        needed: refs that the entries of this layer name.
        activations: by strategy.
        accounts: by account id.
        answers: by account id and key.
        orders: new outbound orders, by ClOrdID.
        marked: orders sent earlier or in this layer, in their new state, by ClOrdID.
        checkpoints: new checkpoints, or old ones with more signatures, by size.
    """

    records: list[Record] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    bodies: dict[bytes, bytes] = field(default_factory=dict)
    body_refs: dict[bytes, bytes] = field(default_factory=dict)
    needed: set[bytes] = field(default_factory=set)
    activations: dict[str, Activation] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    orders: dict[str, OutboundOrder] = field(default_factory=dict)
    marked: dict[str, OutboundOrder] = field(default_factory=dict)
    checkpoints: dict[int, CheckpointRow] = field(default_factory=dict)

    def absorb(self, upper: Changes) -> None:
        """Take in a layer that ran on top of this one."""
        self.records += upper.records
        self.nodes += upper.nodes
        self.bodies |= upper.bodies
        self.body_refs |= upper.body_refs
        self.needed |= upper.needed
        self.activations |= upper.activations
        self.accounts |= upper.accounts
        self.answers |= upper.answers
        self.orders |= upper.orders
        self.marked |= upper.marked
        self.checkpoints |= upper.checkpoints

    @property
    def orphans(self) -> set[bytes]:
        """Refs of new bodies that no entry of this layer names."""
        return self.bodies.keys() - self.needed
