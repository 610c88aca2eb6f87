"""What nobody foresaw: recorded with its trace id, and told to the client without a word about our insides."""

from __future__ import annotations

import structlog

from api.http.problem_kinds import KINDS
from api.http.problems import Problem
from api.http.trace_context import TraceContext

_log = structlog.get_logger("assay.http")


def unforeseen(error: Exception, path: str, trace: TraceContext) -> Problem:
    """The problem that a client is told of, once the error is recorded."""
    _log.error("fault", path=path, trace_id=trace.trace_id, span_id=trace.span_id, exc_info=error)
    return Problem(KINDS["internal"], f"the server recorded this under trace id {trace.trace_id}")
