"""Incidents over HTTP: what went wrong, and the post-mortem that the log writes of it.

They are recorded and closed from the command line (`assay incident`), by whoever is on call.
"""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, Response, Router, get
from litestar.di import Provide
from litestar.params import PathParameter

from api.http.reading_room import RoomHere, room_of
from api.http.schemas.incidents import IncidentsView, IncidentView, incident_view
from api.http.schemas.models import PaperView, paper_view
from api.use_cases.incidents import incident, incident_postmortem, incidents

READ = "audit:read"
_TAGS = ["incidents"]
_ONE = "/internal/incidents/{incident_id:str}"
IncidentId = Annotated[
    str, PathParameter(description="An incident.", max_length=64, schema_extra={"pattern": "^inc-[0-9a-f]{12}$"})
]
_FORMS = {"text/markdown": "markdown", "text/html": "html"}


@get(
    "/internal/incidents",
    opt={"scope": READ},
    operation_id="list_incidents",
    tags=_TAGS,
    summary="Every incident",
    sync_to_thread=True,
)
def list_incidents(room: RoomHere) -> IncidentsView:
    """Every incident of the log, newest first, those that were closed with their cause."""
    with room.view() as reader:
        found = incidents(reader)
    return IncidentsView(tuple(incident_view(each) for each in reversed(found)))


@get(
    _ONE,
    opt={"scope": READ, "problems": ("not-found",)},
    operation_id="get_incident",
    tags=_TAGS,
    summary="One incident",
    sync_to_thread=True,
)
def one_incident(room: RoomHere, incident_id: IncidentId) -> IncidentView:
    """An incident as the log has it."""
    with room.view() as reader:
        return incident_view(incident(reader, incident_id))


@get(
    f"{_ONE}/postmortem",
    opt={"scope": READ, "problems": ("not-found",)},
    operation_id="get_incident_postmortem",
    tags=_TAGS,
    summary="The post-mortem of an incident",
    sync_to_thread=True,
)
def postmortem(request: Request[Any, Any, Any], room: RoomHere, incident_id: IncidentId) -> Response[PaperView]:
    """The post-mortem, written from the log's timeline: in JSON both as Markdown and as a page.

    A client that accepts text/markdown or text/html alone is given that.
    """
    with room.view() as reader:
        found = paper_view(incident_postmortem(reader, incident_id))
    wanted = request.headers.get("accept", "").partition(";")[0].strip()
    form = _FORMS.get(wanted)
    if form is None:
        return Response(found)
    return Response(getattr(found, form), media_type=f"{wanted}; charset=utf-8")


ROUTER = Router(
    "/",
    route_handlers=[list_incidents, one_incident, postmortem],
    dependencies={"room": Provide(room_of, sync_to_thread=False)},
)
