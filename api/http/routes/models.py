"""Models: the registry with its papers and trials, and what persons say about promotions.

A change names the champion that it was made for: `If-Match` with the ETag of the family, which is the digest of its
champion. Without it the answer is 428, with that of another champion 412. A version that the gate keeps out is no
error: the answer says so, with the reasons of its rules.
"""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import Provide
from litestar.params import HeaderParameter, PathParameter, QueryParameter

from api.http.asked import MAX_PAGE, Limit
from api.http.bodies import decoded, require_json
from api.http.conditions import etag, require_match
from api.http.parts import PrincipalHere, ServiceHere
from api.http.reading_room import RoomHere, room_of
from api.http.schemas.models import (
    MemoView,
    ModelFamiliesView,
    ModelFamilyView,
    ModelHistoryView,
    ModelOutcomeView,
    ModelReasonBody,
    ModelRollbackBody,
    ModelStageBody,
    ModelTrialsView,
    ModelVersionView,
    PaperView,
    ShadowScoresView,
    champion_tag,
    family_view,
    history_view,
    outcome_view,
    paper_view,
    shadow_view,
    trials_view,
    version_view,
)
from api.use_cases import model_reading
from api.use_cases.incidents import model_postmortem
from api.use_cases.model_desk import ModelDesk, serving_desk
from api.use_cases.model_work import Asked, ModelOutcome
from api.use_cases.promotions import (
    approved_promotion,
    moved_model,
    proposed_promotion,
    rolled_back_model,
    withdrawn_promotion,
)
from api.use_cases.service import Service
from api.use_cases.shadows import shadow_history
from governance.models import Stage

READ, CHANGE = "audit:read", "model:promote"
_TAGS = ["models"]
_VERSION = "/api/v1/models/{family:str}/versions/{version:int}"
_CONDITION = ("If-Match",)
_PROBLEMS = ("missing-condition", "stale-condition", "not-found", "read-only-log", "generation-changed")
_reason_decoder = msgspec.json.Decoder(ModelReasonBody)
_stage_decoder = msgspec.json.Decoder(ModelStageBody)
_rollback_decoder = msgspec.json.Decoder(ModelRollbackBody)

Family = Annotated[
    str,
    PathParameter(
        description="A model family.", max_length=64, schema_extra={"pattern": "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"}
    ),
]
Version = Annotated[int, PathParameter(description="The number of a version.", ge=1, le=2**31 - 1)]
After = Annotated[int, QueryParameter(name="after", ge=0, le=2**31 - 1, description="Begin after this number.")]
IfMatch = Annotated[
    str | None,
    HeaderParameter(name="If-Match", description="The ETag of the model family that the change is made for."),
]
Change = Callable[[ModelDesk, Asked], ModelOutcome]


@get(
    "/api/v1/models",
    opt={"scope": READ},
    operation_id="list_models",
    tags=_TAGS,
    summary="Every model family",
    sync_to_thread=True,
)
def list_models(room: RoomHere) -> ModelFamiliesView:
    """Every family with its versions, its champion and how many trials its ledger holds."""
    with room.view() as reader:
        found = model_reading.families(reader)
    return ModelFamiliesView(tuple(family_view(each) for each in found))


@get(
    "/api/v1/models/{family:str}",
    opt={"scope": READ, "problems": ("not-found",)},
    operation_id="get_model_family",
    tags=_TAGS,
    summary="One model family",
    sync_to_thread=True,
)
def one_family(room: RoomHere, family: Family) -> Response[ModelFamilyView]:
    """A family with its versions, newest first. The ETag names its champion."""
    with room.view() as reader:
        found = model_reading.family_view(reader, family)
    return Response(family_view(found), headers={"etag": etag(champion_tag(found.champion_digest))})


@get(
    "/api/v1/models/{family:str}/trials",
    opt={"scope": READ, "problems": ("not-found",)},
    operation_id="list_model_trials",
    tags=_TAGS,
    summary="What was tried for a family",
    sync_to_thread=True,
)
def list_trials(room: RoomHere, family: Family, after: After = 0, limit: Limit = MAX_PAGE) -> ModelTrialsView:
    """The trial ledger, in order: how surprised one may be by the best of many depends on how many there were."""
    with room.view() as reader:
        model_reading.family_view(reader, family)
        return trials_view(model_reading.trials(reader, family, after, limit), limit)


