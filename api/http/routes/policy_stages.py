"""The life of a policy version by HTTP: into the shadow, a canary on some symbols, out of both, and where each stands.

Changes need `If-Match` with the ETag of `/internal/policy`, as all changes of policies do. Who puts a version into the
shadow needs `policy:propose`; who lets it decide, `policy:approve`, and in approved mode it is somebody else.
"""

from __future__ import annotations

from asyncio import to_thread
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import QueryParameter

from adapters.sql.shadow_board import ShadowProgress
from api.http.asked import Cursor, Limit, asked_digest, required
from api.http.bodies import decoded, require_json
from api.http.cursors import cursor_place, cursor_text
from api.http.parts import Parts, PartsHere, PrincipalHere, ServiceHere
from api.http.policy_conditions import matched_policy
from api.http.problems import RequestError
from api.http.reach import require_whole_log
from api.http.routes.policy import APPROVE, PROPOSE, READ, IfMatch, PolicyDigest, candidate_answer
from api.http.schemas.policy import CandidateView, ReasonBody
from api.http.schemas.policy_stages import (
    CanaryBody,
    DivergencesView,
    PolicyStagesView,
    ShadowBody,
    divergences_view,
    life_view,
)
from api.use_cases.candidates import CandidateFiles
from api.use_cases.policy_life import PolicyLife, policy_lives
from api.use_cases.policy_shadows import shadow_progress
from api.use_cases.policy_stages import CanaryShare, canary_started, shadow_started, stage_ended
from api.use_cases.policy_standing import standing
from api.use_cases.reloading import Handed
from api.use_cases.reloads import Source
from nodes.vocabulary.canonical import digest_text

AUDIT = "audit:read"
_TAGS = ["policy"]
_CONDITION = ("If-Match",)
_CHANGE = ("missing-condition", "stale-condition", "policy-conflict", "read-only-log", "generation-changed")
_shadow_decoder = msgspec.json.Decoder(ShadowBody)
_canary_decoder = msgspec.json.Decoder(CanaryBody)
_reason_decoder = msgspec.json.Decoder(ReasonBody)

SymbolAsked = Annotated[str | None, QueryParameter(name="symbol", max_length=32, description="Of one share only.")]


@get(
    "/internal/policy/stages",
    opt={"scope": READ},
    operation_id="policy_stages",
    tags=_TAGS,
    summary="Where each policy version stands",
    sync_to_thread=True,
)
def stages(parts: PartsHere) -> PolicyStagesView:
    """Every version with its steps, what it made of decisions in the shadow, and which symbols it decides."""
    lives = policy_lives(standing(parts.service).log)
    return PolicyStagesView(
        tuple(life_view(life, _progress(parts, life), parts.service.lake.universe) for life in lives)
    )


@post(
    "/internal/policy/shadows",
    opt={
        "scope": PROPOSE,
        "body": ShadowBody,
        "required": _CONDITION,
        "problems": (*_CHANGE, "policy-faults", "invalid"),
    },
    operation_id="shadow_policy",
    status_code=200,
    tags=_TAGS,
    summary="Put a policy into the shadow",
)
async def shadow(
    request: Request[Any, Any, Any], service: ServiceHere, principal: PrincipalHere, if_match: IfMatch = None
) -> Response[CandidateView]:
    """Let a version judge every decision beside the active policy. What it says is counted and listed, never routed.

    It is compiled and its cases run first; with a fault it is refused, and each fault told.
    """
    require_json(dict(request.scope["headers"]))
    asked = decoded(await request.body(), _shadow_decoder)
    before = await to_thread(matched_policy, service, if_match)
    cases = None if asked.cases is None else asked.cases.encode()
    handed = Handed(CandidateFiles(asked.text.encode(), asked.file, cases), principal.name, Source.API)
    outcome = await to_thread(shadow_started, service, handed, asked.because, before.log.state)
    return await to_thread(candidate_answer, service, outcome)


