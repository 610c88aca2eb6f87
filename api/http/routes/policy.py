"""Policies while they serve: how they stand, candidates, approvals, and going back.

A change names the state that it was made for: `If-Match` with the ETag of `/internal/policy`, which is the digest of
the active policy. Without it the answer is 428, with that of another state 412.
"""

from __future__ import annotations

from asyncio import to_thread
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.datastructures import UploadFile
from litestar.params import HeaderParameter, PathParameter

from api.http.asked import DIGEST, asked_digest, required
from api.http.bodies import decoded, require_json, require_plain
from api.http.conditions import etag, is_unchanged, require_match
from api.http.parts import PrincipalHere, ServiceHere
from api.http.problems import RequestError
from api.http.routes.account import IfNoneMatch
from api.http.schemas.policy import (
    CandidateBody,
    CandidateView,
    PolicyStatusView,
    PolicyTextView,
    PolicyVersionsView,
    ReasonBody,
    ReloadView,
    RollbackBody,
    candidate_view,
    change_views,
    outcome_view,
    status_view,
    version_view,
)
from api.use_cases.policy_folder import reread_folder
from api.use_cases.policy_log import PolicyEvent
from api.use_cases.proposals import approved_proposal, policy_status, rolled_back, withdrawn_proposal
from api.use_cases.reloading import standing, submitted_candidate
from api.use_cases.reloads import CandidateOutcome, CandidateState, Source
from api.use_cases.service import Service
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import PolicyError
from policies.diff import Change, differences
from policies.parse import parsed_policy
from policies.schema import Policy

READ, PROPOSE, APPROVE = "plan:read", "policy:propose", "policy:approve"
MULTIPART = "multipart/form-data"
_TAGS = ["policy"]
_CHANGE = ("missing-condition", "stale-condition", "policy-conflict", "read-only-log", "generation-changed")
_CONDITION = ("If-Match",)
_FILE = {"type": "string", "format": "binary"}
_FORM = {"type": "object", "properties": {"policy": _FILE, "cases": _FILE}, "required": ["policy"]}
_WAITING = frozenset({CandidateState.PROPOSED, CandidateState.SCHEDULED})
_candidate_decoder = msgspec.json.Decoder(CandidateBody)
_reason_decoder = msgspec.json.Decoder(ReasonBody)
_rollback_decoder = msgspec.json.Decoder(RollbackBody)

PolicyDigest = Annotated[str, PathParameter(description="The digest of a policy.", schema_extra={"pattern": DIGEST})]
IfMatch = Annotated[
    str | None,
    HeaderParameter(name="If-Match", description="The ETag of /internal/policy that the change is made for."),
]


@get(
    "/internal/policy",
    opt={"scope": READ},
    operation_id="policy_status",
    tags=_TAGS,
    summary="How policies stand",
    sync_to_thread=True,
)
def status(service: ServiceHere) -> Response[PolicyStatusView]:
    """What runs, what waits for approval or for its instant, and what was refused since. The ETag names what runs."""
    found = policy_status(service)
    return Response(status_view(found), headers={"etag": etag(digest_text(found.active.policy_digest))})


@post(
    "/internal/policy/candidates",
    opt={
        "scope": PROPOSE,
        "body": CandidateBody,
        "forms": {MULTIPART: _FORM},
        "headers": ({"name": "traceparent", "required": False, "description": "W3C trace context."},),
        "also": ("202",),
        "required": _CONDITION,
        "problems": (*_CHANGE, "policy-faults", "invalid"),
    },
    operation_id="submit_policy",
    status_code=200,
    tags=_TAGS,
    summary="Hand in a policy",
)
async def submit(
    request: Request[Any, Any, Any], service: ServiceHere, principal: PrincipalHere, if_match: IfMatch = None
) -> Response[CandidateView]:
    """Compile a policy and run its cases; then make it active, or propose it where a second person must approve.

    Send JSON, or a form with the files `policy` and `cases`: `curl -F policy=@v2.yaml -F cases=@v2.cases.yaml`. A
    refused one changes nothing and is answered with every fault. Handed in twice, it is taken up once.
    """
    asked = await _candidate(request)
    before = await to_thread(_matched, service, if_match)
    outcome = await to_thread(
        submitted_candidate,
        service,
        asked.text.encode(),
        asked.file,
        principal.name,
        Source.API,
        cases=None if asked.cases is None else asked.cases.encode(),
        if_match=before.policy_digest,
    )
    changes = await to_thread(_changes, service, before, asked.text)
    return await to_thread(_answer, service, outcome, changes)


