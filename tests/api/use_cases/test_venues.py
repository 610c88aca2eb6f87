"""Which venues an order run is told of."""

from __future__ import annotations

from datetime import UTC, datetime

from api.settings import SHIPPED_POLICY
from api.use_cases.venues import venue_facts
from nodes.kernels.routing.venues import terms_of_text
from policies.parse import parsed_policy


def test_a_policy_that_reaches_back_routes_as_on_the_day_it_came_into_force() -> None:
    policy = parsed_policy(SHIPPED_POLICY.read_bytes(), "v1.yaml").policy
    facts = venue_facts(policy, datetime(2008, 9, 15, 20, tzinfo=UTC))
    assert facts == venue_facts(policy, policy.effective_from)
    assert len(terms_of_text(facts["venue_terms"])) == 10
    assert facts["venue_quotes"] == ""
    assert venue_facts(policy, policy.effective_from, "NYSE 1x1 | -")["venue_quotes"] == "NYSE 1x1 | -"