@post(
    "/internal/policy/canaries",
    opt={
        "scope": APPROVE,
        "body": CanaryBody,
        "required": _CONDITION,
        "problems": (*_CHANGE, "policy-faults", "invalid", "not-found", "self-approval", "wrong-stage"),
    },
    operation_id="canary_policy",
    status_code=200,
    tags=_TAGS,
    summary="Let a policy decide some symbols",
)
async def canary(
    request: Request[Any, Any, Any], service: ServiceHere, principal: PrincipalHere, if_match: IfMatch = None
) -> Response[CandidateView]:
    """Let a version that is in the shadow decide a share of the symbols, or named ones, on all workers.

    In approved mode it must be somebody else than who put it into the shadow. All other symbols stay with the active
    policy; the trace of each decision names the one that made it.
    """
    require_json(dict(request.scope["headers"]))
    asked = decoded(await request.body(), _canary_decoder)
    named = required(asked_digest(asked.policy_digest, "policy_digest"), ["policy_digest"])
    before = await to_thread(matched_policy, service, if_match)
    outcome = await to_thread(
        canary_started,
        service,
        named,
        CanaryShare(asked.share_frac, asked.symbols),
        principal.name,
        because=asked.because,
        if_match=before.log.state,
    )
    return await to_thread(candidate_answer, service, outcome)


@post(
    "/internal/policy/stages/{policy_digest:str}/end",
    opt={"scope": PROPOSE, "body": ReasonBody, "required": _CONDITION, "problems": (*_CHANGE, "not-found")},
    operation_id="end_policy_stage",
    status_code=200,
    tags=_TAGS,
    summary="End a shadow or a canary",
)
async def end(
    request: Request[Any, Any, Any],
    service: ServiceHere,
    principal: PrincipalHere,
    policy_digest: PolicyDigest,
    if_match: IfMatch = None,
) -> Response[CandidateView]:
    """Take a version out of the shadow; if it is the canary, the active policy decides all symbols again at once."""
    require_json(dict(request.scope["headers"]))
    asked = decoded(await request.body(), _reason_decoder)
    named = required(asked_digest(policy_digest, "policy_digest"), ["policy_digest"])
    before = await to_thread(matched_policy, service, if_match)
    outcome = await to_thread(stage_ended, service, named, principal.name, asked.because, before.log.state)
    return await to_thread(candidate_answer, service, outcome)


@get(
    "/internal/policy/stages/{policy_digest:str}/divergences",
    opt={"scope": AUDIT, "problems": ("not-found",)},
    operation_id="policy_divergences",
    tags=_TAGS,
    summary="Decisions that a policy in the shadow would have made otherwise",
    sync_to_thread=True,
)
def divergences(  # noqa: PLR0913, PLR0917  # whose, which and how many
    parts: PartsHere,
    principal: PrincipalHere,
    policy_digest: PolicyDigest,
    symbol: SymbolAsked = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> DivergencesView:
    """Each decision that came out otherwise, newest first: both verdicts, both sizes, and the rules between them."""
    require_whole_log(principal)
    named = required(asked_digest(policy_digest, "policy_digest"), ["policy_digest"])
    event = next((each for each in standing(parts.service).log.shadows if each.policy_digest == named), None)
    if event is None:
        message = f"policy {digest_text(named)} is not in the shadow; look at the stages for those that are"
        raise RequestError(message, reason="not-found")
    shadow_progress(parts.service, parts.shadow_board, event)
    asked = {"policy_digest": named.hex(), "symbol": symbol or ""}
    before = None if cursor is None else cursor_place(cursor, "divergences", asked)
    rows = parts.shadow_board.divergences(event.sequence, limit, before=before, symbol=symbol)
    following = cursor_text(rows[-1].sequence, "divergences", asked) if len(rows) == limit else None
    return divergences_view(rows, following)


def _progress(parts: Parts, life: PolicyLife) -> ShadowProgress | None:
    return None if life.shadow is None else shadow_progress(parts.service, parts.shadow_board, life.shadow)


ROUTER = Router("/", route_handlers=[stages, shadow, canary, end, divergences])