@post(
    "/internal/policy/reload",
    opt={"scope": PROPOSE, "required": _CONDITION, "problems": (*_CHANGE, "not-found")},
    operation_id="reload_policies",
    status_code=200,
    tags=_TAGS,
    summary="Read the policy folder again",
    sync_to_thread=True,
)
def reload(service: ServiceHere, principal: PrincipalHere, if_match: IfMatch = None) -> Response[ReloadView]:
    """Take up what changed in the watched folder, as its watcher and SIGHUP do; tells what became of each file."""
    before = _matched(service, if_match)
    outcomes = reread_folder(service, principal.name, Source.API)
    active = policy_status(service).active
    changes = differences(_archived(service, before), _archived(service, active))
    told = tuple(outcome_view(outcome) for outcome in outcomes)
    headers = {"etag": etag(digest_text(active.policy_digest))}
    return Response(ReloadView(told, version_view(active), change_views(changes)), headers=headers)


@post(
    "/internal/policy/proposals/{policy_digest:str}/approve",
    opt={
        "scope": APPROVE,
        "required": _CONDITION,
        "also": ("202",),
        "problems": (*_CHANGE, "not-found", "self-approval", "policy-faults"),
    },
    operation_id="approve_policy",
    status_code=200,
    tags=_TAGS,
    summary="Approve a proposal",
    sync_to_thread=True,
)
def approve(
    service: ServiceHere, principal: PrincipalHere, policy_digest: PolicyDigest, if_match: IfMatch = None
) -> Response[CandidateView]:
    """Let a proposal in, as a second person. It is tried once more, and becomes active when it is effective."""
    before = _matched(service, if_match)
    named = required(asked_digest(policy_digest, "policy_digest"), ["policy_digest"])
    return _answer(service, approved_proposal(service, named, principal.name, before.policy_digest))


@post(
    "/internal/policy/proposals/{policy_digest:str}/withdraw",
    opt={"scope": PROPOSE, "body": ReasonBody, "problems": ("not-found", "read-only-log")},
    operation_id="withdraw_policy",
    status_code=200,
    tags=_TAGS,
    summary="Withdraw or reject a proposal",
)
async def withdraw(
    request: Request[Any, Any, Any], service: ServiceHere, principal: PrincipalHere, policy_digest: PolicyDigest
) -> Response[CandidateView]:
    """Take a proposal back, or reject it."""
    require_json(dict(request.scope["headers"]))
    asked = decoded(await request.body(), _reason_decoder)
    named = required(asked_digest(policy_digest, "policy_digest"), ["policy_digest"])
    outcome = await to_thread(withdrawn_proposal, service, named, principal.name, asked.because)
    return await to_thread(_answer, service, outcome)


@post(
    "/internal/policy/rollback",
    opt={"scope": APPROVE, "body": RollbackBody, "required": _CONDITION, "problems": (*_CHANGE, "not-found")},
    operation_id="roll_back_policy",
    status_code=200,
    tags=_TAGS,
    summary="Go back to an earlier policy",
)
async def roll_back(
    request: Request[Any, Any, Any], service: ServiceHere, principal: PrincipalHere, if_match: IfMatch = None
) -> Response[CandidateView]:
    """Make a policy active again that was active in this log before."""
    require_json(dict(request.scope["headers"]))
    asked = decoded(await request.body(), _rollback_decoder)
    named = required(asked_digest(asked.policy_digest, "policy_digest"), ["policy_digest"])
    before = await to_thread(_matched, service, if_match)
    outcome = await to_thread(rolled_back, service, named, principal.name, asked.because, before.policy_digest)
    return await to_thread(_answer, service, outcome)


@get(
    "/internal/policy/versions",
    opt={"scope": READ},
    operation_id="policy_versions",
    tags=_TAGS,
    summary="Every activation",
    sync_to_thread=True,
)
def versions(service: ServiceHere) -> PolicyVersionsView:
    """What was ever active in this log, newest first."""
    return PolicyVersionsView(tuple(version_view(event) for event in policy_status(service).history))


