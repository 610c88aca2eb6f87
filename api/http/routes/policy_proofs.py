"""Proofs about policies over HTTP: whether a candidate can ever let through what the policy that runs stops."""

from __future__ import annotations

from asyncio import to_thread
from typing import Any

import msgspec
from litestar import Request, Router, post
from litestar.di import Provide

from api.http.bodies import decoded, require_json
from api.http.parts import PrincipalHere
from api.http.reading_room import ReadingRoom, RoomHere, room_of
from api.http.schemas.policy_proofs import PolicyProofBody, PolicyProofView, proof_asked, proof_view
from api.http.tokens import Principal
from api.use_cases.policy_proofs import proof_job, proof_report

PROPOSE, PATH = "policy:propose", "/internal/policy/proofs"
_decoder = msgspec.json.Decoder(PolicyProofBody)


@post(
    PATH,
    opt={"scope": PROPOSE, "body": PolicyProofBody, "problems": ("policy-faults", "not-found", "invalid")},
    operation_id="prove_policy",
    status_code=200,
    tags=["policy"],
    summary="Prove what a policy can never do",
)
async def prove(request: Request[Any, Any, Any], room: RoomHere, principal: PrincipalHere) -> PolicyProofView:
    """Whether the candidate can ever act where the live policy denies, and the like, over all inputs at once.

    Each claim comes out as proved, as a witness (inputs for which both policies were run), as outside of what can be
    read as formulas, with the rules and why, or as undecided in the time given. Witnesses start from recorded decisions
    of accounts that the token covers. Nothing is written.
    """
    require_json(dict(request.scope["headers"]))
    asked = decoded(await request.body(), _decoder)
    return await to_thread(_proved, room, principal, asked)


def _proved(room: ReadingRoom, principal: Principal, body: PolicyProofBody) -> PolicyProofView:
    with room.proving():
        with room.view() as reader:
            job = proof_job(reader, proof_asked(body), principal.covers)
        return proof_view(proof_report(job))


ROUTER = Router("/", route_handlers=[prove], dependencies={"room": Provide(room_of, sync_to_thread=False)})
