"""What the log shows of a period, for reviews: `GET /internal/evidence`."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, Router, get
from litestar.di import Provide
from litestar.params import QueryParameter

from api.http.asked import asked_instant
from api.http.parts import PrincipalHere
from api.http.reach import require_whole_log
from api.http.reading_room import RoomHere, room_of
from governance.evidence_pack import evidence_pack
from governance.evidence_paper import evidence_paper
from governance.evidence_views import EvidencePack

MOST_ENTRIES = 200_000
_HTML = "text/html"
_CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_INSTANT: dict[str, Any] = {"format": "date-time"}


@get(
    "/internal/evidence",
    operation_id="evidence_pack",
    summary="What a period shows",
    opt={"scope": "audit:read", "problems": ("invalid",)},
    tags=["log"],
    sync_to_thread=True,
)
def period_evidence(
    request: Request[Any, Any, Any],
    room: RoomHere,
    principal: PrincipalHere,
    since: Annotated[
        str | None, QueryParameter(description="Recorded from this instant on.", schema_extra=_INSTANT)
    ] = None,
    until: Annotated[
        str | None, QueryParameter(description="Recorded before this instant.", schema_extra=_INSTANT)
    ] = None,
) -> Response[EvidencePack]:
    """Policies in force, changes and approvals, incidents, models, and public rules' controls with what shows them.

    For tokens of all accounts. A client that accepts text/html first is given a page. A period may hold 200,000
    entries; `assay evidence` has no such limit. An engineering mapping, not legal advice.
    """
    require_whole_log(principal)
    with room.view() as reader:
        pack = evidence_pack(reader, asked_instant(since, "since"), asked_instant(until, "until"), MOST_ENTRIES)
    if request.headers.get("accept", "").partition(",")[0].partition(";")[0].strip() == _HTML:
        text: Any = evidence_paper(pack).html
        return Response(text, media_type=_HTML, headers={"content-security-policy": _CSP})
    return Response(pack)


ROUTER = Router("/", route_handlers=[period_evidence], dependencies={"room": Provide(room_of, sync_to_thread=False)})
