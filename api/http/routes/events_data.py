"""Events over HTTP: calendars as they stood, and alerts, in pages and as a stream that can be resumed."""

from __future__ import annotations

from asyncio import to_thread
from typing import Annotated, Any

import msgspec
from litestar import Request, Router, get, put
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter, QueryParameter

from api.http.alert_tails import AlertTails, alert_tails_of
from api.http.asked import asked_instant
from api.http.bodies import decoded, require_json
from api.http.event_stream import MEDIA_TYPE, EventStream, bounded_sends
from api.http.parts import PartsHere, PrincipalHere
from api.http.problems import RequestError
from api.http.readings import SCOPE, AsOf, handler
from api.http.routes.events import After, LastEventId, counted, place_after
from api.http.schemas.alerts import AlertPage, SubscriptionBody, SubscriptionView, alert_view
from api.http.tokens import Principal
from api.use_cases.data_reading_events import READINGS
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.instants import instant_text

PATH = "/api/v1/events/alerts"
_NAME = "^[A-Za-z0-9._-]{1,64}$"
_MAX_PAGE = 500
_RESPONSES = {200: ResponseSpec(str, media_type=MEDIA_TYPE, description="Alerts, until either side ends the stream.")}
_decoder = msgspec.json.Decoder(SubscriptionBody)

Subscriber = Annotated[
    str | None,
    QueryParameter(description="Begin behind what this subscriber has handled, instead of `after`.", pattern=_NAME),
]
AlertsAfter = Annotated[
    int | None, QueryParameter(name="after", description="Begin after this sequence.", ge=0, le=2**53)
]


@get(
    PATH,
    operation_id="list_alerts",
    summary="Alerts, the oldest first",
    tags=["events"],
    opt={"scope": SCOPE, "problems": ("queue-full",)},
)
async def list_alerts(  # noqa: PLR0913, PLR0917  # one argument a parameter
    request: Request[Any, Any, Any],
    parts: PartsHere,
    principal: PrincipalHere,
    after: AlertsAfter = None,
    subscriber: Subscriber = None,
    as_of: AsOf = None,
    limit: Annotated[int, QueryParameter(ge=1, le=_MAX_PAGE, description="How many at most.")] = 50,
) -> AlertPage:
    """What was filed, announced, rated or scheduled, once for each event, however often it was ingested.

    A subscriber gets what he has not handled yet, again and again until he says that he has.
    """
    tails = alert_tails_of(request.app, parts.data)
    return await to_thread(
        _page, tails, after or 0, None if subscriber is None else _own(principal, subscriber), limit, as_of
    )


def _own(principal: Principal, subscriber: str) -> str:
    """The name that a subscriber's place is kept under: nobody moves the place of another principal."""
    return f"{principal.name}/{subscriber}"


def _page(tails: AlertTails, after: int, subscriber: str | None, limit: int, as_of: str | None) -> AlertPage:
    box = tails.looked()
    at = asked_instant(as_of) or tails.now()
    found = box.after(after, limit) if subscriber is None else box.pending(subscriber, limit)
    told = tuple(alert_view(each) for each in found if each.raised_at <= at)
    return AlertPage(instant_text(at), told, told[-1].sequence if len(told) == limit else None)


@get(
    f"{PATH}/events",
    operation_id="follow_alerts",
    summary="Follow alerts",
    tags=["events"],
    opt={"scope": SCOPE, "problems": ("draining", "queue-full")},
    responses=_RESPONSES,
)
async def follow_alerts(  # noqa: PLR0913, PLR0917  # one argument a parameter
    request: Request[Any, Any, Any],
    parts: PartsHere,
    principal: PrincipalHere,
    after: After = None,
    subscriber: Subscriber = None,
    last_event_id: LastEventId = None,
) -> EventStream:
    """Each alert as an event within a second of its ingestion: `id` is its sequence, `event` its kind, `data` JSON.

    Resume with Last-Event-ID, or as a subscriber, whose place the server keeps: nothing is lost. An alert may come
    twice when it was not said to be handled; its `event_id` tells.
    """
    tails = alert_tails_of(request.app, parts.data)
    tails.require_room()
    place = place_after(after, last_event_id)
    if place is None and subscriber is not None:
        place = await to_thread(_place_of, tails, _own(principal, subscriber))
    return EventStream(counted(parts.telemetry.counted.stream_clients, tails.events(max(place or 0, 0))))


def _place_of(tails: AlertTails, subscriber: str) -> int:
    """Behind what a subscriber has handled."""
    waiting = tails.looked().pending(subscriber, 1)
    return waiting[0].sequence - 1 if waiting else tails.last()


@put(
    f"{PATH}/subscribers/{{subscriber:str}}",
    operation_id="handle_alerts",
    summary="Say which alerts are handled",
    tags=["events"],
    opt={"scope": SCOPE, "body": SubscriptionBody, "problems": ("invalid",)},
)
async def handle_alerts(
    request: Request[Any, Any, Any],
    parts: PartsHere,
    principal: PrincipalHere,
    subscriber: Annotated[str, PathParameter(description="Name of the subscriber, his own choice.", pattern=_NAME)],
) -> SubscriptionView:
    """Move a subscriber's place on: he is not told again what he has handled. A place never moves back."""
    require_json(dict(request.scope["headers"]))
    asked = decoded(await request.body(), _decoder)
    tails = alert_tails_of(request.app, parts.data)
    await to_thread(_handled, tails, _own(principal, subscriber), asked.handled)
    return SubscriptionView(subscriber, asked.handled)


def _handled(tails: AlertTails, subscriber: str, sequence: int) -> None:
    try:
        tails.looked().handled(subscriber, sequence)
    except DataError as error:
        raise RequestError(str(error), reason="invalid") from error


ROUTER = Router("/", route_handlers=[*(handler(reading) for reading in READINGS), list_alerts, handle_alerts])
STREAMS = Router("/", route_handlers=[follow_alerts], middleware=[bounded_sends])
