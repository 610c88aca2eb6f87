"""What an order run is told of venues: the terms in force, and what they quote."""

from __future__ import annotations

from datetime import datetime

from policies.schema import Policy
from policies.venues import shipped_venues


def venue_facts(policy: Policy, as_of: datetime, quotes: str = "") -> dict[str, str]:
    """The fields of an order snapshot that the router reads.

    Venues are those of the instant of the decision. A policy that reaches back to sessions from before it was in force
    routes as on the day when it came into force: so it does with all other costs, and most venues are younger than
    the data.
    """
    on = max(as_of, policy.effective_from).date()
    return {"venue_terms": shipped_venues().text(on), "venue_quotes": quotes}
