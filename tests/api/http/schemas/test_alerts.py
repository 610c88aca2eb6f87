"""Alerts in JSON."""

from __future__ import annotations

import msgspec
import pytest

from adapters.sql.alerts import Alert, RaisedAlert
from api.http.schemas.alerts import SubscriptionBody, alert_view
from tests.adapters.lake.views.holding import at


def test_an_alert_is_told_with_its_three_instants() -> None:
    instants = {"event_at": at("2020-06-05 20:00"), "known_at": at("2020-06-05 21:00")}
    alert = Alert("sha256:1", "rating", "ACME", "House rates ACME Buy", "score 1.0", **instants)
    told = alert_view(RaisedAlert(7, alert, at("2020-06-05 21:01")))
    assert (told.sequence, told.event_id) == (7, "sha256:1")
    assert (told.event_at, told.known_at, told.raised_at) == (
        "2020-06-05T20:00:00Z",
        "2020-06-05T21:00:00Z",
        "2020-06-05T21:01:00Z",
    )


@pytest.mark.parametrize("text", ['{"handled": -1}', '{"handled": 1.5}', "{}", '{"handled": 1, "more": 2}'])
def test_a_subscription_is_a_place_and_nothing_else(text: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"handled|more"):
        msgspec.json.decode(text, type=SubscriptionBody)
