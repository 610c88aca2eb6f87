"""Tiles: paths as C2SP writes them, which tiles a grown log needs, and bundles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.tiles import ENTRIES_LEVEL, TileName, bundle, bundle_entries, tile_name, tile_names
from nodes.vocabulary.errors import LogError


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (TileName(0, 0), "tile/0/000"),
        (TileName(0, 0, 5), "tile/0/000.p/5"),
        (TileName(1, 273, 255), "tile/1/273.p/255"),
        (TileName(0, 1234067), "tile/0/x001/x234/067"),
        (TileName(2, 1000, 1), "tile/2/x001/000.p/1"),
        (TileName(ENTRIES_LEVEL, 1234067, 7), "tile/entries/x001/x234/067.p/7"),
    ],
)
def test_a_tile_lies_where_the_specification_puts_it(name: TileName, path: str) -> None:
    assert name.path == path
    assert tile_name(path) == name


@given(st.integers(-1, 63), st.integers(0, 10**12), st.integers(1, 256))
def test_a_tile_is_found_again_by_its_path(level: int, index: int, width: int) -> None:
    name = TileName(level, index, width)
    assert tile_name(name.path) == name


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0",
        "tile/0/x000/001",
        "tile/00/001",
        "tile/64/001",
        "tile/0/001.p/256",
        "tile/0/001.p/0",
        "tile/0/001.p/05",
        "tile/0/1234",
        "tile/data/001",
        "checkpoint",
        "tile/0/001/",
        "tile/0/001\n",
    ],
)
def test_a_path_in_any_other_form_is_no_tile(path: str) -> None:
    assert tile_name(path) is None


def test_a_first_publication_needs_every_tile() -> None:
    assert [name.path for name in tile_names(0, 256 * 256 + 3)][-4:] == [
        "tile/0/255",
        "tile/0/256.p/3",
        "tile/1/000",
        "tile/2/000.p/1",
    ]


def test_a_log_that_grew_needs_the_tiles_from_the_one_that_was_partial_on() -> None:
    assert [name.path for name in tile_names(250, 514)] == [
        "tile/entries/000",
        "tile/entries/001",
        "tile/entries/002.p/2",
        "tile/0/000",
        "tile/0/001",
        "tile/0/002.p/2",
        "tile/1/000.p/2",
    ]


@pytest.mark.parametrize(("old_size", "new_size"), [(0, 0), (7, 7), (9, 7)])
def test_a_log_that_did_not_grow_needs_no_tile(old_size: int, new_size: int) -> None:
    assert list(tile_names(old_size, new_size)) == []


def test_levels_that_did_not_grow_need_no_tile() -> None:
    assert [name.level for name in tile_names(257, 258)] == [ENTRIES_LEVEL, 0]


@given(st.lists(st.binary(max_size=40), max_size=256))
def test_entries_come_back_from_their_bundle(entries: list[bytes]) -> None:
    assert bundle_entries(bundle(entries)) == tuple(entries)


@pytest.mark.parametrize("n_cut", [1, 2, 3])
def test_a_bundle_cut_short_is_refused(n_cut: int) -> None:
    with pytest.raises(LogError, match=r"bundle of \d+ bytes ends within entry \d; fetch"):
        bundle_entries(bundle([b"first", b"se"])[:-n_cut])
