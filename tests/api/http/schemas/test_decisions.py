from __future__ import annotations

from decimal import Decimal

from api.http.schemas.decisions import decision_links, margin_view, replay_view
from api.use_cases.why_not import Margin
from governance.replay import ReplayOutcome, ReplayReport


def test_a_margin_keeps_its_unit_and_its_sign() -> None:
    margin = Margin("a <= b", "a", "b", Decimal("151378.20"), Decimal(150_000), Decimal("-1378.20"), "Usd")
    view = margin_view(margin)
    assert view.margin is not None
    assert (view.margin.text, view.margin.exact) == ("-$1,378.20", "-1378.20")
    assert view.limit_value.text == "$150,000.00"


def test_a_margin_that_no_number_says_is_null() -> None:
    assert margin_view(Margin("a = b", "a", "b", 1, 2, None, "Shares")).margin is None


def test_the_links_of_a_decision_lead_to_all_that_is_told_of_it() -> None:
    links = decision_links("ab", "AAPL")
    assert links["why_not"] == "/decisions/why_not/ab"
    assert {"self", "trace", "lineage", "proof", "history", "replay", "explain"} < links.keys()


def test_a_replay_that_diverged_tells_both_values() -> None:
    report = ReplayReport(
        3, None, "session", ReplayOutcome.DIVERGED, b"\x01" * 32, node="x", recorded=1, recomputed=2, causes=("code",)
    )
    view = replay_view(report)
    assert (view.outcome, view.node, view.recorded, view.recomputed) == ("diverged", "x", "1", "2")
    same = replay_view(ReplayReport(3, b"\x02", "AAPL", ReplayOutcome.IDENTICAL, b"\x01" * 32))
    assert (same.node, same.recorded, same.decision_id) == (None, None, "02")
