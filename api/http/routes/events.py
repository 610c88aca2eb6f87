"""The tail of the log as server-sent events: every entry once and in order, also over a broken connection."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

from litestar import Request, Router, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import HeaderParameter, QueryParameter
from prometheus_client import Gauge

from api.http.asked import Kinds
from api.http.event_stream import MEDIA_TYPE, EventStream, bounded_sends
from api.http.parts import Parts, PartsHere, PrincipalHere
from api.http.problems import RequestError
from api.http.reach import require_whole_log
from api.http.tails import tails_of
from api.use_cases.reading import known_kind
from api.use_cases.tailing import POLICY_KINDS, require_place

_SEQUENCE_DIGITS = 18
_PROBLEMS = ("invalid", "draining", "queue-full")
_RESPONSES = {200: ResponseSpec(str, media_type=MEDIA_TYPE, description="Events, until either side ends the stream.")}

After = Annotated[
    int | None,
    QueryParameter(
        description="Begin after this sequence number, -1 with the first; else with what comes next.", ge=-1
    ),
]
LastEventId = Annotated[
    str | None, HeaderParameter(name="Last-Event-ID", description="The last id that was received; goes before `after`.")
]


@get(
    "/internal/log/events",
    operation_id="follow_log",
    summary="Follow the log",
    tags=["log"],
    opt={"scope": "audit:read", "problems": _PROBLEMS},
    responses=_RESPONSES,
)
async def follow_log(  # noqa: PLR0913, PLR0917  # one argument a parameter
    request: Request[Any, Any, Any],
    parts: PartsHere,
    principal: PrincipalHere,
    after: After = None,
    kind: Kinds = None,
    last_event_id: LastEventId = None,
) -> EventStream:
    """Each entry as an event: `id` is its sequence number, `event` its kind, `data` the entry as JSON.

    Resume with Last-Event-ID: nothing is lost and nothing doubled, since the log has no gaps. A comment is sent when
    nothing else was for a while. A client that reads too slowly is cut off and may resume. When the server stops, the
    last event is `end`. For tokens of all accounts.
    """
    require_whole_log(principal)
    kinds = frozenset(known_kind(each) for each in kind or ())
    return await _stream(request, parts, place_after(after, last_event_id), kinds)


@get(
    "/internal/policy/events",
    operation_id="follow_policy",
    summary="Follow what becomes of policies",
    tags=["policy"],
    opt={"scope": "plan:read", "problems": _PROBLEMS},
    responses=_RESPONSES,
)
async def follow_policy(
    request: Request[Any, Any, Any], parts: PartsHere, after: After = None, last_event_id: LastEventId = None
) -> EventStream:
    """Activations, proposals, withdrawals and faults as they are recorded, in the form of `/internal/log/events`."""
    return await _stream(request, parts, place_after(after, last_event_id), frozenset(POLICY_KINDS))


async def _stream(
    request: Request[Any, Any, Any], parts: Parts, place: int | None, kinds: frozenset[str]
) -> EventStream:
    tails = tails_of(request.app, parts.service)
    tails.require_room()
    size = await tails.size()
    place = size - 1 if place is None else place
    require_place(place, size)
    return EventStream(counted(parts.telemetry.counted.stream_clients, tails.events(place, kinds)))


async def counted(clients: Gauge, events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The events, with one client more for as long as they are followed."""
    with clients.track_inprogress():
        async for each in events:
            yield each


def place_after(after: int | None, last_event_id: str | None) -> int | None:
    """Where to go on. Raises RequestError for a Last-Event-ID that is none of ours."""
    if last_event_id is None:
        return after
    if not (last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) <= _SEQUENCE_DIGITS):
        message = f"Last-Event-ID {last_event_id[:40]!r} is no id of this stream; send the last one that you received"
        raise RequestError(message, reason="bad-request")
    return int(last_event_id)


ROUTER = Router("/", route_handlers=[follow_log, follow_policy], middleware=[bounded_sends])
