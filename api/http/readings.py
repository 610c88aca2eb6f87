"""Routes made of readings: each question that can be asked of the lake, with what all of them have in common.

All take `as_of`, and say it back; all give JSON in pages, and CSV and Parquet whole or in pages; all name the tables
that they were answered from, with version and digest. An answer for which the client named `as_of` has an ETag: with
the same tables it never changes. Answers are kept and given again as far as policy lets them be old
(`adapters.upstreams.kept`); an `as_of` that is said back then is that of the old answer.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from operator import itemgetter
from typing import Annotated, Any

import msgspec
import polars as pl
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, PathParameter, QueryParameter
from litestar.response import Stream

from adapters.lake.facts.store import FactStore, TableVersion
from api.http.asked import asked_instant
from api.http.cache_status import BYPASSED, cache_headers, wants_fresh, with_feeds
from api.http.conditions import etag, is_unchanged
from api.http.data_cursors import LENGTH, DataPlace, data_cursor, data_place
from api.http.frame_replies import CSV, JSON, PARQUET, accepted_form, csv_stream, json_page, parquet_stream
from api.http.parts import Parts, PartsHere
from api.use_cases.data_reading import DataRoom, LakeAnswer, Parameter, Reading, Standpoint
from api.use_cases.feed_outages import standings_of
from nodes.vocabulary.canonical import digest, digest_text, encode
from nodes.vocabulary.instants import instant_text

SCOPE = "data:read"
PREFIX = "/api/v1"
PAGE = 500
MAX_PAGE = 10_000
PROBLEMS = (
    "not-found",
    "no-table",
    "not-known",
    "several-periods",
    "not-acceptable",
    "invalid",
    "queue-full",
    "upstream-unavailable",
)
_KINDS: Mapping[pl.DataType, Any] = {
    pl.String(): str | None,
    pl.Int32(): int | None,
    pl.Int64(): int | None,
    pl.Float64(): float | None,
    pl.Boolean(): bool | None,
}
_HEADERS = {"vary": "accept, authorization", "cache-control": "private, no-cache"}

AsOf = Annotated[
    str | None,
    QueryParameter(
        name="as_of",
        description="Answer with what was known at this instant, RFC 3339 in UTC, e.g. 2014-06-06T20:00:00Z; now.",
        schema_extra={"format": "date-time"},
    ),
]
Limit = Annotated[
    int | None,
    QueryParameter(
        name="limit", ge=1, le=MAX_PAGE, description=f"Rows at most: {PAGE} in JSON, all of them in CSV and Parquet."
    ),
]
Cursor = Annotated[
    str | None,
    QueryParameter(
        name="cursor",
        max_length=LENGTH,
        description="`next_cursor` of the page before, with the same filters.",
        schema_extra={"pattern": f"^[A-Za-z0-9_-]{{{LENGTH}}}$"},
    ),
]
IfNoneMatch = Annotated[str | None, HeaderParameter(name="If-None-Match", description="An ETag that is known already.")]


class TableView(msgspec.Struct, frozen=True):
    """A table that an answer was read from.

    Attributes:
        table: its name.
        version: of the table; a compaction changes it and not the digest.
        digest: over everything that was ever stored in it.
    """

    table: str
    version: int
    digest: str


@dataclass(frozen=True, slots=True)
class _Call:
    """One question of a client."""

    reading: Reading
    asked: Mapping[str, Any]
    form: str
    limit: int | None
    place: DataPlace
    named_as_of: datetime | None

    @property
    def is_dated(self) -> bool:
        """Whether the client named the instant."""
        return self.named_as_of is not None


def handler(reading: Reading) -> HTTPRouteHandler:
    """The route of a reading."""

    def answered(parts: Parts, request: Request[Any, Any, Any], **given: Any) -> Response[Any]:  # noqa: ANN401  # each has its type
        common = {name: given.pop(name) for name in ("as_of", "limit", "cursor", "if_none_match")}
        return _answer(parts, request, reading, common, given)

    taken: dict[str, tuple[Any, Any]] = {
        "parts": (PartsHere, inspect.Parameter.empty),
        "request": (Request[Any, Any, Any], inspect.Parameter.empty),
        **{each.name: (_declared(each), each.default) for each in reading.parameters},
        "as_of": (AsOf, None),
        "limit": (Limit, None),
        "cursor": (Cursor, None),
        "if_none_match": (IfNoneMatch, None),
    }
    keyword = inspect.Parameter.KEYWORD_ONLY
    arguments = [inspect.Parameter(name, keyword, default=each[1], annotation=each[0]) for name, each in taken.items()]
    answered.__signature__ = inspect.Signature(arguments, return_annotation=Response[Any])  # type: ignore[attr-defined]
    answered.__annotations__ = {name: each[0] for name, each in taken.items()} | {"return": Response[Any]}
    answered.__name__, answered.__doc__ = reading.name.replace("-", "_"), reading.text
    return get(
        _template(reading),
        operation_id=operation_id(reading),
        summary=reading.summary,
        tags=[reading.tag],
        opt={"scope": SCOPE, "problems": PROBLEMS, "forms_of_answer": (CSV, PARQUET)},
        responses={200: ResponseSpec(page_struct(reading), generate_examples=False, description="A page of rows.")},
        sync_to_thread=True,
    )(answered)


def operation_id(reading: Reading) -> str:
    """The id of a reading's operation."""
    return f"read_{reading.name.replace('-', '_')}"


