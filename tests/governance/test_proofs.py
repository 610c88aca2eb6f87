"""Proofs: against the oracle for every small size, the public vectors, a verifier of others, and tampering."""

from __future__ import annotations

import base64
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree
from pymerkle.core import _consistency_path_layout, _inclusion_path_layout
from pymerkle.proof import ConsistencyProof, InclusionProof

from governance.merkle import TILE_WIDTH
from governance.proofs import check_consistency, check_inclusion, consistency_proof, inclusion_proof, tree_root
from nodes.vocabulary.errors import LogError
from tests.governance.examples import ListedHashes, plain_root

_SIZE = 70_000
_SMALL = 40


@pytest.fixture(scope="module")
def source() -> ListedHashes:
    """More leaves than two levels of tiles hold."""
    return ListedHashes(_SIZE)


@pytest.mark.parametrize("size", range(1, _SMALL))
def test_every_leaf_of_a_small_tree_has_a_proof_that_checks(source: ListedHashes, size: int) -> None:
    root = plain_root(source.leaves[:size])
    for index in range(size):
        check_inclusion(source.leaves[index], index, size, inclusion_proof(source, index, size), root)


@pytest.mark.parametrize("new_size", range(1, _SMALL))
def test_every_smaller_tree_is_shown_to_be_extended(source: ListedHashes, new_size: int) -> None:
    new_root = plain_root(source.leaves[:new_size])
    for old_size in range(1, new_size + 1):
        proof = consistency_proof(source, old_size, new_size)
        check_consistency(old_size, new_size, proof, plain_root(source.leaves[:old_size]), new_root)


@given(st.data())
def test_proofs_of_large_trees_check_at_any_size(source: ListedHashes, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, _SIZE))
    index, old_size = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    root = source.frontiers[size].root
    check_inclusion(source.leaves[index], index, size, inclusion_proof(source, index, size), root)
    proof = consistency_proof(source, old_size, size)
    check_consistency(old_size, size, proof, source.frontiers[old_size].root, root)


@given(st.integers(0, _SIZE))
def test_the_root_from_stored_hashes_is_that_of_the_frontier(source: ListedHashes, size: int) -> None:
    assert tree_root(source, size) == source.frontiers[size].root


def test_a_proof_reads_a_few_tiles_and_not_the_log(source: ListedHashes) -> None:
    source.n_read = 0
    inclusion_proof(source, 12_345, _SIZE)
    consistency_proof(source, 12_345, _SIZE)
    assert source.n_read < 12 * TILE_WIDTH


def _bytes(texts: Any) -> list[bytes]:
    return [base64.b64decode(text) for text in texts or ()]


def _is_accepted(case: dict[str, Any]) -> bool:
    try:
        if "leafIdx" in case:
            root, leaf = _bytes([case["root"], case["leafHash"]])
            check_inclusion(leaf, case["leafIdx"], case["treeSize"], _bytes(case["proof"]), root)
        else:
            roots = _bytes([case["root1"], case["root2"]])
            check_consistency(case["size1"], case["size2"], _bytes(case["proof"]), *roots)
    except LogError:
        return False
    return True


@pytest.mark.shared_data
@pytest.mark.parametrize(("kind", "n_cases"), [("inclusion", 74), ("consistency", 68)])
def test_every_public_vector_is_judged_right(shared_data: Path, kind: str, n_cases: int) -> None:
    cases = json.loads((shared_data / "merkle_vectors.json").read_text())["cases"][kind]
    assert len(cases) == n_cases
    assert [case["case"] for case in cases if _is_accepted(case) == case["wantErr"]] == []


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 100, 257])
def test_pymerkle_accepts_our_inclusion_proofs_for_its_own_root(source: ListedHashes, size: int) -> None:
    theirs = InmemoryTree.init_from_entries([number.to_bytes(4, "big") for number in range(size)])
    root = theirs.get_root(size)
    assert root == tree_root(source, size)
    for index in range(size):
        leaf, path = source.leaves[index], inclusion_proof(source, index, size)
        rule, _ = _inclusion_path_layout(index + 1, size)
        proof = InclusionProof("sha256", security=True, size=size, index=index + 1, rule=rule, path=[leaf, *path])
        proof.verify(leaf, root)


