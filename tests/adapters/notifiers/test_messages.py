"""What channels are given of an alert."""

from __future__ import annotations

import json

from adapters.notifiers.messages import message_of
from adapters.sql.alert_tables import BoardAlert
from tests.adapters.sql.board_samples import AT, notice


def test_a_message_tells_people_and_machines_the_same() -> None:
    found = message_of(BoardAlert(1, notice(), AT, None, None, ""))
    assert found.title == "[page] wide spread"
    assert "spread_bps > 1 holds for AAPL" in found.text
    assert "assay alert ack alert-1" in found.text
    content = json.loads(found.json)
    assert content["type"] == "assay.alert.condition"
    assert (content["alert_id"], content["symbol"], content["at"]) == ("alert-1", "AAPL", "2026-11-23T15:00:00Z")


def test_an_escalation_says_that_nobody_took_it_on() -> None:
    found = message_of(BoardAlert(1, notice(account_id="", symbol=""), AT, None, None, ""), is_escalation=True)
    assert "Nobody has acknowledged it yet." in found.text
    assert json.loads(found.json)["is_escalation"] is True
    assert json.loads(found.json)["symbol"] is None
