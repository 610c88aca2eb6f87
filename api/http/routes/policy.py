"""Policies while they serve: how they stand, candidates, approvals, and going back.

A change names the state that it was made for: `If-Match` with the ETag of `/internal/policy`, which moves on with each
activation, proposal, withdrawal and stage. Without it the answer is 428, with that of another state 412.
"""

from __future__ import annotations

from asyncio import to_thread
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.datastructures import UploadFile
from litestar.params import HeaderParameter, PathParameter

from api.http.asked import DIGEST, asked_digest, asked_instant, required
from api.http.bodies import decoded, require_json, require_plain
from api.http.conditions import etag, is_unchanged
from api.http.parts import Parts, PartsHere, PrincipalHere, ServiceHere
from api.http.policy_conditions import archived_policy, matched_policy, policy_tag
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
from api.use_cases.candidates import CandidateFiles
from api.use_cases.impact_jobs import kept_impact
from api.use_cases.policy_folder import reread_folder
from api.use_cases.policy_standing import Standing, standing
from api.use_cases.proposals import approved_proposal, archived_files, policy_status, rolled_back, withdrawn_proposal
from api.use_cases.reloading import Handed, handed_in
from api.use_cases.reloads import CandidateOutcome, CandidateState, Source
from api.use_cases.service import Service
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import PolicyError
from nodes.vocabulary.instants import instant_ns
from policies.diff import Change, differences
from policies.parse import parsed_policy

READ, PROPOSE, APPROVE = "plan:read", "policy:propose", "policy:approve"
MULTIPART = "multipart/form-data"
_TAGS = ["policy"]
_CHANGE = ("missing-condition", "stale-condition", "policy-conflict", "read-only-log", "generation-changed")
_CONDITION = ("If-Match",)
_FILE = {"type": "string", "format": "binary"}
_FORM = {"type": "object", "properties": {"policy": _FILE, "cases": _FILE}, "required": ["policy"]}
_INSTANTS = range(-(2**63), 2**63)
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
    """What runs, what waits for approval or for its instant, and what was refused since.

    The ETag names what runs, and the log entry that last moved a policy on.
    """
    found = policy_status(service)
    return Response(status_view(found), headers={"etag": policy_tag(found.active.policy_digest, found.state)})


@post(
    "/internal/policy/candidates",
    opt={
        "scope": PROPOSE,
        "body": CandidateBody,
        "forms": {MULTIPART: _FORM},
        "headers": ({"name": "traceparent", "required": False, "description": "W3C trace context."},),
        "also": ("202",),
        "required": _CONDITION,
        "problems": (*_CHANGE, "policy-faults", "invalid", "not-found"),
    },
    operation_id="submit_policy",
    status_code=200,
    tags=_TAGS,
    summary="Hand in a policy",
)
async def submit(
    request: Request[Any, Any, Any], parts: PartsHere, principal: PrincipalHere, if_match: IfMatch = None
) -> Response[CandidateView]:
    """Compile a policy and run its cases; then make it active, or propose it where a second person must approve.

    Send JSON, or a form with the files `policy` and `cases`: `curl -F policy=@v2.yaml -F cases=@v2.cases.yaml`. A
    refused one changes nothing and is answered with every fault. Handed in twice, it is taken up once.
    """
    asked = await _candidate(request)
    service = parts.service
    before = await to_thread(matched_policy, service, if_match)
    handed = await to_thread(_handed, parts, asked, principal.name)
    outcome = await to_thread(handed_in, service, handed, before.log.state)
    changes = await to_thread(_changes, before, asked.text)
    return await to_thread(candidate_answer, service, outcome, changes)


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
    before = matched_policy(service, if_match)
    outcomes = reread_folder(service, principal.name, Source.API)
    found = policy_status(service)
    active = found.active
    changes = differences(before.newest.policy, archived_policy(service, active))
    told = tuple(outcome_view(outcome) for outcome in outcomes)
    headers = {"etag": policy_tag(active.policy_digest, found.state)}
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
    before = matched_policy(service, if_match)
    named = required(asked_digest(policy_digest, "policy_digest"), ["policy_digest"])
    return candidate_answer(service, approved_proposal(service, named, principal.name, before.log.state))


