"""What clients are told of a version's life."""

from __future__ import annotations

from datetime import UTC, datetime

from adapters.sql.shadow_board import ShadowProgress
from api.http.schemas.policy_stages import divergences_view, life_view
from api.use_cases.policy_life import LifeStage, LifeStep, PolicyLife
from api.use_cases.policy_log import PolicyEvent
from governance.policy_stages import CanaryTerms
from tests.adapters.sql.test_shadow_board import row

AT = datetime(2026, 11, 23, tzinfo=UTC)
DIGEST = b"\x02" * 32


def test_a_canary_in_the_shadow_is_told_with_all_of_it() -> None:
    step = LifeStep(LifeStage.CANARY, "bob", None, "calm", AT, 9, b"\x09" * 32)
    event = PolicyEvent("policy-stage", 7, b"", AT, {"policy_digest": DIGEST})
    terms = CanaryTerms(DIGEST, 0.0, ("IBM",))
    life = PolicyLife(DIGEST, "tiny v2", LifeStage.CANARY, (step,), event, terms)
    view = life_view(life, ShadowProgress(20, n_compared=9, problem="other code"), ("AAPL", "IBM"))
    assert view.canary is not None
    assert view.shadow is not None
    assert (view.stage, view.canary.covered) == ("canary", ("IBM",))
    assert (view.shadow.since_sequence, view.shadow.until_sequence, view.shadow.problem) == (7, 19, "other code")
    assert view.steps[0].impact_digest == "sha256:" + "09" * 32
    assert view.links["end"] == f"/internal/policy/stages/{DIGEST.hex()}/end"


def test_a_version_that_only_was_active_has_neither() -> None:
    step = LifeStep(LifeStage.ACTIVE, "ann", "bob", "", AT, 3)
    view = life_view(PolicyLife(DIGEST, "tiny v2", LifeStage.ACTIVE, (step,), None, None), None, ())
    assert (view.canary, view.shadow, view.steps[0].approved_by) == (None, None, "bob")
    assert list(view.links) == ["text"]


def test_a_divergence_has_both_verdicts_and_leads_to_its_decision() -> None:
    view = divergences_view((row(9),), "more")
    (found,) = view.divergences
    assert (found.live_verdict, found.live_order_shares, found.verdict, found.order_shares) == ("pass", 10, "deny", 0)
    assert found.links["decision"] == f"/internal/decisions/{found.decision_id}"
    assert view.next_cursor == "more"
