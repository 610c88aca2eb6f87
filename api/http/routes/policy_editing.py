"""Help for whoever writes a policy: every fault of a text as it is now, and the words that it may use."""

from __future__ import annotations

from asyncio import to_thread
from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post

from api.http.bodies import decoded, require_json
from api.http.conditions import etag, is_unchanged
from api.http.parts import ServiceHere
from api.http.routes.account import IfNoneMatch
from api.http.schemas.policy_editing import (
    PolicyCheckBody,
    PolicyCheckView,
    PolicyVocabularyView,
    check_view,
    vocabulary_view,
)
from api.use_cases.candidates import CandidateFiles
from api.use_cases.policy_check import policy_check
from api.use_cases.policy_standing import standing
from api.use_cases.policy_vocabulary import policy_vocabulary
from nodes.vocabulary.canonical import digest_text

READ = "plan:read"
_TAGS = ["policy"]
_decoder = msgspec.json.Decoder(PolicyCheckBody)


@post(
    "/internal/policy/check",
    opt={"scope": READ, "body": PolicyCheckBody},
    operation_id="check_policy",
    status_code=200,
    tags=_TAGS,
    summary="Check a policy that is being written",
)
async def check(request: Request[Any, Any, Any], service: ServiceHere) -> PolicyCheckView:
    """Compile a text apart from what serves, run its cases if they came, and name every fault; nothing is changed.

    Sound or not, the answer is 200: the faults are what was asked for. It also says how the text differs from the
    active policy.
    """
    require_json(dict(request.scope["headers"]))
    asked = decoded(await request.body(), _decoder)
    cases = None if asked.cases is None else asked.cases.encode()
    files = CandidateFiles(asked.text.encode(), asked.file, cases, is_draft=True)
    return check_view(await to_thread(policy_check, service, files))


@get(
    "/internal/policy/vocabulary",
    opt={"scope": READ},
    operation_id="policy_vocabulary",
    tags=_TAGS,
    summary="The words of policies",
    sync_to_thread=True,
)
def vocabulary(service: ServiceHere, if_none_match: IfNoneMatch = None) -> Response[PolicyVocabularyView]:
    """Names with unit, type and meaning, keys, rules and endings: what an editor completes. New with each policy."""
    tag = etag(f"{digest_text(standing(service).active_digest)}-words")
    if is_unchanged(if_none_match, tag):
        return Response(None, status_code=304, headers={"etag": tag})  # type: ignore[arg-type]  # it has no content
    return Response(vocabulary_view(policy_vocabulary(service)), headers={"etag": tag})


ROUTER = Router("/", route_handlers=[check, vocabulary])
