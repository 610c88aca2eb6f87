"""Event alerts on the board: what was filed, announced or scheduled, raised for people, not only for programs.

The lake's own box (`adapters.sql.alerts`) keeps every event for subscribers, history that was imported included. The
board is one of them: it takes what became known lately, by the policy's measure, and passes over the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from adapters.sql.alert_tables import RaisedNotice
from adapters.sql.alerts import Alert, AlertBox
from api.use_cases.telling import Teller

SUBSCRIBER = "assay/board"
"""The name that the board's place in the box is kept under; names of principals' subscribers begin with theirs."""
EVENT = "event"
_BATCH = 200
_ID_DIGITS = 24


@dataclass(frozen=True)
class EventWatch:
    """Carries events to the board.

    Attributes:
        looked: the lake's box, with the alerts of all that was ingested up to a moment ago.
        teller: raises them.
    """

    looked: Callable[[], AlertBox]
    teller: Teller

    def look(self) -> int:
        """Raise every event that became known lately and was not looked at. Returns how many were raised."""
        box, n_raised = self.looked(), 0
        while found := box.pending(SUBSCRIBER, _BATCH):
            oldest = self.teller.clock() - timedelta(seconds=self.teller.policy.max_event_age_s)
            n_raised += sum(
                self.teller.raised(self._notice(each.alert)) for each in found if each.alert.known_at >= oldest
            )
            box.handled(SUBSCRIBER, found[-1].sequence)
        return n_raised

    def _notice(self, alert: Alert) -> RaisedNotice:
        return RaisedNotice(
            alert_id=f"alert-{alert.event_id.rpartition(':')[2][:_ID_DIGITS]}",
            source=EVENT,
            kind=alert.kind,
            severity=self.teller.policy.severity_of_event(alert.kind),
            account_id="",
            symbol=alert.symbol,
            title=alert.title,
            detail=alert.detail,
            at=alert.event_at,
        )
