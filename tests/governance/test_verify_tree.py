"""Verification of the tree: claims judged at their size, and one finding for one fault."""

from __future__ import annotations

import pytest

from governance.findings import Notebook
from governance.merkle import EMPTY_ROOT, TILE_WIDTH
from governance.rows import Head
from governance.verify_entries import Block
from governance.verify_tree import Claim, Tree
from tests.governance.examples import ListedHashes

_SIZE = 2 * TILE_WIDTH + 9


class _Stored(ListedHashes):
    """Stored hashes, counted as the database counts its rows."""

    def n_tree_nodes(self) -> int:
        return sum(len(hashes) for level, hashes in self.levels.items() if level)


def _grown(source: _Stored, claims: list[Claim], leaves: list[bytes | None] | None = None) -> tuple[Tree, Notebook]:
    notes = Notebook()
    tree = Tree(source, claims, notes)  # type: ignore[arg-type]  # a reader, by the methods that the tree uses
    found = list(leaves or source.leaves)
    for start in range(0, len(found), TILE_WIDTH):
        part = found[start : start + TILE_WIDTH]
        tree.grow(Block(start, (None,) * len(part), tuple(part)))
    tree.finish(Head("paper", _SIZE, source.frontiers[_SIZE].data, 0))
    return tree, notes


def _claim(source: _Stored, size: int) -> Claim:
    return Claim(size, source.frontiers[size].root, f"checkpoint {size}")


def test_every_true_claim_is_accepted_at_its_size() -> None:
    source = _Stored(_SIZE)
    tree, notes = _grown(source, [_claim(source, size) for size in range(_SIZE + 1)])
    assert notes.findings == []
    assert tree.root == source.frontiers[_SIZE].root
    assert tree.levels == [source.levels[1]]


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 512, _SIZE])
def test_a_false_claim_is_found_wherever_it_stands(size: int) -> None:
    source = _Stored(_SIZE)
    _, notes = _grown(source, [Claim(size, bytes(32), "checkpoint")])
    assert [finding.place for finding in notes.findings] == ["checkpoint"]
    assert f"root {'00' * 32} at size {size}" in notes.findings[0].what


def test_false_claims_are_one_finding_that_names_where_the_fault_lies_and_one_for_the_rest() -> None:
    source = _Stored(_SIZE)
    claims = [_claim(source, 100), *(Claim(size, bytes(32), f"checkpoint {size}") for size in (300, 400, 500))]
    _, notes = _grown(source, claims)
    assert [finding.place for finding in notes.findings] == ["checkpoint 300", "checkpoints"]
    assert "entries 100 to 299" in notes.findings[0].what
    assert "2 later ones" in notes.findings[1].what


def test_a_claim_over_more_entries_than_there_are_is_a_cut_log() -> None:
    source = _Stored(_SIZE)
    _, notes = _grown(source, [Claim(_SIZE + 1, bytes(32), "old checkpoint")])
    assert f"covers {_SIZE + 1} entries, the log has {_SIZE}: the log was cut" in notes.findings[0].what


def test_a_changed_node_is_found_once_and_nothing_that_stands_on_it() -> None:
    source = _Stored(_SIZE)
    source.levels[1][1] = bytes(32)
    _, notes = _grown(source, [_claim(source, _SIZE)])
    assert [finding.place for finding in notes.findings] == ["entries 256 to 511"]


def test_a_missing_leaf_leaves_the_rest_to_the_stored_nodes() -> None:
    source = _Stored(_SIZE)
    leaves: list[bytes | None] = list(source.leaves)
    leaves[17] = None
    _, notes = _grown(source, [_claim(source, size) for size in (16, 100, 256, 300, _SIZE)], leaves)
    assert notes.findings == []


def test_a_log_without_entries_has_the_empty_root() -> None:
    source = _Stored(0)
    notes = Notebook()
    tree = Tree(source, [Claim(0, EMPTY_ROOT, "checkpoint")], notes)  # type: ignore[arg-type]  # as above
    tree.finish(Head("paper", 0, b"", 0))
    assert (tree.root, notes.findings) == (EMPTY_ROOT, [])


def test_a_second_tile_level_is_checked_as_the_first() -> None:
    size = TILE_WIDTH**2 + 1
    source = _Stored(size)
    source.levels[2][0] = bytes(32)
    notes = Notebook()
    tree = Tree(source, [_claim(source, size)], notes)  # type: ignore[arg-type]  # as above
    for start in range(0, size, TILE_WIDTH):
        part = source.leaves[start : start + TILE_WIDTH]
        tree.grow(Block(start, (None,) * len(part), tuple(part)))
    tree.finish(Head("paper", size, source.frontiers[size].data, 0))
    assert [finding.place for finding in notes.findings] == ["tree node 2/0"]
    assert [len(level) for level in tree.levels] == [256, 1]
