"""Rows of the alert board come back as what was put there."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from adapters.sql.alert_board import AlertBoard
from adapters.sql.alert_tables import DeliveryState
from tests.adapters.sql.board_samples import AT, HandClock, armed, notice, telling


def test_a_condition_an_alert_and_a_delivery_come_back_as_they_were(tmp_path: Path) -> None:
    wanted = armed(symbol="", expires_at=AT + timedelta(days=1), because="not now")
    with AlertBoard(tmp_path / "board.db", HandClock()) as board:
        board.armed(wanted)
        board.raised(notice(symbol="", account_id=""), [telling(after_s=3, is_escalation=True)])
        assert board.condition("arm-1") == wanted
        found, (delivery,) = board.alert("alert-1"), board.deliveries()
    assert found.notice == notice(symbol="", account_id="")
    assert (found.acknowledged_by, found.acknowledged_at) == (None, None)
    assert (delivery.state, delivery.due_at, delivery.is_escalation) == (
        DeliveryState.WAITING, AT + timedelta(seconds=3), True
    )  # fmt: skip
