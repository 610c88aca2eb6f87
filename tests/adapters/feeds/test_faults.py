"""What an answer other than success asks us to do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.feeds.faults import (
    NotThereError,
    RefusedError,
    ThrottledError,
    UnreachableError,
    retry_after_s,
    status_fault,
)
from nodes.vocabulary.errors import AssayError

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (429, ThrottledError),
        (500, UnreachableError),
        (503, UnreachableError),
        (408, UnreachableError),
        (401, RefusedError),
        (403, RefusedError),
        (400, RefusedError),
        (404, NotThereError),
    ],
)
def test_a_status_names_what_to_do(status: int, kind: type[AssayError]) -> None:
    assert isinstance(status_fault("vendor", status, {}), kind)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": "1.5"}, 1.5),
        ({"Retry-After": "Mon, 23 Nov 2026 12:02:00 GMT"}, 120.0),
        ({"Retry-After": "Mon, 23 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, 60.0),
        ({"x-rate-limit-reset": str(int(NOW.timestamp()) + 30)}, 30.0),
        ({}, 60.0),
    ],
)
def test_the_rest_that_a_vendor_asks_for_is_read_in_all_its_forms(headers: dict[str, str], seconds: float) -> None:
    assert retry_after_s(headers, NOW) == seconds
