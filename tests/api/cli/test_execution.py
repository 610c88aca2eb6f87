"""Routes and lives of orders from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.api.cli.invoking import answer, invoked, json_answer


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> str:
    place = str(tmp_path_factory.mktemp("execution") / "home")
    answer("order", "send", "IBM", "100", "--key", "k1", "--home", place)
    return place


def test_a_route_is_planned_from_quotes_and_printed_with_its_reasons(home: str, tmp_path: Path) -> None:
    """API-STR-01."""
    file = tmp_path / "quotes.json"
    side = [{"price": "191.00", "qty": "300"}]
    file.write_text(json.dumps([{"venue": "NYSE", "bids": [{"price": "190.99", "qty": "100"}], "asks": side}]))
    shown = answer("order", "route", "IBM", "90", "--quotes", str(file), "--home", home)
    assert "NYSE" in shown
    assert "chosen: 90" in shown
    assert "the quotes that were given. Nothing was sent." in " ".join(shown.split())
    file.write_text("[{}]")
    assert "holds no quotes" in invoked("order", "route", "IBM", "90", "--quotes", str(file), "--home", home).stderr


def test_an_order_is_replaced_then_canceled_and_its_life_is_shown(home: str) -> None:
    """API-STR-03."""
    (sent,) = json_answer("order", "list", "--home", home)
    replaced = json_answer("order", "replace", sent["cl_ord_id"], "120", "--key", "r1", "--home", home)
    assert replaced["order_id"]
    assert "REPLACED" in answer("order", "life", sent["cl_ord_id"], "--home", home)
    found = json_answer("order", "cancel", replaced["order_id"], "--reason", "no more", "--home", home)
    assert (found["status"], found["is_open"]) == ("CANCELED", False)
    again = invoked("order", "cancel", replaced["order_id"], "--reason", "again", "--home", home)
    assert "works no more" in again.stderr


def test_latency_is_told_per_hop(home: str) -> None:
    """API-STR-08."""
    assert "broker" in answer("latency", "--home", home)
    assert {hop["hop"] for hop in json_answer("latency", "--home", home)} == {"broker", "cancel"}
