"""The Merkle tree: published roots, the recursive definition as oracle, and the frontier's stored form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.merkle import EMPTY_ROOT, TILE_WIDTH, Frontier, leaf_hash, subtree_root
from nodes.vocabulary.errors import LogError
from tests.governance.examples import ListedHashes, plain_root

# The inputs and roots of the Certificate Transparency reference implementation.
_INPUTS = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("size", range(9))
def test_the_root_of_the_reference_inputs_is_the_published_one(size: int) -> None:
    frontier = Frontier()
    for text in _INPUTS[:size]:
        frontier.append(leaf_hash(bytes.fromhex(text)))
    assert frontier.root.hex() == _ROOTS[size]


def test_the_empty_tree_has_the_hash_of_nothing_as_its_root() -> None:
    assert Frontier().root == EMPTY_ROOT


@given(st.integers(0, 300))
def test_the_frontier_has_the_root_that_the_recursive_definition_gives(size: int) -> None:
    source = ListedHashes(size)
    assert source.frontiers[size].root == plain_root(source.leaves)


@given(st.integers(0, 5000))
def test_a_frontier_read_back_from_its_bytes_grows_as_the_original(size: int) -> None:
    original = Frontier()
    for number in range(size % 700):
        original.append(leaf_hash(bytes([number % 256])))
    again = Frontier.from_bytes(original.size, original.data)
    assert original.append(b"\x01" * 32) == again.append(b"\x01" * 32)
    assert original.root == again.root


def test_a_frontier_of_the_wrong_length_for_its_size_is_refused() -> None:
    with pytest.raises(LogError, match="frontier of a tree of 3 has 32 bytes, expected 64; restore"):
        Frontier.from_bytes(3, bytes(32))


def test_an_append_reports_the_subtrees_that_tiles_are_made_of_when_it_completes_them() -> None:
    frontier, reported = Frontier(), []
    leaves = [leaf_hash(number.to_bytes(4, "big")) for number in range(TILE_WIDTH * 3)]
    for leaf in leaves:
        reported += frontier.append(leaf)
    assert [(node.tile_level, node.position) for node in reported] == [(1, 0), (1, 1), (1, 2)]
    assert reported[1].hash == plain_root(leaves[TILE_WIDTH : 2 * TILE_WIDTH])


def test_the_second_tile_level_is_reported_once_a_full_tile_of_the_first_is_there() -> None:
    frontier = Frontier(TILE_WIDTH**2 - 1, [bytes([number]) * 32 for number in range(16)])
    assert [(node.tile_level, node.position) for node in frontier.append(bytes(32))] == [(1, 255), (2, 0)]


def test_a_copy_grows_apart_from_its_original() -> None:
    original = Frontier()
    copy = original.copy()
    copy.append(bytes(32))
    assert (original.size, copy.size) == (0, 1)


@given(st.integers(0, 6))
def test_a_subtree_root_is_that_of_the_recursive_definition(height: int) -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(1 << height)]
    assert subtree_root(leaves) == plain_root(leaves)
