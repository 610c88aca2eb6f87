"""What nobody foresaw is recorded with its trace and told without its insides."""

from __future__ import annotations

from structlog.testing import capture_logs

from api.http.faults import unforeseen
from api.http.trace_context import trace_context


def test_the_record_has_the_error_and_the_client_has_the_trace() -> None:
    trace = trace_context(None)
    with capture_logs() as lines:
        found = unforeseen(ZeroDivisionError("insides"), "/path", trace)
    assert (lines[0]["event"], lines[0]["trace_id"], lines[0]["path"]) == ("fault", trace.trace_id, "/path")
    assert found.kind.status == 500
    assert trace.trace_id in found.detail
    assert "insides" not in found.detail
