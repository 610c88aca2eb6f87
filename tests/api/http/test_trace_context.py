"""W3C trace context: a sound one is continued, anything else begins a new one."""

from __future__ import annotations

import pytest

from api.http.trace_context import trace_context

SENT = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"


def test_a_trace_is_continued_under_a_new_span() -> None:
    found = trace_context(SENT)
    assert (found.trace_id, found.flags) == ("4bf92f3577b34da6a3ce929d0e0e4736", "00")
    assert found.span_id != "00f067aa0ba902b7"
    assert trace_context(found.text.encode()).trace_id == found.trace_id


@pytest.mark.parametrize(
    "header",
    [
        None,
        b"",
        SENT[:-1],
        SENT + b"-x",
        SENT.upper(),
        SENT.replace(b"00-", b"ff-", 1),
        b"00-" + b"0" * 32 + b"-00f067aa0ba902b7-01",
        b"00-4bf92f3577b34da6a3ce929d0e0e4736-" + b"0" * 16 + b"-01",
        b"\xff" * 55,
    ],
)
def test_anything_else_begins_a_new_trace(header: bytes | None) -> None:
    found = trace_context(header)
    assert trace_context(found.text.encode()).trace_id == found.trace_id
    assert "4bf92f35" not in found.text


def test_traces_differ() -> None:
    assert len({trace_context(None).text for _ in range(1000)}) == 1000
