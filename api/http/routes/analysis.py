"""Analyses over HTTP: features and models of a study, as jobs that are asked for with 202 and looked at when done."""

from __future__ import annotations

from asyncio import to_thread
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import PathParameter

from api.http.bodies import decoded, require_json
from api.http.parts import PartsHere, PrincipalHere
from api.http.problems import RequestError
from api.http.schemas.analysis import (
    AnalysisBody,
    AnalysisView,
    RecommendationBody,
    analysis_view,
    asked_of,
)
from api.http.schemas.jobs import JobView, job_view
from api.use_cases.analysis import ANALYZE, EVALUATE, KINDS, OPTIMIZE, RECOMMEND, asked_analysis

SCOPE, PATH = "research:run", "/api/v1/analysis"
AnalysisId = Annotated[
    str,
    PathParameter(
        description="The job of an analysis.", min_length=1, max_length=32, schema_extra={"pattern": "^[0-9a-f]{1,32}$"}
    ),
]


@dataclass(frozen=True)
class _Analysis:
    """One kind of analysis, in the words of HTTP."""

    kind: str
    path: str
    operation: str
    summary: str
    text: str
    body: type[AnalysisBody | RecommendationBody]


_ANALYSES = (
    _Analysis(
        ANALYZE,
        "/api/v1/features/analyze",
        "analyze_features",
        "Importance of features",
        "By permutation and by Shapley values, for samples that the model did not see, with 95 % intervals.",
        AnalysisBody,
    ),
    _Analysis(
        OPTIMIZE,
        "/api/v1/features/optimize",
        "optimize_features",
        "Choice of features",
        "Chosen inside each training part and judged on the tested one, so that the choice cannot flatter itself.",
        AnalysisBody,
    ),
    _Analysis(
        EVALUATE,
        "/api/v1/models/evaluate",
        "evaluate_model",
        "A model out of sample",
        "Its loss beside that of no model, its calibration, and its returns after costs with every trial counted.",
        AnalysisBody,
    ),
    _Analysis(
        RECOMMEND,
        "/api/v1/models/recommendation",
        "recommend_models",
        "A ranking of models",
        "Which models of a study the data cannot tell from the best, and which surely err less than none.",
        RecommendationBody,
    ),
)


def _asking(about: _Analysis) -> HTTPRouteHandler:
    """The route that asks for an analysis."""
    decoder = msgspec.json.Decoder(about.body)

    async def asked(request: Request[Any, Any, Any], parts: PartsHere, principal: PrincipalHere) -> Response[JobView]:
        require_json(dict(request.scope["headers"]))
        body = decoded(await request.body(), decoder)
        parts.service.require_writable()
        work = partial(asked_analysis, parts.jobs, about.kind, asked_of(body), principal.name)
        job = await to_thread(work)
        return Response(job_view(job), status_code=202, headers={"location": f"{PATH}/{job.job_id}"})

    asked.__name__ = about.operation
    asked.__doc__ = (
        f"{about.text}\n\nLocation is where the result will be. What it fits counts as trials of the family."
    )
    return post(
        about.path,
        operation_id=asked.__name__,
        summary=about.summary,
        tags=["analysis"],
        opt={"scope": SCOPE, "body": about.body, "problems": ("policy-faults", "read-only-log", "invalid")},
        status_code=202,
    )(asked)


@get(
    f"{PATH}/{{analysis_id:str}}",
    operation_id="analysis",
    summary="How far an analysis is, and its result",
    tags=["analysis"],
    opt={"scope": SCOPE},
    sync_to_thread=True,
)
def analysis(parts: PartsHere, analysis_id: AnalysisId) -> AnalysisView:
    """The job of an analysis, and what it came to when it is done. Jobs are followed and cancelled as such."""
    found = parts.jobs.job(analysis_id)
    if found.kind not in KINDS:
        message = f"job {analysis_id} is of kind {found.kind}, no analysis; look at it under /api/v1/jobs/{analysis_id}"
        raise RequestError(message, reason="not-found")
    return analysis_view(found)


ROUTER = Router("/", route_handlers=[*(_asking(about) for about in _ANALYSES), analysis])
