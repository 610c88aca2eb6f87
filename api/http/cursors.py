"""Opaque cursors: where the next page begins, bound to the question that it belongs to.

A cursor holds a place in the log and a digest of what was asked. It means nothing to a client, does not expire, and is
refused with another question, so that a page can never silently continue a different list.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Mapping
from typing import Any

from api.http.problems import RequestError
from nodes.vocabulary.canonical import digest, encode

_LAYOUT = struct.Struct(">Q8s")


def cursor_text(place: int, question: str, asked: Mapping[str, Any]) -> str:
    """The cursor of a place in the answers to a question.

    Args:
        place: a sequence number or a size.
        question: what is listed, e.g. "decisions".
        asked: the filters of the question.
    """
    data = _LAYOUT.pack(place, _digest(question, asked))
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def cursor_place(text: str, question: str, asked: Mapping[str, Any]) -> int:
    """The place of a cursor. Raises RequestError for one that is none, or of another question."""
    message = f"cursor {text[:60]!r} does not belong to this question; take next_cursor of a page with the same filters"
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        place, asked_digest = _LAYOUT.unpack(data)
    except (binascii.Error, ValueError, struct.error) as error:
        raise RequestError(message, reason="bad-request") from error
    if asked_digest != _digest(question, asked) or place >= 1 << 62:
        raise RequestError(message, reason="invalid")
    return int(place)


def _digest(question: str, asked: Mapping[str, Any]) -> bytes:
    return digest("cursor", question.encode(), encode(dict(asked)))[:8]
