"""Calls about alerts: what examples are recorded of."""

from __future__ import annotations

from typing import Any

from api.use_cases.arming import ConditionWatch
from api.use_cases.telling import Teller
from policies.alerting import shipped_alert_policy
from tests.api.http.serving import Served
from tests.api.use_cases.boards import ears

ALERTS = "/api/v1/alerts"
ARMED = {"condition": "close_price_usd > 100", "symbol": "AAPL", "account_id": "paper", "title": "AAPL is dear"}


def alert_calls(home: Served) -> list[tuple[str, str, str, Any, dict[str, str]]]:
    """A call for each operation about one alert, of conditions that were armed and of one that fired."""
    watched = home.post(f"{ALERTS}/arm", json={**ARMED, "condition": "close_price_usd > 1000000"}).json()["armed_id"]
    home.post(f"{ALERTS}/arm", json=ARMED)
    board = home.parts.alert_board
    teller = Teller(board, shipped_alert_policy(), ears(), home.service.clock)
    ConditionWatch(home.service, board, teller).look()
    alert_id, delivery_id = board.alerts()[0].notice.alert_id, board.deliveries()[0].delivery_id
    for channel in teller.channels:
        board.claimed(channel, "me", 30.0)
    board.failed(delivery_id, "me", "receiver answered 500, expected 200 to 299; look at its own log", None)
    return [
        *[("arm_alert", "POST", f"{ALERTS}/arm", {**ARMED, "condition": "account_drawdown_frac > 0.1"}, {})] * 2,
        ("armed_alert", "GET", f"{ALERTS}/armed/{watched}", None, {}),
        ("disarm_alert", "POST", f"{ALERTS}/armed/{watched}/disarm", None, {}),
        ("alert", "GET", f"{ALERTS}/{alert_id}", None, {}),
        ("retry_delivery", "POST", f"{ALERTS}/deliveries/{delivery_id}/retry", None, {}),
        ("acknowledge_alert", "POST", f"{ALERTS}/{alert_id}/ack", {"note": "selling half of it"}, {}),
    ]