@get(
    "/internal/policy/versions/{policy_digest:str}",
    opt={"scope": READ, "problems": ("not-found",)},
    operation_id="policy_version",
    tags=_TAGS,
    summary="A policy's text",
    sync_to_thread=True,
)
def version(
    service: ServiceHere, policy_digest: PolicyDigest, if_none_match: IfNoneMatch = None
) -> Response[PolicyTextView]:
    """The text of a policy that is or was active, or that waits, byte for byte as the log archives it."""
    named = required(asked_digest(policy_digest, "policy_digest"), ["policy_digest"])
    found = standing(service)
    proposal = found.log.proposal(named)
    event = found.log.activation(named) or (None if proposal is None else proposal.event)
    if event is None:
        raise RequestError(f"log holds no policy {digest_text(named)}; look at the versions", reason="not-found")
    is_active = named == found.active_digest
    tag = etag(f"{digest_text(named)}-{'active' if is_active else 'inactive'}")
    if is_unchanged(if_none_match, tag):
        return Response(None, status_code=304, headers={"etag": tag})  # type: ignore[arg-type]  # it has no content
    text = _text(service, event).decode()
    return Response(PolicyTextView(event.name, digest_text(named), is_active, text), headers={"etag": tag})


def _matched(service: Service, if_match: str | None) -> PolicyEvent:
    """What runs, if the condition names it. Raises RequestError when it does not."""
    active = policy_status(service).active
    require_match(if_match, etag(digest_text(active.policy_digest)))
    return active


def _answer(service: Service, outcome: CandidateOutcome, changes: tuple[Change, ...] = ()) -> Response[CandidateView]:
    """What became of a candidate. Raises PolicyError with the faults of one that was refused."""
    if outcome.state is CandidateState.REFUSED:
        raise PolicyError(outcome.faults)
    active_digest = policy_status(service).active.policy_digest
    headers = {"etag": etag(digest_text(active_digest))}
    if outcome.state in _WAITING:
        headers["location"] = "/internal/policy"
    status_code = 202 if outcome.state in _WAITING else 200
    return Response(candidate_view(outcome, active_digest, changes), status_code=status_code, headers=headers)


def _changes(service: Service, before: PolicyEvent, text: str) -> tuple[Change, ...]:
    """How a policy differs from the one before; nothing for a text that is none."""
    try:
        return differences(_archived(service, before), _policy(text.encode(), "candidate"))
    except PolicyError:
        return ()


def _archived(service: Service, event: PolicyEvent) -> Policy:
    return _policy(_text(service, event), event.name)


def _policy(text: bytes, file: str) -> Policy:
    return parsed_policy(text, file).policy


def _text(service: Service, event: PolicyEvent) -> bytes:
    with service.store.reader() as reader:
        return reader.body(event.facts["policy_ref"])


async def _candidate(request: Request[Any, Any, Any]) -> CandidateBody:
    """The candidate in a JSON body or a form. Raises RequestError for another body."""
    headers = dict(request.scope["headers"])
    if not headers.get(b"content-type", b"").lower().startswith(MULTIPART.encode()):
        require_json(headers)
        return decoded(await request.body(), _candidate_decoder)
    require_plain(headers)
    form = await request.form()
    policy = form.get("policy")
    if not isinstance(policy, UploadFile):
        raise RequestError("form has no file `policy`; send it with -F policy=@v2.yaml", reason="bad-request")
    cases = form.get("cases")
    texts = [await _file_text(each) for each in (policy, cases) if isinstance(each, UploadFile)]
    return CandidateBody(texts[0], texts[1] if len(texts) > 1 else None, policy.filename or "candidate.yaml")


async def _file_text(file: UploadFile) -> str:
    try:
        return (await file.read()).decode()
    except UnicodeDecodeError as error:
        raise RequestError(
            f"file {file.filename!r} is not UTF-8: {error}; save it as such", reason="invalid"
        ) from error


ROUTER = Router("/", route_handlers=[status, submit, reload, approve, withdraw, roll_back, versions, version])