@post(
    "/internal/policy/proposals/{policy_digest:str}/withdraw",
    opt={
        "scope": PROPOSE,
        "body": ReasonBody,
        "required": _CONDITION,
        "problems": (*_CHANGE, "not-found"),
    },
    operation_id="withdraw_policy",
    status_code=200,
    tags=_TAGS,
    summary="Withdraw or reject a proposal",
)
async def withdraw(
    request: Request[Any, Any, Any],
    service: ServiceHere,
    principal: PrincipalHere,
    policy_digest: PolicyDigest,
    if_match: IfMatch = None,
) -> Response[CandidateView]:
    """Take a proposal back, or reject it."""
    require_json(dict(request.scope["headers"]))
    asked = decoded(await request.body(), _reason_decoder)
    named = required(asked_digest(policy_digest, "policy_digest"), ["policy_digest"])
    before = await to_thread(matched_policy, service, if_match)
    outcome = await to_thread(withdrawn_proposal, service, named, principal.name, asked.because, before.log.state)
    return await to_thread(candidate_answer, service, outcome)


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
    before = await to_thread(matched_policy, service, if_match)
    outcome = await to_thread(rolled_back, service, named, principal.name, asked.because, before.log.state)
    return await to_thread(candidate_answer, service, outcome)


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
    """The text of a policy, and of its cases, byte for byte as the log archives it: of any that stood in it.

    What is or was active, waits, or is in the shadow.
    """
    named = required(asked_digest(policy_digest, "policy_digest"), ["policy_digest"])
    found = standing(service)
    event = found.log.archived(named)
    if event is None:
        raise RequestError(f"log holds no policy {digest_text(named)}; look at the versions", reason="not-found")
    is_active = named == found.active_digest
    tag = etag(f"{digest_text(named)}-{'active' if is_active else 'inactive'}")
    if is_unchanged(if_none_match, tag):
        return Response(None, status_code=304, headers={"etag": tag})  # type: ignore[arg-type]  # it has no content
    files = archived_files(service, event)
    cases = None if files.cases is None else files.cases.decode()
    view = PolicyTextView(event.name, digest_text(named), is_active, files.text.decode(), cases)
    return Response(view, headers={"etag": tag})


def candidate_answer(
    service: Service, outcome: CandidateOutcome, changes: tuple[Change, ...] = ()
) -> Response[CandidateView]:
    """What became of a candidate. Raises PolicyError with the faults of one that was refused."""
    if outcome.state is CandidateState.REFUSED:
        raise PolicyError(outcome.faults)
    found = standing(service)
    headers = {"etag": policy_tag(found.active_digest, found.log.state)}
    if outcome.state in _WAITING:
        headers["location"] = "/internal/policy"
    status_code = 202 if outcome.state in _WAITING else 200
    return Response(candidate_view(outcome, found.active_digest, changes), status_code=status_code, headers=headers)


def _handed(parts: Parts, asked: CandidateBody, principal: str) -> Handed:
    """What somebody hands in. Raises RequestError for an instant that is none, EdgeError for an impact that is none."""
    cases = None if asked.cases is None else asked.cases.encode()
    not_before = asked_instant(asked.effective_from, "effective_from")
    if not_before is not None and instant_ns(not_before) not in _INSTANTS:
        message = f"effective_from {asked.effective_from} is out of the range of instants, 1677-09-22 to 2262-04-11"
        raise RequestError(f"{message}; name one within it", reason="invalid")
    return Handed(
        CandidateFiles(asked.text.encode(), asked.file, cases),
        principal,
        Source.API,
        impact=None if asked.impact_id is None else kept_impact(parts.jobs, asked.impact_id),
        not_before=not_before,
    )


def _changes(before: Standing, text: str) -> tuple[Change, ...]:
    """How a policy differs from the one before; nothing for a text that is none."""
    try:
        return differences(before.newest.policy, parsed_policy(text.encode(), "candidate").policy)
    except PolicyError:
        return ()


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
