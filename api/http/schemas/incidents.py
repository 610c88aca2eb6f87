"""What clients read about incidents, as the log has them."""

from __future__ import annotations

import msgspec

from api.use_cases.incidents import Incident
from nodes.vocabulary.instants import instant_text


class IncidentView(msgspec.Struct, frozen=True):
    """Something that went wrong.

    Attributes:
        incident_id: its name.
        title: what it is about.
        what: what was seen, in words.
        began_at: when it began, as far as is known.
        recorded_by: who recorded it.
        sequence: log entry that began its record.
        family: the model family that it concerns; null for none.
        ended_at: when it ended; null while it is open.
        cause: why it happened, in the words of who closed it; null while it is open.
        closed_by: who closed it; null while it is open.
    """

    incident_id: str
    title: str
    what: str
    began_at: str
    recorded_by: str
    sequence: int
    family: str | None
    ended_at: str | None
    cause: str | None
    closed_by: str | None


class IncidentsView(msgspec.Struct, frozen=True):
    """Incidents.

    Attributes:
        incidents: newest first.
    """

    incidents: tuple[IncidentView, ...]


def incident_view(found: Incident) -> IncidentView:
    """An incident, for clients."""
    return IncidentView(
        incident_id=found.incident_id,
        title=found.title,
        what=found.what,
        began_at=instant_text(found.began_at),
        recorded_by=found.principal,
        sequence=found.sequence,
        family=found.family or None,
        ended_at=None if found.ended_at is None else instant_text(found.ended_at),
        cause=found.cause or None,
        closed_by=found.closed_by or None,
    )
