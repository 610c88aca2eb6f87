"""Conditions, alerts and deliveries as clients read them."""

from __future__ import annotations

from adapters.sql.alert_tables import BoardAlert, BoardDelivery, DeliveryState
from api.http.schemas.alert_board import armed_view, board_alert_view, delivery_view
from tests.adapters.sql.board_samples import AT, armed, notice


def test_what_is_not_there_is_null_and_not_empty() -> None:
    condition = armed_view(armed(symbol=""))
    assert (condition.symbol, condition.because, condition.expires_at) == (None, None, None)
    alert = board_alert_view(BoardAlert(1, notice(account_id="", symbol=""), AT, None, None, ""))
    assert (alert.account_id, alert.symbol, alert.acknowledged_why, alert.is_active) == (None, None, None, True)
    delivery = delivery_view(BoardDelivery(1, "alert-1", "desk", False, DeliveryState.WAITING, AT, 0, "", AT))  # noqa: FBT003
    assert (delivery.because, delivery.due_at) == (None, "2026-11-23T15:00:00Z")


def test_an_alert_that_is_taken_on_says_by_whom() -> None:
    alert = board_alert_view(BoardAlert(1, notice(), AT, "ada", AT, "selling"))
    assert (alert.is_active, alert.acknowledged_by, alert.acknowledged_at, alert.acknowledged_why) == (
        False, "ada", "2026-11-23T15:00:00Z", "selling"
    )  # fmt: skip
