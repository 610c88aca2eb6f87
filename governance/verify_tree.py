"""Verification of the tree: stored nodes, the head, and the root that each checkpoint claims.

Two trees grow side by side over the blocks: one from what the entries hash to, one from the stored nodes. A root
that fits neither is a finding; one that fits only the nodes belongs to entries that were written down already.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from governance.findings import Notebook
from governance.merkle import TILE_WIDTH, Frontier, folded
from governance.ports import LogReader
from governance.rows import Head
from governance.verify_entries import Block

_RESTORE = "restore the log from a copy"
_UNKNOWN = bytes(32)


class Claim(NamedTuple):
    """A root that something says the tree has at a size."""

    size: int
    root: bytes
    place: str


class Tree:
    """The tree as it is recomputed, block by block."""

    def __init__(self, reader: LogReader, claims: Iterable[Claim], notes: Notebook) -> None:
        self._reader = reader
        self._claims = sorted(claims, reverse=True)
        self._notes = notes
        self._by_entries = Frontier()
        self._by_nodes = Frontier()
        self._tail = Frontier()
        self._n_leaves = 0
        self._n_nodes = 0
        self._right_size = 0
        self._n_wrong = 0
        self.levels: list[list[bytes]] = []
        """Roots of complete subtrees by tile level, from level 1: what the tiles above the leaves must hold."""

    @property
    def root(self) -> bytes:
        """The root over all that was taken in."""
        return folded([*self._by_entries.hashes, *self._tail.hashes])

    def grow(self, block: Block) -> None:
        """Take in a block, and judge every claim that falls within it."""
        is_whole = None not in block.leaves
        self._tail = Frontier()
        while self._claims and self._claims[-1].size <= block.start:
            self._judge(self._claims.pop())
        for leaf in block.leaves:
            self._tail.append(leaf or _UNKNOWN)
            self._n_leaves += 1
            while self._claims and self._claims[-1].size == self._n_leaves < block.start + TILE_WIDTH:
                claim = self._claims.pop()
                if is_whole:
                    self._judge(claim)
        if len(block.leaves) == TILE_WIDTH:
            self._complete(block, self._tail.root if is_whole else None)

    def finish(self, head: Head | None) -> None:
        """Judge what is left once every block was taken in: the claims at the end, the head, the node rows."""
        while self._claims and self._claims[-1].size <= self._n_leaves:
            self._judge(self._claims.pop())
        for claim in reversed(self._claims):
            what = f"covers {claim.size} entries, the log has {self._n_leaves}: the log was cut or restored"
            self._notes.find(claim.place, what, _RESTORE)
        if self._n_wrong > 1:
            self._notes.find("checkpoints", f"{self._n_wrong - 1} later ones have another root as well", _RESTORE)
        frontiers = [
            b"".join([*frontier.hashes, *self._tail.hashes]) for frontier in (self._by_entries, self._by_nodes)
        ]
        if head is not None and head.frontier not in frontiers:
            self._notes.find("log_head", "its frontier is not that of the entries", _RESTORE)
        n_stored = self._reader.n_tree_nodes()
        if n_stored != self._n_nodes:
            what = f"has {n_stored} rows, {self._n_nodes} belong to {self._n_leaves} entries"
            self._notes.find("tree_nodes", what, "remove the added rows or restore the missing ones")

    def _complete(self, block: Block, root: bytes | None) -> None:
        """Move a full block into both trees, and check the stored nodes that it completes."""
        self._tail = Frontier()
        place = f"entries {block.start} to {block.start + TILE_WIDTH - 1}"
        stored = self._checked_node(1, block.start // TILE_WIDTH, root, place)
        root = root or stored
        by_nodes = {node.tile_level: node.hash for node in self._by_nodes.append(stored)}
        self._keep(1, root)
        for node in self._by_entries.append(root):
            level = node.tile_level + 1
            expected = None if by_nodes[node.tile_level] != node.hash else node.hash
            self._checked_node(level, node.position, expected, f"tree node {level}/{node.position}")
            self._keep(level, node.hash)

    def _checked_node(self, level: int, position: int, expected: bytes | None, place: str) -> bytes:
        """The stored node; written down as a finding when it is not what is expected, if anything is."""
        self._n_nodes += 1
        stored = next(iter(self._reader.hashes(level, position, position + 1)), None)
        if stored is None or not isinstance(stored, bytes):
            self._notes.find(f"tree node {level}/{position}", "its row is missing or no hash", _RESTORE)
            return expected or _UNKNOWN
        if expected is not None and stored != expected:
            what = f"hash to {expected.hex()}, tree node {level}/{position} is {stored.hex()}: one of them was changed"
            self._notes.find(place, what, _RESTORE)
        return stored

    def _keep(self, level: int, found: bytes) -> None:
        if level > len(self.levels):
            self.levels.append([])
        self.levels[level - 1].append(found)

    def _judge(self, claim: Claim) -> None:
        """Compare a claim with both trees at its size, which is the one reached."""
        roots = [folded([*frontier.hashes, *self._tail.hashes]) for frontier in (self._by_entries, self._by_nodes)]
        if claim.root in roots:
            self._right_size = claim.size
            return
        self._n_wrong += 1
        if self._n_wrong == 1:
            what = (
                f"has root {claim.root.hex()} at size {claim.size}, the entries have {roots[0].hex()}: something in "
                f"entries {self._right_size} to {claim.size - 1} was rewritten"
            )
            self._notes.find(claim.place, what, _RESTORE)
