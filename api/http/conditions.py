"""Conditional requests (RFC 9110 section 13): strong entity tags, If-Match for changes, If-None-Match for reads."""

from __future__ import annotations

from api.http.problems import RequestError

ANY = "*"
_MAX_TAGS = 32


def etag(state: str) -> str:
    """The strong entity tag of a state, e.g. of a digest."""
    return f'"{state}"'


def require_match(if_match: str | None, current: str) -> None:
    """Raises RequestError unless a change names the present state.

    Args:
        if_match: the If-Match header; None without one.
        current: the entity tag of the present state.
    """
    if if_match is None:
        raise RequestError(
            f"change has no If-Match; read the resource and send its ETag, now {current}",
            reason="missing-condition",
            headers={"etag": current},
        )
    if current not in _tags(if_match):
        raise RequestError(
            f"If-Match {if_match[:200]} is not the present state {current}; read it again",
            reason="stale-condition",
            headers={"etag": current},
        )


def is_unchanged(if_none_match: str | None, current: str) -> bool:
    """Whether a reader has the present state already."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == ANY or current in {tag.removeprefix("W/") for tag in _tags(if_none_match)}


def _tags(header: str) -> frozenset[str]:
    """The tags of a header. `*` stands for any state and is none: a change must name the one that it was made for."""
    return frozenset(tag.strip() for tag in header.split(",", _MAX_TAGS))
