"""Decisions behind a line, as clients read them."""

from __future__ import annotations

from decimal import Decimal

from api.http.schemas.attribution import part_views, parts_usd
from api.use_cases.attribution_decisions import DecisionPart

PARTS = (DecisionPart(b"\x01" * 32, "AAPL", Decimal("-1.50")), DecisionPart(b"", "AAPL", Decimal("-0.25")))


def test_what_no_decision_brought_has_no_id() -> None:
    assert [view.decision_id for view in part_views(PARTS)] == ["01" * 32, None]


def test_parts_come_to_their_sum() -> None:
    assert parts_usd(PARTS) == Decimal("-1.75")
    assert parts_usd(()) == Decimal(0)
