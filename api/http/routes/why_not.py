"""Why a decision is not another: `GET /decisions/why_not/{id}`."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, get
from litestar.di import Provide
from litestar.params import QueryParameter

from api.http.asked import DecisionName
from api.http.parts import PrincipalHere
from api.http.reach import reached_decision
from api.http.reading_room import RoomHere, room_of
from api.http.schemas.why_not import WhyNotView, why_not_view
from api.use_cases.why_not import why_not
from governance.joint_counterfactual import MAX_INPUTS

SCOPE = "plan:read"
Inputs = Annotated[
    int,
    QueryParameter(name="inputs", description="How many inputs may change together, at most.", ge=1, le=MAX_INPUTS),
]


@get(
    "/decisions/why_not/{decision:str}",
    operation_id="why_not",
    summary="What stood in the way, and what would have changed it",
    tags=["decisions"],
    opt={"scope": SCOPE, "problems": ("invalid",)},
    sync_to_thread=True,
)
def told_why_not(
    room: RoomHere,
    principal: PrincipalHere,
    decision: DecisionName,
    inputs: Inputs = 1,
) -> WhyNotView:
    """The rules that spoke against the order, by how much, and the smallest change of one input that quiets each.

    With `inputs` of 2 or 3, also the smallest change of so many inputs together after which something could be sent.

    The recorded plan is run again on the archived snapshot: exact, one step, and nothing is written.
    """
    with room.view() as reader:
        record = reached_decision(reader, principal, decision)
        return why_not_view(why_not(reader, record, room.counterfactuals, inputs))


ROUTER = Router("/", route_handlers=[told_why_not], dependencies={"room": Provide(room_of, sync_to_thread=False)})
