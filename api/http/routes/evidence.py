"""What an auditor asks beside the decisions themselves: where something is, and what a trace's digest is made of."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Router, get
from litestar.di import Provide
from litestar.params import QueryParameter

from api.http.asked import DecisionName, required
from api.http.parts import PrincipalHere
from api.http.problems import RequestError
from api.http.reach import reached_decision, require_entry
from api.http.reading_room import RoomHere, room_of
from api.http.schemas.evidence import SearchAnswer, search_answer
from api.http.tokens import Principal
from api.use_cases.searching import search
from api.views.built import recorded_decision
from api.views.evidence import TraceEvidence, trace_evidence
from governance.rows import Record

SCOPE = "audit:read"
_SEARCH: dict[str, Any] = {
    "opt": {"scope": SCOPE, "required": ("text",)},
    "tags": ["log"],
    "sync_to_thread": True,
}
_EVIDENCE: dict[str, Any] = {
    "opt": {"scope": SCOPE, "problems": ("invalid",)},
    "tags": ["decisions"],
    "sync_to_thread": True,
}


@get("/internal/log/search", operation_id="search_log", summary="Find something by whatever names it", **_SEARCH)
def log_search(
    room: RoomHere,
    principal: PrincipalHere,
    text: Annotated[
        str | None,
        QueryParameter(
            description="An id or its beginning, any digest, a place, a date, a symbol, a verdict, a rule, an account.",
            min_length=1,
            max_length=128,
        ),
    ] = None,
) -> SearchAnswer:
    """What a text may mean: decisions, entries, signed roots, and lists of decisions. Of what the token covers."""
    wanted = required(text, ("text",))
    with room.view() as reader:
        size = reader.head().size
        found = search(reader, wanted, lambda record: _is_reached(principal, record), size)
    return search_answer(wanted, found, size)


@get(
    "/internal/decisions/{decision:str}/evidence",
    operation_id="get_trace_evidence",
    summary="What its trace's digest is made of",
    **_EVIDENCE,
)
def decision_evidence(room: RoomHere, principal: PrincipalHere, decision: DecisionName) -> TraceEvidence:
    """The bytes that were hashed, so that a client can compute the trace's digest and read every value from them."""
    with room.view() as reader:
        recorded = recorded_decision(reader, reached_decision(reader, principal, decision))
    return trace_evidence((recorded.record.decision_id or b"").hex(), recorded.order)


def _is_reached(principal: Principal, record: Record) -> bool:
    try:
        require_entry(principal, record)
    except RequestError:
        return False
    return True


ROUTER = Router(
    "/",
    route_handlers=[log_search, decision_evidence],
    dependencies={"room": Provide(room_of, sync_to_thread=False)},
)
