"""What an order run is told of venues: the terms in force, and what they quote."""

from __future__ import annotations

from datetime import date, datetime

from nodes.kernels.routing.venues import VenueTerms
from policies.schema import Policy
from policies.venues import shipped_venues


def venue_facts(policy: Policy, as_of: datetime, quotes: str = "") -> dict[str, str]:
    """The fields of an order snapshot that the router reads.

    Venues are those of the instant of the decision. A policy that reaches back to sessions from before it was in force
    routes as on the day when it came into force: so it does with all other costs, and most venues are younger than
    the data.
    """
    return {"venue_terms": shipped_venues().text(_on(policy, as_of)), "venue_quotes": quotes}


def venue_sheets(policy: Policy, as_of: datetime) -> tuple[VenueTerms, ...]:
    """The terms of venues at which an order of a policy trades at an instant: of the day by which it was routed."""
    return shipped_venues().terms(_on(policy, as_of))


def _on(policy: Policy, as_of: datetime) -> date:
    return max(as_of, policy.effective_from).date()
