"""An outage as an alert of the board: raised once however many workers notice it, delivered as the policy says."""

from __future__ import annotations

from adapters.sql.alert_tables import RaisedNotice
from adapters.upstreams.outages import Outage
from api.use_cases.event_notices import EVENT
from api.use_cases.telling import Teller
from nodes.vocabulary.canonical import digest, encode

KIND = "upstream-away"
_ID_DIGITS = 24


def outage_raised(teller: Teller, outage: Outage) -> bool:
    """Raise the alert of an outage. Returns whether this did."""
    identity = digest("outage", encode({"upstream": outage.upstream, "began_at": outage.began_at}))
    return teller.raised(
        RaisedNotice(
            alert_id=f"alert-{identity.hex()[:_ID_DIGITS]}",
            source=EVENT,
            kind=KIND,
            severity=teller.policy.severity_of_event(KIND),
            account_id="",
            symbol="",
            title=f"{outage.upstream} does not answer",
            detail=f"{outage.because}; the server goes on as far as policy lets it, /internal says for how long",
            at=outage.noticed_at,
        )
    )
