"""Verification of published files against blocks of entries, without a database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from governance.findings import Notebook
from governance.merkle import leaf_hash
from governance.rows import Record
from governance.tiles import bundle
from governance.verify_entries import Block
from governance.verify_tiles import PublishedTiles

_DATA = [b"first", b"second", b"third"]
_LEAVES = [leaf_hash(data) for data in _DATA]


class Files:
    """A publication in memory."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self._files = files

    def file(self, path: str) -> bytes | None:
        return self._files.get(path)

    def paths(self) -> Sequence[str]:
        return sorted(self._files)

    def replace_all(self, files: Iterable[tuple[str, bytes]]) -> None:
        self._files.update(files)

    def remove_folder(self, path: str) -> None:
        self._files = {name: content for name, content in self._files.items() if not name.startswith(f"{path}/")}


def _block() -> Block:
    records = [Record(at, b"", "fill", 0, 0, None, data, b"") for at, data in enumerate(_DATA)]
    return Block(0, tuple(records), tuple(_LEAVES))


def _found(files: dict[str, bytes], size: int = 0) -> list[str]:
    notes = Notebook()
    tiles = PublishedTiles(Files(files), notes)
    tiles.check_complete(size)
    tiles.check_block(_block())
    tiles.check_levels([])
    return [str(finding).partition(";")[0] for finding in notes.findings]


def test_files_that_fit_the_entries_are_no_finding() -> None:
    files = {"checkpoint": b"", "tile/0/000.p/3": b"".join(_LEAVES), "tile/entries/000.p/3": bundle(_DATA)}
    assert _found(files, 3) == []


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"tile/0/000.p/2": b"".join(_LEAVES[:1]) + bytes(32)}, "tile tile/0/000.p/2: differs from the log at entry 1"),
        ({"tile/0/000.p/3": bytes(96)}, "tile tile/0/000.p/3: differs from the log at entry 0, 1, 2"),
        ({"tile/0/000.p/2": b"".join(_LEAVES)}, "tile tile/0/000.p/2: has 96 bytes, expected 64"),
        ({"tile/0/000.p/2": _LEAVES[0]}, "tile tile/0/000.p/2: has 32 bytes, expected 64"),
        ({"tile/0/000.p/4": b"".join(_LEAVES) + bytes(32)}, "tile tile/0/000.p/4: covers 4 places, the log has 3"),
        ({"tile/1/000.p/1": bytes(32)}, "tile tile/1/000.p/1: covers entries that the database does not have"),
        ({"tile/entries/000.p/2": bundle(_DATA)}, "tile tile/entries/000.p/2: has 3 entries, expected 2"),
        ({"tile/entries/000.p/1": bundle(_DATA[1:2])}, "tile tile/entries/000.p/1: differs from the log at entry 0"),
        ({"tile/entries/000.p/1": b"\x00"}, "tile tile/entries/000.p/1: bundle of 1 bytes ends within entry 0"),
        ({"notes.txt": b""}, "file notes.txt: belongs to no log"),
    ],
)
def test_a_file_that_does_not_fit_is_named_with_what_is_wrong(files: dict[str, bytes], words: str) -> None:
    assert words in _found(files)


def test_a_tile_that_the_checkpoint_needs_must_be_there() -> None:
    assert _found({}, 3) == [
        "tile tile/entries/000.p/3: is missing, the checkpoint covers 3 entries",
        "tile tile/0/000.p/3: is missing, the checkpoint covers 3 entries",
    ]


def test_many_differences_in_one_tile_are_one_finding() -> None:
    notes = Notebook()
    tiles = PublishedTiles(Files({"tile/1/000.p/9": bytes(9 * 32)}), notes)
    tiles.check_levels([[bytes([number]) * 32 for number in range(1, 10)]])
    assert notes.findings[0].what == "differs from the log at level 1 position 0, 1, 2, 3, 4 and 4 more"


def test_a_partial_tile_that_gave_way_to_its_full_one_since_it_was_listed_is_no_finding() -> None:
    files = Files({"tile/0/000.p/3": b"".join(_LEAVES)})
    notes = Notebook()
    tiles = PublishedTiles(files, notes)
    files.remove_folder("tile/0/000.p")
    files.replace_all([("tile/0/000", b"")])
    tiles.check_block(_block())
    assert notes.findings == []
