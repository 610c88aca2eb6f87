"""The Merkle tree of RFC 6962 section 2.1: leaf and node hashes, and the frontier that grows with the log.

The frontier (compact range) is the list of roots of the complete subtrees that make up the tree, largest first;
there is one for each 1 bit of the size. It is all that an append needs, and its bytes share a row with the
sequence number. Proofs: `governance.proofs`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from nodes.vocabulary.errors import LogError

HASH_BYTES = 32
TILE_HEIGHT = 8
"""Levels of the tree that one tile spans: C2SP tlog-tiles fixes 8."""
TILE_WIDTH = 1 << TILE_HEIGHT
EMPTY_ROOT = hashlib.sha256(b"").digest()
_sha256 = hashlib.sha256


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf: SHA-256(0x00 || data), RFC 6962 section 2.1."""
    return _sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256(0x01 || left || right), RFC 6962 section 2.1."""
    return _sha256(b"\x01" + left + right).digest()


def folded(hashes: Sequence[bytes]) -> bytes:
    """Root over adjacent subtrees of falling size: the rightmost two join first."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def subtree_root(hashes: Sequence[bytes]) -> bytes:
    """Root of a complete subtree from the hashes of one of its levels, a power of two of them."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[i], row[i + 1]) for i in range(0, len(row), 2)]
    return row[0]


class Node(NamedTuple):
    """The root of a complete subtree whose height is a multiple of the tile height.

    Attributes:
        tile_level: height over the leaves in units of eight levels; 0 is the leaves themselves.
        position: index of the subtree among those of its level.
        hash: its root.
    """

    tile_level: int
    position: int
    hash: bytes


class Frontier:
    """A growing tree: its size and the roots of its complete subtrees, largest first."""

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.hashes = list(hashes)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> Frontier:
        """The frontier that `data` stores. Raises LogError when it cannot belong to a tree of `size`."""
        expected_bytes = size.bit_count() * HASH_BYTES
        if len(data) != expected_bytes:
            message = (
                f"frontier of a tree of {size} has {len(data)} bytes, expected {expected_bytes}; "
                "restore the log from a copy"
            )
            raise LogError(message)
        return cls(size, (data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)))

    @property
    def data(self) -> bytes:
        """The hashes joined: what the head row stores."""
        return b"".join(self.hashes)

    @property
    def root(self) -> bytes:
        """Root of the tree, RFC 6962 section 2.1; that of the empty tree is SHA-256 of nothing."""
        return folded(self.hashes)

    def copy(self) -> Frontier:
        """An equal frontier that grows apart from this one."""
        return Frontier(self.size, self.hashes)

    def append(self, leaf: bytes) -> list[Node]:
        """Grow by one leaf hash; return the subtrees completed by it that tiles are made of (mostly none)."""
        hashes, completed = self.hashes, []
        node, level, rest = leaf, 0, self.size
        while rest & 1:
            node = node_hash(hashes.pop(), node)
            level, rest = level + 1, rest >> 1
            if level % TILE_HEIGHT == 0:
                completed.append(Node(level // TILE_HEIGHT, rest, node))
        hashes.append(node)
        self.size += 1
        return completed
