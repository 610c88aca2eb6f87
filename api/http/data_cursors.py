"""Cursors of answers from the lake: the next row, and what was known and stored when the first page was made.

Every page of an answer sees the lake as the first one did, whatever is imported in between: nothing is doubled or left
out.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.http.problems import RequestError
from nodes.vocabulary.canonical import digest, encode
from nodes.vocabulary.instants import instant_from_ns, instant_ns

_LAYOUT = struct.Struct(">Iqq8s")
LENGTH = 38
MAX_ROWS = 1 << 31


@dataclass(frozen=True, slots=True)
class DataPlace:
    """Where an answer goes on.

    Attributes:
        row: the first row of the page.
        as_of: by whose knowledge the question is answered.
        stored_at: nothing that was stored later is seen.
    """

    row: int
    as_of: datetime
    stored_at: datetime


def data_cursor(place: DataPlace, question: str, asked: Mapping[str, Any]) -> str:
    """The cursor of a place in the answer to a question."""
    data = _LAYOUT.pack(place.row, instant_ns(place.as_of), instant_ns(place.stored_at), _digest(question, asked))
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def data_place(text: str, question: str, asked: Mapping[str, Any]) -> DataPlace:
    """The place of a cursor. Raises RequestError for one that is none, or of another question."""
    message = f"cursor {text[:60]!r} does not belong to this question; take next_cursor of a page with the same filters"
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        row, as_of_ns, stored_at_ns, found = _LAYOUT.unpack(data)
    except (binascii.Error, ValueError, struct.error) as error:
        raise RequestError(message, reason="bad-request") from error
    if found != _digest(question, asked) or row >= MAX_ROWS:
        raise RequestError(message, reason="invalid")
    return DataPlace(row, instant_from_ns(as_of_ns), instant_from_ns(stored_at_ns))


def _digest(question: str, asked: Mapping[str, Any]) -> bytes:
    return digest("data-cursor", question.encode(), encode({name: str(value) for name, value in asked.items()}))[:8]