@get(
    _VERSION,
    opt={"scope": READ, "problems": ("not-found",)},
    operation_id="get_model",
    tags=_TAGS,
    summary="One model version",
    sync_to_thread=True,
)
def one_model(room: RoomHere, family: Family, version: Version) -> ModelVersionView:
    """A version with its stage, its figures, and the digests that lead to data, code, policy and trials."""
    with room.view() as reader:
        return version_view(model_reading.model_view(reader, family, version))


@get(
    f"{_VERSION}/card",
    opt={"scope": READ, "problems": ("not-found",)},
    operation_id="get_model_card",
    tags=_TAGS,
    summary="A model card",
    sync_to_thread=True,
)
def model_card(room: RoomHere, family: Family, version: Version) -> PaperView:
    """The card of a version, generated from the registry as it is now."""
    with room.view() as reader:
        return paper_view(model_reading.card(reader, family, version))


@get(
    f"{_VERSION}/memo",
    opt={"scope": READ, "problems": ("not-found",)},
    operation_id="get_model_memo",
    tags=_TAGS,
    summary="A deployment memo",
    sync_to_thread=True,
)
def model_memo(room: RoomHere, family: Family, version: Version) -> MemoView:
    """The newest memo of a version that is or was champion, as the log's key signed it."""
    with room.view() as reader:
        return MemoView(model_reading.memo(reader, family, version).decode())


@get(
    f"{_VERSION}/history",
    opt={"scope": READ, "problems": ("not-found",)},
    operation_id="get_model_history",
    tags=_TAGS,
    summary="What became of a version",
    sync_to_thread=True,
)
def model_history(room: RoomHere, family: Family, version: Version) -> ModelHistoryView:
    """Every entry of the log about a version, oldest first."""
    with room.view() as reader:
        return history_view(model_reading.model_events(reader, family, version))


@get(
    f"{_VERSION}/shadow",
    opt={"scope": READ, "problems": ("not-found",)},
    operation_id="list_shadow_scores",
    tags=_TAGS,
    summary="What a version said in the shadow",
    sync_to_thread=True,
)
def shadow_scores(room: RoomHere, family: Family, version: Version, limit: Limit = MAX_PAGE) -> ShadowScoresView:
    """The newest sessions that a version scored without deciding, newest first. No order follows from them."""
    with room.view() as reader:
        model_reading.model_view(reader, family, version)
        return shadow_view(shadow_history(reader, family, version, limit))


@get(
    "/api/v1/models/{family:str}/postmortem",
    opt={"scope": READ, "problems": ("not-found",)},
    operation_id="get_model_postmortem",
    tags=_TAGS,
    summary="The post-mortem of a family's newest rollback",
    sync_to_thread=True,
)
def family_postmortem(room: RoomHere, family: Family) -> PaperView:
    """From the promotion that was undone to the rollback, from the log's timeline."""
    with room.view() as reader:
        return paper_view(model_postmortem(reader, family))


@post(
    f"{_VERSION}/promotion",
    opt={
        "scope": CHANGE,
        "body": ModelReasonBody,
        "required": _CONDITION,
        "also": ("202",),
        "problems": (*_PROBLEMS, "wrong-stage"),
    },
    operation_id="propose_model",
    status_code=200,
    tags=_TAGS,
    summary="Propose a challenger for champion",
)
async def propose(  # noqa: PLR0913, PLR0917  # what a client says in path, headers and body
    request: Request[Any, Any, Any],
    service: ServiceHere,
    principal: PrincipalHere,
    family: Family,
    version: Version,
    if_match: IfMatch = None,
) -> Response[ModelOutcomeView]:
    """Have the gate judge a challenger; one that it lets in waits for a second person, another is denied or held."""
    asked = await _reason(request)
    work = partial(_changed, service, proposed_promotion, if_match)
    return await to_thread(work, Asked(family, version, principal.name, asked.because))


@post(
    f"{_VERSION}/approval",
    opt={
        "scope": CHANGE,
        "body": ModelReasonBody,
        "required": _CONDITION,
        "problems": (*_PROBLEMS, "self-approval", "no-evidence"),
    },
    operation_id="approve_model",
    status_code=200,
    tags=_TAGS,
    summary="Approve a promotion",
)
async def approve(  # noqa: PLR0913, PLR0917  # what a client says in path, headers and body
    request: Request[Any, Any, Any],
    service: ServiceHere,
    principal: PrincipalHere,
    family: Family,
    version: Version,
    if_match: IfMatch = None,
) -> Response[ModelOutcomeView]:
    """Make a proposed version champion, as a second person, if the gate still lets it in."""
    asked = await _reason(request)
    work = partial(_changed, service, approved_promotion, if_match)
    return await to_thread(work, Asked(family, version, principal.name, asked.because))


