"""Publishing a log: tiles first, then the checkpoint that covers them, so that no reader misses a tile.

Tiles are a cache of what SQL holds: `publish` writes what grew since the published checkpoint, `rebuild` all.
"""

from __future__ import annotations

from collections.abc import Iterator

from governance.checkpoints import Checkpoint, checkpoint_from_text
from governance.merkle import TILE_WIDTH
from governance.notes import parsed_note
from governance.ports import LogReader, LogStore, Publication
from governance.rows import CheckpointRow
from governance.tiles import CHECKPOINT_PATH, ENTRIES_LEVEL, TileName, bundle, tile_names
from nodes.vocabulary.errors import LogError


def publish(store: LogStore, publication: Publication) -> CheckpointRow | None:
    """Bring the files up to the newest committed checkpoint, and return it; None when there is none yet."""
    return _publish(store, publication, _published_size(publication))


def rebuild(store: LogStore, publication: Publication) -> CheckpointRow | None:
    """Write every tile anew from SQL, then the newest committed checkpoint."""
    return _publish(store, publication, 0)


def published_checkpoint(publication: Publication) -> Checkpoint | None:
    """What the published checkpoint says, its signature unchecked; None when nothing was published."""
    note = publication.file(CHECKPOINT_PATH)
    return None if note is None else checkpoint_from_text(parsed_note(note).text)


def tile_content(reader: LogReader, name: TileName) -> bytes:
    """What a tile holds, from SQL. Raises LogError when rows are missing."""
    start = name.index * TILE_WIDTH
    stop = start + name.width
    if name.level == ENTRIES_LEVEL:
        parts = [record.data for record in reader.records(start, stop)]
    else:
        parts = list(reader.hashes(name.level, start, stop))
    if len(parts) != name.width:
        message = f"{name.path} needs {name.width} rows, {len(parts)} are stored; verify the log"
        raise LogError(message)
    return bundle(parts) if name.level == ENTRIES_LEVEL else b"".join(parts)


def _publish(store: LogStore, publication: Publication, since_size: int) -> CheckpointRow | None:
    with store.reader() as reader:
        newest = reader.newest_checkpoint()
        if newest is None:
            return None
        if since_size > newest.size:
            message = (
                f"the published checkpoint covers {since_size} entries, the newest of the database {newest.size}: the "
                "database was restored from an older copy; restore the newest one"
            )
            raise LogError(message)
        publication.replace_all(_files(reader, since_size, newest.size))
    publication.replace_all([(CHECKPOINT_PATH, newest.note)])
    for name in tile_names(since_size, newest.size):
        if name.width == TILE_WIDTH:
            publication.remove_folder(name.partials)
    return newest


def _files(reader: LogReader, since_size: int, size: int) -> Iterator[tuple[str, bytes]]:
    for name in tile_names(since_size, size):
        yield name.path, tile_content(reader, name)


def _published_size(publication: Publication) -> int:
    """The size that is published; 0 when nothing is, or nothing that can be read."""
    try:
        found = published_checkpoint(publication)
    except LogError:
        return 0
    return 0 if found is None else found.size
