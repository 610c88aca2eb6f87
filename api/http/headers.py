"""Headers that decide something come once: of two keys or two tokens, nobody can know which one was meant."""

from __future__ import annotations

from collections import Counter
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from api.http.problems import refused_fields

SINGLE = frozenset({b"authorization", b"idempotency-key", b"content-type", b"content-encoding", b"if-match"})


def require_single(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Raises RequestError that names each deciding header which a request has more than once."""
    counts = Counter(name.lower() for name, _ in connection.scope["headers"])
    doubled = sorted(name for name in SINGLE if counts[name] > 1)
    if doubled:
        raise refused_fields([(f"header {name.decode()}", "is given more than once; send it once") for name in doubled])