@lru_cache
def page_struct(reading: Reading) -> type[msgspec.Struct]:
    """What a page of a reading is in JSON."""
    name = "".join(word.capitalize() for word in reading.name.split("-"))
    fields = [(column, _json_kind(kind)) for column, kind in reading.columns.items()]
    row = msgspec.defstruct(f"{name}Row", fields, frozen=True, namespace={"__doc__": f"A row of: {reading.summary}."})
    of_page = [
        ("as_of", str),
        ("tables", tuple[TableView, ...]),
        ("rows", tuple[row, ...]),  # type: ignore[valid-type]  # made just above
        ("next_cursor", str | None),
    ]
    said = f"{reading.summary}.\n\nAttributes:\n    as_of: by whose knowledge.\n    next_cursor: of the next page."
    return msgspec.defstruct(f"{name}DataPage", of_page, frozen=True, namespace={"__doc__": said})


def _json_kind(kind: pl.DataType) -> Any:  # noqa: ANN401  # an annotation
    if isinstance(kind, pl.Datetime):
        return Annotated[str | None, msgspec.Meta(extra_json_schema={"description": "RFC 3339, UTC."})]
    if kind == pl.Date():
        return Annotated[str | None, msgspec.Meta(extra_json_schema={"description": "A day, ISO 8601."})]
    return _KINDS[kind]


def _template(reading: Reading) -> str:
    path = PREFIX + reading.path
    for each in reading.parameters:
        kind = "int" if each.kind is int else "str"
        path = path.replace(f"{{{each.name}}}", f"{{{each.name}:{kind}}}")
    return path


def _declared(each: Parameter) -> Any:  # noqa: ANN401  # an annotation
    """A parameter in the framework's words."""
    declare = PathParameter if each.is_place else QueryParameter
    more: dict[str, Any] = {"description": each.says.text}
    if each.says.pattern is not None:
        more |= {"pattern": each.says.pattern}
    if each.says.least is not None:
        bounds = {"minimum": each.says.least, "maximum": each.says.most}
        # Litestar drops a bound of zero, and those of an optional number, from the document.
        told = {name: float(bound) for name, bound in bounds.items() if bound is not None}
        more |= {"ge": each.says.least, "le": each.says.most, "schema_extra": told}
    kind = each.kind
    if each.default is None:
        kind |= None
    return Annotated[kind, declare(**more)]


def _answer(
    parts: Parts, request: Request[Any, Any, Any], reading: Reading, common: Mapping[str, Any], asked: Mapping[str, Any]
) -> Response[Any]:
    parts.data.open()  # before the question has its instant: what opening stores is to be seen by it
    call = _call(parts, request, reading, common, asked)
    if call.is_dated and common["if_none_match"] is not None:
        tables = _tables(parts.data.read(reading.versions))
        tag = _tag(call, tables)
        if tables and is_unchanged(common["if_none_match"], tag):
            return Response(None, status_code=304, headers=_headers(call) | {"etag": tag} | BYPASSED)
    found, told = _found(parts.data, request, call, is_next_page=common["cursor"] is not None)
    told = with_feeds(told, standings_of(parts.data, call.reading))
    call = replace(call, place=replace(call.place, as_of=found.as_of, stored_at=found.stored_at))
    tables = _tables(found.versions)
    is_settled = call.is_dated and bool(tables)
    headers = _headers(call) | told | ({"etag": _tag(call, tables)} if is_settled else {})
    return _told(request, call, found.frame, tables, headers)


