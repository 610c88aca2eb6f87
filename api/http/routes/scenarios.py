"""Scenarios over HTTP: listed, asked for with 202, looked at when done, with their page."""

from __future__ import annotations

from asyncio import to_thread
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter

from adapters.sql.job_rows import Job
from api.http.bodies import decoded, require_json
from api.http.parts import Parts, PartsHere, PrincipalHere
from api.http.problems import RequestError
from api.http.schemas.jobs import JobView, job_view
from api.http.schemas.scenarios import (
    ScenarioBody,
    ScenariosView,
    ScenarioView,
    asked_of,
    scenario_view,
    shipped_view,
)
from api.use_cases.scenario_jobs import KIND, REPORT, asked_scenario
from policies.scenario import shipped_scenarios

SCOPE, PATH = "research:run", "/api/v1/scenarios"
_HTML = "text/html"
_CSP = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""The page's own policy, in its head, names its style by digest; both hold."""
_PROBLEMS = ("policy-faults", "read-only-log", "not-found", "invalid")
_decoder = msgspec.json.Decoder(ScenarioBody)
ScenarioId = Annotated[
    str,
    PathParameter(
        description="The job of a scenario.", min_length=1, max_length=32, schema_extra={"pattern": "^[0-9a-f]{1,32}$"}
    ),
]


@get(
    PATH,
    operation_id="scenarios",
    summary="The scenarios",
    tags=["scenarios"],
    opt={"scope": SCOPE},
    sync_to_thread=True,
)
def scenarios() -> ScenariosView:
    """The scenarios that come with Assay; a document of your own can be run as well."""
    return ScenariosView(tuple(shipped_view(each) for each in shipped_scenarios()))


@post(
    PATH,
    operation_id="run_scenario",
    summary="Run a scenario",
    tags=["scenarios"],
    opt={"scope": SCOPE, "body": ScenarioBody, "problems": _PROBLEMS},
    status_code=202,
)
async def run_scenario(
    request: Request[Any, Any, Any], parts: PartsHere, principal: PrincipalHere
) -> Response[JobView]:
    """Ask for a scenario under the policy that runs; Location is where the result will be.

    Asked for again before it is done, it is the same job.
    """
    require_json(dict(request.scope["headers"]))
    body = decoded(await request.body(), _decoder)
    parts.service.require_writable()
    job = await to_thread(partial(asked_scenario, parts.jobs, asked_of(body), principal.name))
    return Response(job_view(job), status_code=202, headers={"location": f"{PATH}/{job.job_id}"})


@get(
    f"{PATH}/{{scenario_id:str}}",
    operation_id="scenario",
    summary="How far a scenario is, and its report",
    tags=["scenarios"],
    opt={"scope": SCOPE},
    sync_to_thread=True,
)
def scenario(parts: PartsHere, scenario_id: ScenarioId) -> ScenarioView:
    """The job of a scenario and, when it is done, which guardrail fired when and what it saved or cost."""
    return scenario_view(_scenario(parts, scenario_id), PATH)


@get(
    f"{PATH}/{{scenario_id:str}}/report",
    operation_id="scenario_report",
    summary="The page of a scenario",
    tags=["scenarios"],
    opt={"scope": SCOPE},
    responses={200: ResponseSpec(str, media_type=_HTML, description="One page that needs nothing else.")},
    sync_to_thread=True,
)
def scenario_report(parts: PartsHere, scenario_id: ScenarioId) -> Response[bytes]:
    """The report as one HTML page."""
    job = _scenario(parts, scenario_id)
    page = parts.jobs.part(job.job_id, REPORT)
    if page is None:
        message = f"scenario {scenario_id} is {job.state.value} and has no page; wait until it is done"
        raise RequestError(message, reason="not-found")
    return Response(page, media_type=_HTML, headers={"content-security-policy": _CSP})


def _scenario(parts: Parts, job_id: str) -> Job:
    found = parts.jobs.job(job_id)
    if found.kind != KIND:
        message = f"job {job_id} is of kind {found.kind}, no scenario; look at it under /api/v1/jobs/{job_id}"
        raise RequestError(message, reason="not-found")
    return found


ROUTER = Router("/", route_handlers=[scenarios, run_scenario, scenario, scenario_report])
