"""What the entry says that begins the record of an incident."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from nodes.vocabulary.canonical import digest, encode

OPEN = "open"
"""State of an incident that nobody has closed."""
_ID_DIGITS = 12


def incident_facts(title: str, what: str, began_at: datetime, principal: str, at: datetime) -> dict[str, Any]:
    """The facts of an incident that is recorded at an instant; its name follows from what, when and when recorded."""
    identity = digest("incident", encode({"title": title, "began_at": began_at, "at": at}))
    return {
        "incident_id": f"inc-{identity.hex()[:_ID_DIGITS]}",
        "state": OPEN,
        "title": title,
        "because": what,
        "began_at": began_at,
        "principal": principal,
    }
