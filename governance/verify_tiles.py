"""Verification of what is published: every tile and bundle, byte by byte, against the entries in the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from governance.findings import Notebook, bytes_or_none
from governance.merkle import HASH_BYTES, TILE_WIDTH, leaf_hash
from governance.ports import Publication
from governance.tiles import CHECKPOINT_PATH, ENTRIES_LEVEL, TileName, bundle, bundle_entries, tile_name, tile_names
from governance.verify_entries import Block
from nodes.vocabulary.errors import LogError

_MAX_NAMED = 5
_REBUILD = "rebuild the tiles from the database"


class PublishedTiles:
    """The files of a publication, listed once and checked as the entries under them come by."""

    def __init__(self, publication: Publication, notes: Notebook) -> None:
        self._publication = publication
        self._notes = notes
        self._listed: dict[tuple[int, int], list[TileName]] = defaultdict(list)
        for path in publication.paths():
            name = tile_name(path)
            if name is not None:
                self._listed[name.level, name.index].append(name)
            elif path != CHECKPOINT_PATH:
                notes.find(f"file {path}", "belongs to no log", "remove it")

    def check_complete(self, size: int) -> None:
        """Check that every tile is there which a published checkpoint of this size needs."""
        for name in tile_names(0, size):
            widths = {listed.width for listed in self._listed.get((name.level, name.index), ())}
            if not widths & {name.width, TILE_WIDTH}:
                self._notes.find(f"tile {name.path}", f"is missing, the checkpoint covers {size} entries", _REBUILD)

    def check_block(self, block: Block) -> None:
        """Check the files of a block: its leaf tile and its entry bundle, in every width that is listed."""
        index = block.start // TILE_WIDTH
        self._check_hashes(0, index, block.leaves)
        data = [None if row is None else bytes_or_none(row.data) for row in block.records]
        for name in self._listed.pop((ENTRIES_LEVEL, index), ()):
            self._check_bundle(name, [each for each in data[: name.width] if each is not None], block.leaves)

    def check_levels(self, levels: Sequence[Sequence[bytes]]) -> None:
        """Check the tiles above the leaves against the recomputed roots, then those of no entry at all."""
        for level, hashes in enumerate(levels, 1):
            for start in range(0, len(hashes), TILE_WIDTH):
                self._check_hashes(level, start // TILE_WIDTH, hashes[start : start + TILE_WIDTH])
        for names in self._listed.values():
            for name in names:
                self._notes.find(f"tile {name.path}", "covers entries that the database does not have", _REBUILD)

    def _check_hashes(self, level: int, index: int, expected: Sequence[bytes | None]) -> None:
        for name in self._listed.pop((level, index), ()):
            content = self._content(name, len(expected))
            if content is None:
                continue
            if len(content) != name.width * HASH_BYTES:
                what = f"has {len(content)} bytes, expected {name.width * HASH_BYTES}"
                self._notes.find(f"tile {name.path}", what, _REBUILD)
            found = [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]
            self._compare(name, found, expected[: name.width])

    def _check_bundle(self, name: TileName, data: Sequence[bytes], leaves: Sequence[bytes | None]) -> None:
        """Check a bundle against the rows; where they differ, by the leaves, which say which of the two is right."""
        content = self._content(name, len(leaves))
        if content is None or (len(data) == name.width and content == bundle(data)):
            return
        try:
            found = bundle_entries(content)
        except LogError as error:
            self._notes.find(f"tile {name.path}", str(error), _REBUILD)
            return
        if len(found) != name.width:
            self._notes.find(f"tile {name.path}", f"has {len(found)} entries, expected {name.width}", _REBUILD)
        self._compare(name, [leaf_hash(each) for each in found], leaves[: name.width])

    def _content(self, name: TileName, n_expected: int) -> bytes | None:
        self._notes.count("tiles")
        if name.width > n_expected:
            self._notes.find(f"tile {name.path}", f"covers {name.width} places, the log has {n_expected}", _REBUILD)
        content = self._publication.file(name.path)
        # A tile that was filled since it was listed has taken its partial forms away.
        full = TileName(name.level, name.index)
        if content is None and self._publication.file(full.path) is None:
            self._notes.find(f"tile {name.path}", "is missing", _REBUILD)
        return content

    def _compare(self, name: TileName, found: Sequence[bytes], expected: Iterable[bytes | None]) -> None:
        pairs = enumerate(zip(found, expected, strict=False), name.index * TILE_WIDTH)
        wrong = [str(at) for at, (one, other) in pairs if other is not None and one != other]
        if wrong:
            what = "entry" if name.level <= 0 else f"level {name.level} position"
            more = f" and {len(wrong) - _MAX_NAMED} more" if len(wrong) > _MAX_NAMED else ""
            message = f"differs from the log at {what} {', '.join(wrong[:_MAX_NAMED])}{more}"
            self._notes.find(f"tile {name.path}", message, _REBUILD)
