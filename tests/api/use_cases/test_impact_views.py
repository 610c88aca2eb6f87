"""The report of an impact as programs are told it says what its bytes say."""

from __future__ import annotations

from decimal import Decimal

import pytest

from api.use_cases.impact_views import impact_view
from governance.impact_report import PathImpact, impact_report
from nodes.vocabulary.errors import LogError
from tests.governance.test_impact_report import DAY, SUBJECT, chunk, row, tenth


def test_a_view_says_what_the_report_says() -> None:
    """ENG-06."""
    path = PathImpact(
        "research/x", b"\x01" * 32, DAY, DAY, 1, Decimal(1), Decimal(2), 0.0, 0.1, {"pass": 1}, {}, None,
        ((DAY, Decimal(1), Decimal(2)),),
    )  # fmt: skip
    report = impact_report(SUBJECT, [chunk(row())], tenth, path)
    view = impact_view(report.body)
    assert (view.n_decisions, view.n_flipped) == (report.n_decisions, report.n_flipped)
    assert [(each.before, each.after, each.effect.n_decisions) for each in view.flips] == [("pass", "deny", 1)]
    assert (view.rules[0].rule_id, view.rules[0].added.later_pnl_usd) == ("notional", Decimal("-100.00"))
    assert (view.symbols[0].symbol, view.symbols[0].n_decisions) == ("AAPL", 6)
    assert view.path is not None
    assert view.path.equities[0].simulated_usd == Decimal(2)
    assert (view.live_digest, view.log_root) == ("sha256:" + "03" * 32, "01" * 32)
    assert "estimate" in view.says["later_pnl_usd"]


def test_bytes_that_are_no_report_are_refused() -> None:
    with pytest.raises(LogError, match="no impact report"):
        impact_view(b"nonsense")