def _found(
    room: DataRoom, request: Request[Any, Any, Any], call: _Call, *, is_next_page: bool
) -> tuple[LakeAnswer, dict[str, str]]:
    """What the lake answers, or what it answered before as far as policy lets that be; and the headers that say so."""
    ask = partial(room.read, partial(_read, call))
    if is_next_page:  # its place names the instants that the first page was read at
        return ask(), BYPASSED
    is_fresh_wanted = wants_fresh(request.headers.get("cache-control"))
    question = (call.reading.name, tuple(sorted(call.asked.items(), key=itemgetter(0))), call.named_as_of)
    kept = room.kept.of(question, room.terms.stale_terms(call.reading.tag), ask, is_fresh_wanted=is_fresh_wanted)
    return kept.answer, cache_headers(kept, is_fresh_wanted=is_fresh_wanted)


def _read(call: _Call, store: FactStore) -> LakeAnswer:
    place, seen = call.place, store.as_recorded(call.place.stored_at)
    versions = call.reading.versions(store)
    frame = call.reading.answer(Standpoint(seen, place.as_of), call.asked)
    return LakeAnswer(frame, versions, place.as_of, place.stored_at)


def _tables(versions: Mapping[str, TableVersion]) -> tuple[TableView, ...]:
    return tuple(TableView(name, each.version, each.digest) for name, each in versions.items())


def _headers(call: _Call) -> dict[str, str]:
    return {**_HEADERS, "as-of": instant_text(call.place.as_of)}


def _call(
    parts: Parts, request: Request[Any, Any, Any], reading: Reading, common: Mapping[str, Any], asked: Mapping[str, Any]
) -> _Call:
    form = accepted_form(request.headers.get("accept"))
    now = parts.data.clock()
    named = asked_instant(common["as_of"])
    place = DataPlace(0, named or now, now)
    if common["cursor"] is not None:
        place = data_place(common["cursor"], reading.name, _question(asked, common["as_of"]))
    limit = common["limit"] or (PAGE if form == JSON else None)
    return _Call(reading, asked, form, limit, place, named)


def _told(
    request: Request[Any, Any, Any],
    call: _Call,
    frame: pl.DataFrame,
    tables: tuple[TableView, ...],
    headers: Mapping[str, str],
) -> Response[Any]:
    """The answer in the form that the client wants."""
    rest = frame.slice(call.place.row)
    page = rest if call.limit is None else rest.head(call.limit)
    following = None
    if page.height < rest.height:
        ahead = replace(call.place, row=call.place.row + page.height)
        as_of = request.query_params.get("as_of")
        following = data_cursor(ahead, call.reading.name, _question(call.asked, as_of))
    if call.form == JSON:
        said = {"as_of": headers["as-of"], "tables": tables, "next_cursor": following}
        return Response(json_page(page, said), media_type=JSON, headers=dict(headers))
    more = dict(headers) | ({} if following is None else {"next-cursor": following})
    stream = csv_stream(page) if call.form == CSV else parquet_stream(page)
    return Stream(stream, media_type=call.form, headers=more)


def _question(asked: Mapping[str, Any], as_of: str | None) -> dict[str, Any]:
    return {**asked, "as_of": as_of}


def _tag(call: _Call, tables: tuple[TableView, ...]) -> str:
    """The strong entity tag of an answer: of what was asked, of the form, and of the tables' content."""
    said = {
        "question": call.reading.name,
        "asked": {name: str(each) for name, each in call.asked.items()},
        "form": call.form,
        "limit": call.limit or 0,
        "row": call.place.row,
        "as_of": call.place.as_of,
        "tables": {each.table: each.digest for each in tables},
    }
    return etag(digest_text(digest("data-answer", encode(said))).removeprefix("sha256:"))