@pytest.mark.parametrize("sizes", [*pairwise(range(1, 20)), (3, 257), (256, 300)])
def test_pymerkle_shows_our_trees_consistent_from_hashes_of_our_tree(
    source: ListedHashes, sizes: tuple[int, int]
) -> None:
    """Its consistency proofs take another path than RFC 6962's, over the same subtrees of the same tree."""
    old_size, new_size = sizes
    rule, subset, spans = _consistency_path_layout(old_size, new_size)
    path = [plain_root(source.leaves[start:stop]) for start, stop in spans]
    proof = ConsistencyProof(
        "sha256", security=True, size=new_size, prior_size=old_size, rule=rule, subset=subset, path=path
    )
    proof.verify(tree_root(source, old_size), tree_root(source, new_size))


@given(st.data())
def test_an_inclusion_proof_with_anything_changed_is_refused(source: ListedHashes, data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 600))
    index = data.draw(st.integers(0, size - 1))
    parts = [source.leaves[index], *inclusion_proof(source, index, size), source.frontiers[size].root]
    changed = data.draw(st.integers(0, len(parts) - 1))
    bit = data.draw(st.integers(0, 255))
    parts[changed] = (int.from_bytes(parts[changed], "big") ^ 1 << bit).to_bytes(32, "big")
    with pytest.raises(LogError, match="leads to root"):
        check_inclusion(parts[0], index, size, parts[1:-1], parts[-1])


@given(st.data())
def test_a_consistency_proof_with_anything_changed_is_refused(source: ListedHashes, data: st.DataObject) -> None:
    new_size = data.draw(st.integers(2, 600))
    old_size = data.draw(st.integers(1, new_size - 1))
    ends = [source.frontiers[size].root for size in (old_size, new_size)]
    parts = [*ends, *consistency_proof(source, old_size, new_size)]
    changed = data.draw(st.integers(0, len(parts) - 1))
    parts[changed] = bytes(32)
    with pytest.raises(LogError, match="leads to root"):
        check_consistency(old_size, new_size, parts[2:], parts[0], parts[1])


@pytest.mark.parametrize("lengths", [-1, 1])
def test_a_proof_of_the_wrong_length_is_refused(source: ListedHashes, lengths: int) -> None:
    path = inclusion_proof(source, 5, 11)
    wrong = path[:lengths] if lengths < 0 else (*path, bytes(32))
    with pytest.raises(LogError, match=r"the proof has \d hashes, expected 4; fetch"):
        check_inclusion(source.leaves[5], 5, 11, wrong, source.frontiers[11].root)


def test_a_hash_of_the_wrong_length_is_refused(source: ListedHashes) -> None:
    with pytest.raises(LogError, match="has 31 bytes, expected 32; fetch"):
        check_inclusion(source.leaves[0], 0, 2, [bytes(31)], source.frontiers[2].root)


@pytest.mark.parametrize(("index", "size"), [(3, 3), (-1, 3), (0, 0)])
def test_a_leaf_outside_the_tree_has_no_proof(source: ListedHashes, index: int, size: int) -> None:
    with pytest.raises(LogError, match=f"no leaf {index} in a tree of {size}; ask"):
        inclusion_proof(source, index, size)


@pytest.mark.parametrize(("old_size", "new_size"), [(0, 3), (4, 3), (0, 0)])
def test_sizes_that_cannot_be_compared_have_no_proof(source: ListedHashes, old_size: int, new_size: int) -> None:
    with pytest.raises(LogError, match=f"no proof from size {old_size} to {new_size}; ask"):
        consistency_proof(source, old_size, new_size)


def test_hashes_missing_from_the_store_are_named() -> None:
    source = ListedHashes(300)
    del source.levels[0][290:]
    with pytest.raises(LogError, match="44 hashes of tile level 0 from 256 are needed, 34 are stored; verify"):
        tree_root(source, 300)


def test_equal_sizes_with_equal_roots_need_an_empty_proof(source: ListedHashes) -> None:
    roots = [frontier.root for frontier in source.frontiers[5:7]]
    check_consistency(5, 5, [], roots[0], roots[0])
    for wrong in ([bytes(32)], []):
        with pytest.raises(LogError, match="the proof"):
            check_consistency(5, 5, wrong, *roots)


def test_every_tile_is_read_at_most_once_for_a_proof() -> None:
    source = _Remembering(_SIZE)
    consistency_proof(source, 40_000, _SIZE)
    assert len(source.asked) == len(set(source.asked))


class _Remembering(ListedHashes):
    """A source that remembers what was asked of it."""

    def __init__(self, n_leaves: int) -> None:
        super().__init__(n_leaves)
        self.asked: list[tuple[int, int, int]] = []

    def hashes(self, tile_level: int, start: int, stop: int) -> list[bytes]:
        self.asked.append((tile_level, start, stop))
        return super().hashes(tile_level, start, stop)
