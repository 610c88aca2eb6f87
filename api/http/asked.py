"""Parameters that reading routes share: an instant, a page size, a digest; each refused in words when it is none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal, TypeVar

from litestar.openapi.spec import OpenAPIType, Schema
from litestar.params import PathParameter, QueryParameter

from api.http.problems import RequestError
from governance.entries import EntryKind
from nodes.vocabulary.canonical import digest_from_text
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.instants import instant_from_text

MAX_PAGE = 500
DIGEST = "^(sha256:)?[0-9a-f]{64}$"
"""What `asked_digest` reads, for the document."""
DECISION = "^([0-9a-fA-F]{1,64}|latest)$"
"""What names a decision, for the document."""
_ZERO = timedelta(0)
_T = TypeVar("_T")

DecisionName = Annotated[
    str,
    PathParameter(
        description="A decision id, an unambiguous beginning of one, or `latest`.",
        min_length=1,
        max_length=64,
        schema_extra={"pattern": DECISION},
    ),
]
AsOf = Annotated[
    str | None,
    QueryParameter(
        name="as_of",
        description="What the log held at this instant (by `recorded_at`), RFC 3339 in UTC, e.g. 2026-11-23T14:30:00Z.",
        schema_extra={"format": "date-time"},
    ),
]
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=MAX_PAGE, description="How many at most.")]
Cursor = Annotated[
    str | None,
    QueryParameter(
        name="cursor",
        max_length=64,
        description="`next_cursor` of the page before, with the same filters.",
        schema_extra={"pattern": "^[A-Za-z0-9_-]{22}$"},
    ),
]

ViewAsked = Annotated[
    Literal["beginner", "expert"],
    QueryParameter(name="view", description="In whose words; no number differs between the two."),
]

Kinds = Annotated[
    list[str] | None,
    QueryParameter(
        name="kind",
        description="Only of these kinds.",
        max_items=32,
        schema_extra={"items": Schema(type=OpenAPIType.STRING, enum=[kind.value for kind in EntryKind])},
    ),
]


def asked_instant(text: str | None, name: str = "as_of") -> datetime | None:
    """The instant that a parameter names. Raises RequestError for one that is naive, not in UTC, or none at all."""
    if text is None:
        return None
    if not text.endswith(("Z", "+00:00")):
        message = f"{name} is {text[:40]!r}, which is not in UTC; write it with a Z, e.g. 2026-11-23T14:30:00Z"
        raise RequestError(message, reason="bad-request")
    try:
        return instant_from_text(text)
    except DataError as error:
        raise RequestError(f"{name}: {error}", reason="bad-request") from error


def asked_digest(text: str | None, name: str) -> bytes | None:
    """The digest that a parameter names, with or without `sha256:`. Raises RequestError for text that names none."""
    if text is None:
        return None
    try:
        return digest_from_text(text if ":" in text else f"sha256:{text}")
    except DataError as error:
        raise RequestError(f"{name}: {error}", reason="bad-request") from error


def required(value: _T | None, names: Sequence[str]) -> _T:
    """A parameter that must be there. Raises RequestError when it is not."""
    if value is None:
        message = f"parameter {names[0]} is missing; give {' and '.join(names)}"
        raise RequestError(message, reason="bad-request")
    return value
