"""The decision log for other people's verifiers: entries, checkpoints, tiles and proofs.

`/internal/log` is the prefix of a log in the layout of https://c2sp.org/tlog-tiles: `checkpoint` and `tile/...` below
it are what any client of that layout reads.
"""

from __future__ import annotations

from typing import Annotated, Any

from litestar import MediaType, Response, Router, get, post
from litestar.di import Provide
from litestar.params import PathParameter, QueryParameter

from api.http.asked import AsOf, Cursor, Kinds, Limit, asked_instant, required
from api.http.cursors import cursor_place, cursor_text
from api.http.parts import PrincipalHere
from api.http.reach import require_entry, require_whole_log
from api.http.reading_room import RoomHere, room_of
from api.http.schemas.log import (
    CheckpointPage,
    CheckpointView,
    ConsistencyView,
    EntryPage,
    EntryView,
    InclusionView,
    LogView,
    checkpoint_view,
    consistency_view,
    entry_page,
    entry_view,
    inclusion_view,
    log_view,
)
from api.http.tokens import Principal
from api.use_cases.reading import (
    checkpoints_page,
    entries_page,
    known_kind,
    log_state,
    newest_checkpoint,
    proof_of_consistency,
    proof_of_inclusion,
    record_at,
    size_as_of,
    tile_file,
)
from governance.ports import LogReader
from governance.rows import Record
from nodes.vocabulary.errors import EdgeError

SCOPE = "audit:read"
PATH = "/internal/log"
_OPTIONS: dict[str, Any] = {"opt": {"scope": SCOPE}, "tags": ["log"], "sync_to_thread": True}
_PAGED = _OPTIONS | {"opt": {"scope": SCOPE, "problems": ("invalid",)}}
_FOR_EVER = {"cache-control": "private, max-age=31536000, immutable"}
_NEVER = {"cache-control": "no-store"}
_BYTES = "application/octet-stream"

Sequence = Annotated[int, PathParameter(description="Place in the log, from 0.", ge=0, le=2**53)]
Size = Annotated[int | None, QueryParameter(description="Number of entries of a tree.", ge=1, le=2**53)]


def _proof(required_name: str) -> dict[str, Any]:
    """The options of a proof, which takes sizes that there may not be."""
    return _OPTIONS | {"opt": {"scope": SCOPE, "required": (required_name,), "problems": ("not-found", "invalid")}}


@get(PATH, operation_id="get_log", summary="The log's state", **_OPTIONS)
def log_head(room: RoomHere, as_of: AsOf = None) -> LogView:
    """Name, size, root, verifier key and newest checkpoint: now, or as of an instant."""
    with room.view() as reader:
        return log_view(log_state(reader, asked_instant(as_of)))


