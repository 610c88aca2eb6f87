"""Backtests over HTTP: asked for with 202, looked at when done, with their tear sheet and tables."""

from __future__ import annotations

from asyncio import to_thread
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter, QueryParameter

from adapters.sql.job_rows import Job
from api.http.bodies import decoded, require_json
from api.http.parts import Parts, PartsHere, PrincipalHere
from api.http.problems import RequestError
from api.http.schemas.backtests import BacktestBody, BacktestJobView, asked_of, backtest_view
from api.http.schemas.jobs import JobView, job_view
from api.use_cases.backtest_jobs import KIND, REPORT, TABLES, asked_backtest, formatted, table_key

SCOPE, PATH = "research:run", "/api/v1/backtests"
_HTML = "text/html"
_CSP = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""The tear sheet's own policy, in its head, names its style by digest; both hold."""
_MEDIA = {"parquet": "application/vnd.apache.parquet", "csv": "text/csv", "json": "application/json"}
_decoder = msgspec.json.Decoder(BacktestBody)
BacktestId = Annotated[
    str,
    PathParameter(
        description="The job of a backtest.", min_length=1, max_length=32, schema_extra={"pattern": "^[0-9a-f]{1,32}$"}
    ),
]
Form = Annotated[Literal["csv", "json", "parquet"], QueryParameter(description="The format of the table.")]
TableName = Annotated[
    Literal["sessions", "orders", "positions", "trips", "gaps"], PathParameter(description="A table.")
]


@post(
    PATH,
    operation_id="run_backtest",
    summary="Run a backtest",
    tags=["backtests"],
    opt={"scope": SCOPE, "body": BacktestBody, "problems": ("policy-faults", "read-only-log", "invalid")},
    status_code=202,
)
async def run_backtest(
    request: Request[Any, Any, Any], parts: PartsHere, principal: PrincipalHere
) -> Response[JobView]:
    """Ask for years of the server's policy on its data, through the plans that decide live, under stated assumptions.

    Location is where the result will be. Asked for again before it is done, it is the same job.
    """
    require_json(dict(request.scope["headers"]))
    body = decoded(await request.body(), _decoder)
    parts.service.require_writable()
    asked = asked_of(body, parts.settings)
    job = await to_thread(asked_backtest, parts.jobs, asked, principal.name)
    return Response(job_view(job), status_code=202, headers={"location": f"{PATH}/{job.job_id}"})


@get(
    f"{PATH}/{{backtest_id:str}}",
    operation_id="backtest",
    summary="How far a backtest is, and what it came to",
    tags=["backtests"],
    opt={"scope": SCOPE},
    sync_to_thread=True,
)
def backtest(parts: PartsHere, backtest_id: BacktestId) -> BacktestJobView:
    """The job of a backtest and, when it is done, its figures, each with the ids of what it rests on."""
    found = _backtest(parts, backtest_id)
    tables = tuple(name for name in TABLES if parts.jobs.part(found.job_id, table_key(name)) is not None)
    return backtest_view(found, PATH, tables)


@get(
    f"{PATH}/{{backtest_id:str}}/report",
    operation_id="backtest_report",
    summary="The tear sheet of a backtest",
    tags=["backtests"],
    opt={"scope": SCOPE},
    responses={200: ResponseSpec(str, media_type=_HTML, description="One page that needs nothing else.")},
    sync_to_thread=True,
)
def backtest_report(parts: PartsHere, backtest_id: BacktestId) -> Response[bytes]:
    """The tear sheet as one HTML page."""
    page = _part(parts, backtest_id, REPORT, "tear sheet")
    return Response(page, media_type=_HTML, headers={"content-security-policy": _CSP})


@get(
    f"{PATH}/{{backtest_id:str}}/tables/{{table:str}}",
    operation_id="backtest_table",
    summary="A table of a backtest",
    tags=["backtests"],
    opt={"scope": SCOPE},
    responses={200: ResponseSpec(str, media_type=_MEDIA["csv"], description="The table in the format asked for.")},
    sync_to_thread=True,
)
def backtest_table(parts: PartsHere, backtest_id: BacktestId, table: TableName, form: Form = "csv") -> Response[bytes]:
    """Sessions, orders, positions, round trips or cost gaps of a backtest that is done, one row each."""
    part = _part(parts, backtest_id, table_key(table), f"table {table}")
    return Response(formatted(part, form), media_type=_MEDIA[form])


def _backtest(parts: Parts, job_id: str) -> Job:
    found = parts.jobs.job(job_id)
    if found.kind != KIND:
        message = f"job {job_id} is of kind {found.kind}, no backtest; look at it under /api/v1/jobs/{job_id}"
        raise RequestError(message, reason="not-found")
    return found


def _part(parts: Parts, job_id: str, key: bytes, what: str) -> bytes:
    job = _backtest(parts, job_id)
    part = parts.jobs.part(job.job_id, key)
    if part is None:
        message = f"backtest {job_id} is {job.state.value} and has no {what}; wait until it is done"
        raise RequestError(message, reason="not-found")
    return part


ROUTER = Router("/", route_handlers=[run_backtest, backtest, backtest_report, backtest_table])
