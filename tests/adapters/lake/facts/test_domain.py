"""A domain says what its table holds."""

from __future__ import annotations

from adapters.lake.facts.domain import INSTANT, STAMPS
from tests.adapters.lake.facts.examples import ASSETS


def test_schema_is_keys_then_values_then_stamps() -> None:
    assert list(ASSETS.schema) == ["cik", "start_on", "value", "form", *STAMPS]
    assert ASSETS.schema["event_at"] == INSTANT
    assert ASSETS.identity == ("cik", "start_on", "event_at")
