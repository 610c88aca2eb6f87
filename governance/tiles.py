"""The C2SP tlog-tiles layout: where each tile and entry bundle lies, and what it holds.

https://c2sp.org/tlog-tiles

    checkpoint                     the newest signed checkpoint
    tile/<L>/<N>[.p/<W>]           256 hashes of level L, or the W there are so far
    tile/entries/<N>[.p/<W>]       the 256 entries under tile/0/<N>, each with a 16-bit length before it

N is written in groups of three digits, all but the last with an x before them: 1234067 is x001/x234/067.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from governance.merkle import TILE_HEIGHT, TILE_WIDTH
from nodes.vocabulary.errors import LogError

CHECKPOINT_PATH = "checkpoint"
ENTRIES_LEVEL = -1
"""The level of an entry bundle in a TileName: it stands beside level 0."""
MAX_LEVEL = 63
_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")
_LENGTH = struct.Struct(">H")


@dataclass(frozen=True, slots=True)
class TileName:
    """Which tile.

    Attributes:
        level: tile level, or ENTRIES_LEVEL for an entry bundle.
        index: place among the tiles of its level.
        width: how many hashes or entries it holds.
    """

    level: int
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """Where the tile lies."""
        return self._full_path if self.width == TILE_WIDTH else f"{self.partials}/{self.width}"

    @property
    def partials(self) -> str:
        """The folder of the tile's partial forms."""
        return f"{self._full_path}.p"

    @property
    def _full_path(self) -> str:
        digits = f"{self.index:03d}"
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        level = "entries" if self.level == ENTRIES_LEVEL else str(self.level)
        return f"tile/{level}/{'/'.join([*(f'x{group}' for group in groups[:-1]), groups[-1]])}"


def tile_name(path: str) -> TileName | None:
    """The tile that lies at a path; None when no tile does."""
    match = _PATH.fullmatch(path)
    if match is None:
        return None
    level, index, width = match.groups()
    name = TileName(
        ENTRIES_LEVEL if level == "entries" else int(level),
        int(index.replace("/", "").replace("x", "")),
        int(width or TILE_WIDTH),
    )
    return name if name.path == path and name.level <= MAX_LEVEL else None


def tile_names(old_size: int, new_size: int) -> Iterator[TileName]:
    """The tiles that a log grown from one size to another has new or wider, bundles first, by level and index."""
    level = ENTRIES_LEVEL
    while True:
        shift = TILE_HEIGHT * max(level, 0)
        n_old, n_new = old_size >> shift, new_size >> shift
        if n_new == 0:
            return
        if n_new > n_old:
            for index in range(n_old // TILE_WIDTH, -(-n_new // TILE_WIDTH)):
                yield TileName(level, index, min(TILE_WIDTH, n_new - index * TILE_WIDTH))
        level += 1


def bundle(entries: Sequence[bytes]) -> bytes:
    """The content of an entry bundle."""
    return b"".join(_LENGTH.pack(len(data)) + data for data in entries)


def bundle_entries(content: bytes) -> tuple[bytes, ...]:
    """The entries in a bundle. Raises LogError when it is cut short."""
    entries, at = [], 0
    while at < len(content):
        length_end = at + _LENGTH.size
        if length_end > len(content):
            break
        (length,) = _LENGTH.unpack_from(content, at)
        entries.append(content[length_end : length_end + length])
        at = length_end + length
    if at != len(content):
        message = (
            f"bundle of {len(content)} bytes ends within entry {len(entries)}; fetch it again or rebuild the tiles"
        )
        raise LogError(message)
    return tuple(entries)