@get(f"{PATH}/entries", operation_id="list_entries", summary="Entries in the order of the log", **_PAGED)
def list_entries(  # noqa: PLR0913, PLR0917  # one argument a parameter
    room: RoomHere,
    principal: PrincipalHere,
    after: Annotated[
        int | None, QueryParameter(description="Begin after this sequence number.", ge=-1, le=2**53)
    ] = None,
    kind: Kinds = None,
    as_of: AsOf = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> EntryPage:
    """Entries of every kind, for tokens of all accounts.

    `after` and `cursor` both say where to begin; a cursor also holds on to its filters.
    """
    require_whole_log(principal)
    kinds = tuple(sorted(known_kind(each) for each in kind or ()))
    asked = {"kinds": kinds, "as_of": as_of}
    start = 0 if after is None else after + 1
    start = start if cursor is None else cursor_place(cursor, "entries", asked)
    with room.view() as reader:
        size = size_as_of(reader, asked_instant(as_of))
        page = entries_page(reader, start, limit, kinds, size)
    following = None if page.next_sequence is None else cursor_text(page.next_sequence, "entries", asked)
    return entry_page(page, size, following)


@get(f"{PATH}/entries/{{sequence:int}}", operation_id="get_entry", summary="One entry", **_OPTIONS)
def one_entry(room: RoomHere, principal: PrincipalHere, sequence: Sequence) -> Response[EntryView]:
    """An entry, which never changes."""
    with room.view() as reader:
        return Response(entry_view(_entry(reader, principal, sequence)), headers=_FOR_EVER)


@get(
    f"{PATH}/entries/{{sequence:int}}/data",
    operation_id="get_entry_data",
    summary="The bytes of one entry",
    media_type=_BYTES,
    **_OPTIONS,
)
def entry_data(room: RoomHere, principal: PrincipalHere, sequence: Sequence) -> Response[bytes]:
    """The canonical bytes of an entry: its Merkle leaf is SHA-256 over a zero byte and these."""
    with room.view() as reader:
        return Response(_entry(reader, principal, sequence).data, media_type=_BYTES, headers=_FOR_EVER)


@get(
    f"{PATH}/checkpoint",
    operation_id="get_checkpoint",
    summary="The newest checkpoint",
    media_type=MediaType.TEXT,
    **_OPTIONS | {"opt": {"scope": SCOPE, "problems": ("not-found",)}},
)
def checkpoint_note(room: RoomHere) -> Response[bytes]:
    """The newest signed tree head as a signed note, https://c2sp.org/tlog-checkpoint."""
    with room.view() as reader:
        newest = newest_checkpoint(reader)
    if newest is None:
        message = "the log has no checkpoint yet; make one with POST /internal/log/checkpoint or `assay log checkpoint`"
        raise EdgeError(message, reason="not-found")
    return Response(newest.note, media_type=MediaType.TEXT, headers=_NEVER)


@post(
    f"{PATH}/checkpoint",
    operation_id="make_checkpoint",
    summary="Sign a checkpoint",
    status_code=200,
    opt={"scope": "operate", "problems": ("read-only-log",)},
    tags=["log"],
    sync_to_thread=True,
)
def make_checkpoint(room: RoomHere) -> CheckpointView:
    """Sign, commit and publish a checkpoint of all that is committed; the newest one when nothing was added."""
    checkpoint = room.service.checkpoint
    if room.service.is_read_only or checkpoint is None:
        message = f"log {room.service.store.origin!r} is open for reading only; sign where it is written"
        raise EdgeError(message, reason="read-only-log")
    return checkpoint_view(checkpoint())


@get(f"{PATH}/checkpoints", operation_id="list_checkpoints", summary="All checkpoints, largest first", **_PAGED)
def list_checkpoints(room: RoomHere, limit: Limit = 50, cursor: Cursor = None) -> CheckpointPage:
    """Every tree head that was ever signed; keep one, to hold the log to it later."""
    below = None if cursor is None else cursor_place(cursor, "checkpoints", {})
    with room.view() as reader:
        rows = checkpoints_page(reader, limit + 1, below)
    following = cursor_text(rows[limit - 1].size, "checkpoints", {}) if len(rows) > limit else None
    return CheckpointPage(tuple(checkpoint_view(row) for row in rows[:limit]), following)


@get(
    f"{PATH}/tile/{{path:path}}",
    operation_id="get_tile",
    summary="A tile or an entry bundle",
    media_type=_BYTES,
    **_OPTIONS,
)
def tile(
    room: RoomHere,
    principal: PrincipalHere,
    path: Annotated[str, PathParameter(description="As https://c2sp.org/tlog-tiles says, e.g. `0/x001/067`.")],
) -> Response[bytes]:
    """256 hashes of a level, or the 256 entries under a tile of level 0; partial ones end in `.p/W`. None changes.

    Entries are for tokens of all accounts.
    """
    if path.removeprefix("/").startswith("entries/"):
        require_whole_log(principal)
    with room.view() as reader:
        found = tile_file(reader, f"tile/{path.removeprefix('/')}")
    return Response(found.content, media_type=_BYTES, headers=_FOR_EVER)


@get(
    f"{PATH}/proofs/inclusion",
    operation_id="get_inclusion_proof",
    summary="That an entry is in the log",
    **_proof("sequence"),
)
def inclusion(
    room: RoomHere,
    principal: PrincipalHere,
    sequence: Annotated[
        int | None, QueryParameter(description="The entry's place.", ge=0, le=2**53, schema_extra={"minimum": 0})
    ] = None,
    size: Size = None,
) -> InclusionView:
    """The audit path of an entry in the tree of a size; by default that of the newest checkpoint, if it covers it."""
    place = required(sequence, ("sequence",))
    with room.view() as reader:
        _entry(reader, principal, place)
        return inclusion_view(proof_of_inclusion(reader, place, size))


@get(
    f"{PATH}/proofs/consistency",
    operation_id="get_consistency_proof",
    summary="That the log only grew",
    **_proof("from"),
)
def consistency(
    room: RoomHere,
    from_size: Annotated[int | None, QueryParameter(name="from", description="The older size.", ge=1, le=2**53)] = None,
    to_size: Annotated[int | None, QueryParameter(name="to", description="The newer size.", ge=1, le=2**53)] = None,
) -> ConsistencyView:
    """The proof that the tree of one size extends that of another; the newer is the whole log by default."""
    older = required(from_size, ("from", "to"))
    with room.view() as reader:
        return consistency_view(proof_of_consistency(reader, older, to_size))


def _entry(reader: LogReader, principal: Principal, sequence: int) -> Record:
    """An entry that the token reaches."""
    record = record_at(reader, sequence)
    require_entry(principal, record)
    return record


ROUTER = Router(
    "/",
    route_handlers=[
        log_head,
        list_entries,
        one_entry,
        entry_data,
        checkpoint_note,
        make_checkpoint,
        list_checkpoints,
        tile,
        inclusion,
        consistency,
    ],
    dependencies={"room": Provide(room_of, sync_to_thread=False)},
)
