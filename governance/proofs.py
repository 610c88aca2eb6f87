"""Inclusion and consistency proofs of RFC 6962 section 2.1: made from stored hashes, and checked strictly.

A proof reads at most a few tiles a level (256 hashes each), never the whole log. The checks follow
transparency-dev/merkle: lengths must be exact, and nothing is consistent with the empty tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from governance.merkle import HASH_BYTES, TILE_HEIGHT, TILE_WIDTH, folded, node_hash, subtree_root
from nodes.vocabulary.errors import LogError


class HashSource(Protocol):
    """Where stored hashes come from."""

    def hashes(self, tile_level: int, start: int, stop: int) -> Sequence[bytes]:
        """Roots of the complete subtrees of height 8 * tile_level at positions start to stop, stop excluded."""
        ...


class _Tiles:
    """A tree of a fixed size over a source, each tile read once."""

    def __init__(self, source: HashSource, size: int) -> None:
        self._source = source
        self._size = size
        self._tiles: dict[tuple[int, int], Sequence[bytes]] = {}

    def node(self, level: int, position: int) -> bytes:
        """Root of the complete subtree of height `level` at `position`."""
        tile_level, height = divmod(level, TILE_HEIGHT)
        first = position << height
        tile = self._tile(tile_level, first // TILE_WIDTH)
        at = first % TILE_WIDTH
        return subtree_root(tile[at : at + (1 << height)])

    def span_root(self, start: int, stop: int) -> bytes:
        """Root of the leaves from start to stop; start is a multiple of the largest power of two within."""
        hashes = []
        while start < stop:
            level = (stop - start).bit_length() - 1
            hashes.append(self.node(level, start >> level))
            start += 1 << level
        return folded(hashes)

    def _tile(self, tile_level: int, index: int) -> Sequence[bytes]:
        found = self._tiles.get((tile_level, index))
        if found is None:
            start = index * TILE_WIDTH
            stop = min(start + TILE_WIDTH, self._size >> (TILE_HEIGHT * tile_level))
            found = self._source.hashes(tile_level, start, stop)
            if len(found) != stop - start:
                message = (
                    f"{stop - start} hashes of tile level {tile_level} from {start} are needed, {len(found)} are "
                    "stored; verify the log and restore it from a copy"
                )
                raise LogError(message)
            self._tiles[tile_level, index] = found
        return found


def tree_root(source: HashSource, size: int) -> bytes:
    """Root of the first `size` leaves."""
    return _Tiles(source, size).span_root(0, size)


def inclusion_proof(source: HashSource, index: int, size: int) -> tuple[bytes, ...]:
    """The audit path of leaf `index` in the tree of the first `size` leaves, RFC 6962 section 2.1.1."""
    if not 0 <= index < size:
        message = f"no leaf {index} in a tree of {size}; ask for one from 0 to {size - 1}"
        raise LogError(message)
    tiles, path = _Tiles(source, size), []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _left_width(stop - start)
        if index < middle:
            path.append(tiles.span_root(middle, stop))
            stop = middle
        else:
            path.append(tiles.span_root(start, middle))
            start = middle
    return tuple(reversed(path))


def consistency_proof(source: HashSource, old_size: int, new_size: int) -> tuple[bytes, ...]:
    """The proof that the tree of `new_size` leaves extends that of `old_size`, RFC 6962 section 2.1.2."""
    if not 0 < old_size <= new_size:
        message = f"no proof from size {old_size} to {new_size}; ask for 0 < old <= new"
        raise LogError(message)
    tiles, proof = _Tiles(source, new_size), []
    start, stop = 0, new_size
    while stop != old_size:
        middle = start + _left_width(stop - start)
        if old_size <= middle:
            proof.append(tiles.span_root(middle, stop))
            stop = middle
        else:
            proof.append(tiles.span_root(start, middle))
            start = middle
    if start > 0:
        proof.append(tiles.span_root(start, stop))
    return tuple(reversed(proof))


def _left_width(width: int) -> int:
    """The largest power of two below `width`."""
    return 1 << ((width - 1).bit_length() - 1)


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf hash stands at `index` in the tree of `size` with `root`. Raises LogError if not."""
    if not 0 <= index < size:
        message = f"leaf {index} cannot stand in a tree of {size}; take index and size from the same checkpoint"
        raise LogError(message)
    inner, border = _path_shape(index, size)
    _check_hashes(proof, inner + border, leaf, root)
    computed = _inner_chain(leaf, proof[:inner], index)
    computed = _border_chain(computed, proof[inner:])
    if computed != root:
        message = (
            f"leaf {leaf.hex()} at {index} leads to root {computed.hex()}, the tree of {size} has {root.hex()}; "
            "the entry is not in that log, or the proof belongs to another"
        )
        raise LogError(message)


def check_consistency(old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Check that the tree of `new_size` with `new_root` extends that of `old_size`. Raises LogError if not."""
    if not 0 < old_size <= new_size:
        message = f"a tree of {new_size} cannot be shown to extend one of {old_size}; compare 0 < old <= new"
        raise LogError(message)
    if old_size == new_size:
        _check_hashes(proof, 0, old_root, new_root)
        _check_root(old_size, old_root, new_root)
        return
    inner, border = _path_shape(old_size - 1, new_size)
    shift = (old_size & -old_size).bit_length() - 1
    inner -= shift
    starts_at_old_root = old_size == 1 << shift
    _check_hashes(proof, inner + border + (not starts_at_old_root), old_root, new_root)
    seed, rest = (old_root, proof) if starts_at_old_root else (proof[0], proof[1:])
    index = (old_size - 1) >> shift
    old = _border_chain(_inner_right_chain(seed, rest[:inner], index), rest[inner:])
    _check_root(old_size, old, old_root)
    new = _border_chain(_inner_chain(seed, rest[:inner], index), rest[inner:])
    _check_root(new_size, new, new_root)


def _path_shape(index: int, size: int) -> tuple[int, int]:
    """How many nodes of an audit path lie below the right border of the tree, and how many on it."""
    inner = (index ^ (size - 1)).bit_length()
    return inner, (index >> inner).bit_count()


def _check_hashes(proof: Sequence[bytes], expected: int, *ends: bytes) -> None:
    if len(proof) != expected:
        message = f"the proof has {len(proof)} hashes, expected {expected}; fetch it again for these sizes"
        raise LogError(message)
    for each in (*proof, *ends):
        if len(each) != HASH_BYTES:
            message = f"hash {each.hex()!r} has {len(each)} bytes, expected {HASH_BYTES}; fetch the proof again"
            raise LogError(message)


def _check_root(size: int, computed: bytes, root: bytes) -> None:
    if computed != root:
        message = (
            f"the proof leads to root {computed.hex()} at size {size}, the checkpoint has {root.hex()}; "
            "the log was rewritten, or the proof belongs to another"
        )
        raise LogError(message)


def _inner_chain(seed: bytes, proof: Sequence[bytes], index: int) -> bytes:
    for height, sibling in enumerate(proof):
        seed = node_hash(sibling, seed) if index >> height & 1 else node_hash(seed, sibling)
    return seed


def _inner_right_chain(seed: bytes, proof: Sequence[bytes], index: int) -> bytes:
    for height, sibling in enumerate(proof):
        if index >> height & 1:
            seed = node_hash(sibling, seed)
    return seed


def _border_chain(seed: bytes, proof: Sequence[bytes]) -> bytes:
    for sibling in proof:
        seed = node_hash(sibling, seed)
    return seed