@post(
    f"{_VERSION}/withdrawal",
    opt={"scope": CHANGE, "body": ModelReasonBody, "required": _CONDITION, "problems": _PROBLEMS},
    operation_id="withdraw_model",
    status_code=200,
    tags=_TAGS,
    summary="Withdraw or reject a promotion",
)
async def withdraw(  # noqa: PLR0913, PLR0917  # what a client says in path, headers and body
    request: Request[Any, Any, Any],
    service: ServiceHere,
    principal: PrincipalHere,
    family: Family,
    version: Version,
    if_match: IfMatch = None,
) -> Response[ModelOutcomeView]:
    """Take a proposal back, or reject it."""
    asked = await _reason(request)
    work = partial(_changed, service, withdrawn_promotion, if_match)
    return await to_thread(work, Asked(family, version, principal.name, asked.because))


@post(
    f"{_VERSION}/stage",
    opt={
        "scope": CHANGE,
        "body": ModelStageBody,
        "required": _CONDITION,
        "problems": (*_PROBLEMS, "wrong-stage"),
    },
    operation_id="move_model",
    status_code=200,
    tags=_TAGS,
    summary="Move a version on, or retire it",
)
async def move(  # noqa: PLR0913, PLR0917  # what a client says in path, headers and body
    request: Request[Any, Any, Any],
    service: ServiceHere,
    principal: PrincipalHere,
    family: Family,
    version: Version,
    if_match: IfMatch = None,
) -> Response[ModelOutcomeView]:
    """A candidate to shadow, a shadow to challenger, any to retired. A retired champion leaves its place empty."""
    require_json(dict(request.scope["headers"]))
    asked = decoded(await request.body(), _stage_decoder)
    stage = Stage(asked.stage)

    def change(desk: ModelDesk, about: Asked) -> ModelOutcome:
        return moved_model(desk, about, stage)

    work = partial(_changed, service, change, if_match)
    return await to_thread(work, Asked(family, version, principal.name, asked.because))


@post(
    "/api/v1/models/{family:str}/rollback",
    opt={"scope": CHANGE, "body": ModelRollbackBody, "required": _CONDITION, "problems": _PROBLEMS},
    operation_id="roll_back_model",
    status_code=200,
    tags=_TAGS,
    summary="Go back to an earlier champion",
)
async def roll_back(
    request: Request[Any, Any, Any],
    service: ServiceHere,
    principal: PrincipalHere,
    family: Family,
    if_match: IfMatch = None,
) -> Response[ModelOutcomeView]:
    """Make a version champion again that was champion in this log before: at once, by one person."""
    require_json(dict(request.scope["headers"]))
    asked = decoded(await request.body(), _rollback_decoder)
    work = partial(_changed, service, rolled_back_model, if_match)
    return await to_thread(work, Asked(family, asked.version, principal.name, asked.because))


async def _reason(request: Request[Any, Any, Any]) -> ModelReasonBody:
    require_json(dict(request.scope["headers"]))
    return decoded(await request.body(), _reason_decoder)


def _changed(service: Service, change: Change, if_match: str | None, asked: Asked) -> Response[ModelOutcomeView]:
    """What became of a change that names the champion that it was made for. Raises RequestError when it does not."""
    champion = _champion(service, asked.family)
    require_match(if_match, etag(champion_tag(champion)))
    seen = b"" if champion is None else champion
    return _answer(service, change, Asked(asked.family, asked.version, asked.principal, asked.why, seen))


def _answer(service: Service, change: Change, asked: Asked) -> Response[ModelOutcomeView]:
    outcome = change(serving_desk(service), asked)
    headers = {"etag": etag(champion_tag(_champion(service, asked.family)))}
    is_waiting = outcome.state == "proposed"
    if is_waiting:
        headers["location"] = f"/api/v1/models/{asked.family}/versions/{asked.version}"
    return Response(outcome_view(outcome), status_code=202 if is_waiting else 200, headers=headers)


def _champion(service: Service, family: str) -> bytes | None:
    with service.store.reader() as reader:
        return model_reading.family_view(reader, family).champion_digest


ROUTER = Router(
    "/",
    route_handlers=[
        list_models,
        one_family,
        list_trials,
        one_model,
        model_card,
        model_memo,
        model_history,
        shadow_scores,
        family_postmortem,
        propose,
        approve,
        withdraw,
        move,
        roll_back,
    ],
    dependencies={"room": Provide(room_of, sync_to_thread=False)},
)
