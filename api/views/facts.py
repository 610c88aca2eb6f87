"""What an entry says, in JSON's types: the same words over HTTP and on the command line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from types import NoneType
from typing import Any

from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.instants import instant_text

_DIGEST_BYTES = 32
_NAMES = frozenset({"decision_id"})
"""Facts that name something in paths and commands, where the digits stand alone."""


def plain_fact(name: str, value: Any) -> Any:  # noqa: ANN401  # any fact
    """A fact in JSON's types: digests after `sha256:`, ids as they are named, money as text, instants as RFC 3339."""
    if isinstance(value, tuple | list | frozenset):
        return [plain_fact(name, item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain_fact(str(key), item) for key, item in value.items()}
    if isinstance(value, bytes):
        is_digest = len(value) == _DIGEST_BYTES and name not in _NAMES
        return digest_text(value) if is_digest else value.hex()
    writer = next((write for kind, write in _WRITERS if isinstance(value, kind)), str)
    return writer(value)


def _as_is(value: Any) -> Any:  # noqa: ANN401
    return value


_WRITERS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    ((NoneType, bool, int, float, str), _as_is),
    (datetime, instant_text),
    (date, date.isoformat),
)
