"""What an auditor takes away of a decision: one file that proves it, and its lineage in the words of others."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Response, Router, get
from litestar.di import Provide
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from api.http.asked import DecisionName
from api.http.parts import PartsHere, PrincipalHere
from api.http.reach import reached_decision
from api.http.reading_room import RoomHere, room_of
from api.views.built import recorded_decision
from api.views.bundles import bundled
from api.views.openlineage import LineageEvents, lineage_events

SCOPE = "audit:read"
PATH = "/internal/decisions"
MAX_MASKED = 64
_HTML = "text/html"
_OPTIONS: dict[str, Any] = {
    "opt": {"scope": SCOPE, "problems": ("invalid",)},
    "tags": ["decisions"],
    "sync_to_thread": True,
}
_HEADERS = {"cache-control": "private, no-cache", "content-security-policy": "sandbox"}

MaskedNames = Annotated[
    list[str] | None,
    QueryParameter(
        name="redact",
        description="Mask the value of this node; repeat for more. The proof still holds.",
        max_items=MAX_MASKED,
    ),
]


@get(
    f"{PATH}/{{decision:str}}/bundle",
    operation_id="get_bundle",
    summary="One file that proves it",
    responses={200: ResponseSpec(str, media_type=_HTML, description="A page that opens offline, its evidence inside.")},
    **_OPTIONS,
)
def decision_bundle(
    room: RoomHere, parts: PartsHere, principal: PrincipalHere, decision: DecisionName, redact: MaskedNames = None
) -> Response[bytes]:
    """The decision's page with its trace, policy, code, snapshot, proofs and checkpoint, for `verify_bundle.py`.

    Masked values are salted commitments: nobody can tell them from the file, and every proof in it still holds. What
    the decision's own entry says cannot be masked, and nothing of a research log, whose traces are hashed in one piece.
    """
    with room.view() as reader:
        sequence = reached_decision(reader, principal, decision).sequence
    room.sign(sequence)
    with room.view() as reader:
        made = bundled(reader, reached_decision(reader, principal, decision), parts.bundle_page, tuple(redact or ()))
    headers = {**_HEADERS, "content-disposition": f'attachment; filename="{made.name}"'}
    return Response(made.file, media_type=_HTML, headers=headers)


@get(
    f"{PATH}/{{decision:str}}/openlineage",
    operation_id="get_openlineage",
    summary="Its runs as OpenLineage events",
    **_OPTIONS,
)
def decision_openlineage(room: RoomHere, principal: PrincipalHere, decision: DecisionName) -> LineageEvents:
    """Run events of OpenLineage 2-0-2: the session run and the order run, with the versions of what they read.

    Ids of runs follow from trace digests, so the same decision always gives the same events.
    """
    with room.view() as reader:
        return lineage_events(recorded_decision(reader, reached_decision(reader, principal, decision)))


ROUTER = Router(
    "/",
    route_handlers=[decision_bundle, decision_openlineage],
    dependencies={"room": Provide(room_of, sync_to_thread=False)},
)
