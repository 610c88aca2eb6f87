"""Impacts over HTTP: asked for with 202, followed, looked at when done, drilled down to each decision.

An impact speaks of decisions of whatever account, and what it adds up by share may be one order: all of it is for
tokens that cover them all.
"""

from __future__ import annotations

from asyncio import to_thread
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter, QueryParameter

from adapters.sql.job_rows import JobState
from api.http.asked import Cursor, Limit
from api.http.bodies import decoded, require_json
from api.http.cursors import cursor_place, cursor_text
from api.http.event_stream import MEDIA_TYPE, EventStream, bounded_sends
from api.http.job_tails import job_tails_of
from api.http.parts import PartsHere, PrincipalHere
from api.http.reach import whole_log_guard
from api.http.routes.events import After, LastEventId, counted, place_after
from api.http.schemas.impacts import (
    ImpactBody,
    ImpactDecisionsView,
    ImpactJobView,
    asked_of,
    impact_decision_view,
    impact_job_view,
)
from api.http.schemas.jobs import JobView, job_view
from api.use_cases.impact_jobs import RowFilter, asked_impact, impact_job, impact_rows, kept_impact
from api.use_cases.impact_views import impact_view

READ, PROPOSE, PATH = "plan:read", "policy:propose", "/internal/policy/impacts"
_TAGS = ["policy"]
_QUESTION = "impact-decisions"
_decoder = msgspec.json.Decoder(ImpactBody)
_VERDICT = "(pass|warn|clip|review|deny)"
ImpactId = Annotated[
    str,
    PathParameter(
        description="The job of an impact.", min_length=1, max_length=32, schema_extra={"pattern": "^[0-9a-f]{1,32}$"}
    ),
]
RuleAsked = Annotated[
    str | None,
    QueryParameter(
        name="rule",
        description="Only those that this rule objects to now and did not, or did and does not now.",
        max_length=100,
    ),
]
SymbolAsked = Annotated[
    str | None, QueryParameter(name="symbol", description="Only those of this share.", max_length=32)
]
FlipAsked = Annotated[
    str | None,
    QueryParameter(
        name="flip",
        description="Only those of this recorded and new verdict, e.g. `clip>deny`.",
        pattern=f"^{_VERDICT}>{_VERDICT}$",
    ),
]


@post(
    PATH,
    operation_id="run_impact",
    summary="Ask what a policy would have done",
    tags=_TAGS,
    opt={"scope": PROPOSE, "body": ImpactBody, "problems": ("policy-faults", "read-only-log", "invalid")},
    status_code=202,
)
async def run_impact(request: Request[Any, Any, Any], parts: PartsHere, principal: PrincipalHere) -> Response[JobView]:
    """Judge recorded decisions by a candidate, each as it was recorded; Location is where the result will be.

    Nothing becomes active by it. Asked for again before it is done, it is the same job.
    """
    require_json(dict(request.scope["headers"]))
    body = decoded(await request.body(), _decoder)
    parts.service.require_writable()
    job = await to_thread(asked_impact, parts.jobs, asked_of(body), principal.name)
    return Response(job_view(job), status_code=202, headers={"location": f"{PATH}/{job.job_id}"})


@get(
    f"{PATH}/{{impact_id:str}}",
    operation_id="impact",
    summary="How far an impact is, and what it came to",
    tags=_TAGS,
    opt={"scope": READ},
    sync_to_thread=True,
)
def impact(parts: PartsHere, impact_id: ImpactId) -> ImpactJobView:
    """The job of an impact and, when it is done, what would have flipped: by verdict, rule, symbol and worth."""
    job = impact_job(parts.jobs, impact_id)
    view = impact_view(kept_impact(parts.jobs, impact_id)) if job.state is JobState.DONE else None
    return impact_job_view(job, view, PATH)


@get(
    f"{PATH}/{{impact_id:str}}/decisions",
    operation_id="impact_decisions",
    summary="The decisions that would have come out otherwise",
    tags=_TAGS,
    opt={"scope": READ, "problems": ("invalid",)},
    sync_to_thread=True,
)
def impact_decisions(  # noqa: PLR0913, PLR0917  # one argument a parameter
    parts: PartsHere,
    impact_id: ImpactId,
    rule: RuleAsked = None,
    symbol: SymbolAsked = None,
    flip: FlipAsked = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> ImpactDecisionsView:
    """Those of an impact that is done, in the order of the log; filtered by rule, symbol and flip."""
    asked = {"impact_id": impact_id, "rule": rule, "symbol": symbol, "flip": flip}
    after = -1 if cursor is None else cursor_place(cursor, _QUESTION, asked)
    rows, has_more = impact_rows(parts.jobs, impact_id, RowFilter(rule, symbol, flip), limit, after)
    following = cursor_text(rows[-1].sequence, _QUESTION, asked) if has_more else None
    return ImpactDecisionsView(tuple(map(impact_decision_view, rows)), following)


@get(
    f"{PATH}/{{impact_id:str}}/events",
    operation_id="follow_impact",
    summary="Follow an impact",
    tags=_TAGS,
    opt={"scope": READ, "problems": ("draining", "queue-full")},
    responses={200: ResponseSpec(str, media_type=MEDIA_TYPE, description="Events, until the job ends or either side.")},
)
async def follow_impact(
    request: Request[Any, Any, Any],
    parts: PartsHere,
    impact_id: ImpactId,
    after: After = None,
    last_event_id: LastEventId = None,
) -> EventStream:
    """Each change of its job as an event: `id` is its number, `data` JSON.

    It begins with the first one, or behind Last-Event-ID. When the job has come to its end, the last event is `end`.
    """
    await to_thread(impact_job, parts.jobs, impact_id)
    tails = job_tails_of(request.app, parts.jobs)
    tails.require_room()
    place = max(place_after(after, last_event_id) or 0, 0)
    return EventStream(counted(parts.telemetry.counted.stream_clients, tails.events(impact_id, place)))


ROUTER = Router("/", route_handlers=[run_impact, impact, impact_decisions], guards=[whole_log_guard])
STREAMS = Router("/", route_handlers=[follow_impact], middleware=[bounded_sends], guards=[whole_log_guard])
