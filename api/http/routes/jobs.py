"""Long work: asked for with 202, followed as it goes, cancelled, and looked at when it is done."""

from __future__ import annotations

from asyncio import to_thread
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, delete, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter

from adapters.sql.job_rows import Job
from api.http.asked import Limit
from api.http.bodies import decoded, require_json
from api.http.event_stream import MEDIA_TYPE, EventStream, bounded_sends
from api.http.job_tails import job_tails_of
from api.http.parts import Parts, PartsHere, PrincipalHere
from api.http.problems import RequestError
from api.http.routes.events import After, LastEventId, counted, place_after
from api.http.schemas.jobs import (
    JobsView,
    JobView,
    ResearchBody,
    ResearchRunView,
    job_view,
    research_run_view,
)
from api.use_cases.research_jobs import KIND, REPORT, ResearchAsked, asked_research

SCOPE = "research:run"
PATH, RUNS = "/api/v1/jobs", "/api/v1/research/runs"
_HTML = "text/html"
_CSP = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""The report's own policy, in its head, names its style by digest; both hold."""
_decoder = msgspec.json.Decoder(ResearchBody)

JobId = Annotated[
    str, PathParameter(description="A job.", min_length=1, max_length=32, schema_extra={"pattern": "^[0-9a-f]{1,32}$"})
]


@post(
    RUNS,
    operation_id="run_research",
    summary="Run a study",
    tags=["research"],
    opt={"scope": SCOPE, "body": ResearchBody, "problems": ("policy-faults", "read-only-log")},
    status_code=202,
)
async def run_research(
    request: Request[Any, Any, Any], parts: PartsHere, principal: PrincipalHere
) -> Response[JobView]:
    """Ask for a study; Location is its job.

    Asked for again before it has begun, or after it broke off, it is the same job and goes on where it was.
    """
    require_json(dict(request.scope["headers"]))
    asked = decoded(await request.body(), _decoder)
    parts.service.require_writable()
    job = await to_thread(asked_research, parts.jobs, ResearchAsked(asked.policy, asked.file), principal.name)
    return Response(job_view(job), status_code=202, headers={"location": f"{PATH}/{job.job_id}"})


@get(
    f"{RUNS}/{{job_id:str}}",
    operation_id="research_run",
    summary="What a study came to",
    tags=["research"],
    opt={"scope": SCOPE},
    sync_to_thread=True,
)
def research_run(parts: PartsHere, job_id: JobId) -> ResearchRunView:
    """How far a study is, and its verdict when it is done."""
    return research_run_view(_research(parts, job_id))


@get(
    f"{RUNS}/{{job_id:str}}/report",
    operation_id="research_report",
    summary="The report of a study",
    tags=["research"],
    opt={"scope": SCOPE},
    responses={200: ResponseSpec(str, media_type=_HTML, description="One page that needs nothing else.")},
    sync_to_thread=True,
)
def research_report(parts: PartsHere, job_id: JobId) -> Response[bytes]:
    """The report as one HTML page, with its plots."""
    job = _research(parts, job_id)
    page = parts.jobs.part(job.job_id, REPORT)
    if page is None:
        message = f"study {job_id} is {job.state.value} and has no report; wait until it is done"
        raise RequestError(message, reason="not-found")
    return Response(page, media_type=_HTML, headers={"content-security-policy": _CSP})


@get(PATH, operation_id="jobs", summary="The newest jobs", tags=["jobs"], opt={"scope": SCOPE}, sync_to_thread=True)
def jobs(parts: PartsHere, limit: Limit = 50) -> JobsView:
    """The newest jobs, newest first."""
    return JobsView(tuple(job_view(job) for job in parts.jobs.newest(limit)))


@get(
    f"{PATH}/{{job_id:str}}",
    operation_id="job",
    summary="How far a job is",
    tags=["jobs"],
    opt={"scope": SCOPE},
    sync_to_thread=True,
)
def job(parts: PartsHere, job_id: JobId) -> JobView:
    """A job as it stands."""
    return job_view(parts.jobs.job(job_id))


@delete(
    f"{PATH}/{{job_id:str}}",
    operation_id="cancel_job",
    summary="Cancel a job",
    tags=["jobs"],
    opt={"scope": SCOPE, "problems": ("job-ended",)},
    status_code=200,
    sync_to_thread=True,
)
def cancel_job(parts: PartsHere, job_id: JobId) -> JobView:
    """End a job. One that runs ends as soon as its process next tells how far it is."""
    return job_view(parts.jobs.cancelled(job_id))


@get(
    f"{PATH}/{{job_id:str}}/events",
    operation_id="follow_job",
    summary="Follow a job",
    tags=["jobs"],
    opt={"scope": SCOPE, "problems": ("draining", "queue-full")},
    responses={200: ResponseSpec(str, media_type=MEDIA_TYPE, description="Events, until the job ends or either side.")},
)
async def follow_job(
    request: Request[Any, Any, Any], parts: PartsHere, job_id: JobId, after: After = None,
    last_event_id: LastEventId = None,
) -> EventStream:  # fmt: skip
    """Each change of a job as an event: `id` is its number, `data` JSON.

    It begins with the first one, or behind Last-Event-ID. When the job has come to its end, the last event is `end`.
    """
    await to_thread(parts.jobs.job, job_id)
    tails = job_tails_of(request.app, parts.jobs)
    tails.require_room()
    place = max(place_after(after, last_event_id) or 0, 0)
    return EventStream(counted(parts.telemetry.counted.stream_clients, tails.events(job_id, place)))


def _research(parts: Parts, job_id: str) -> Job:
    found = parts.jobs.job(job_id)
    if found.kind != KIND:
        message = f"job {job_id} is of kind {found.kind}, no study; look at it under {PATH}/{job_id}"
        raise RequestError(message, reason="not-found")
    return found


ROUTER = Router("/", route_handlers=[run_research, research_run, research_report, jobs, job, cancel_job])
STREAMS = Router("/", route_handlers=[follow_job], middleware=[bounded_sends])
