"""Risk in JSON."""

from __future__ import annotations

from datetime import UTC, datetime

from api.http.schemas.risk import use_view
from api.use_cases.throttles import ThrottleUse

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _use(sequence: int, decision_id: bytes | None, *, is_disabled: bool) -> ThrottleUse:
    return ThrottleUse(sequence, AT, is_disabled, "Ada", "orders read", decision_id)


def test_a_use_names_its_decision_in_hexadecimal_and_a_release_has_none() -> None:
    tripped = use_view(_use(7, b"\xab\xcd", is_disabled=True))
    released = use_view(_use(8, None, is_disabled=False))
    assert (tripped.decision_id, tripped.at) == ("abcd", "2026-11-23T12:00:00Z")
    assert (released.decision_id, released.is_disabled) == (None, False)
