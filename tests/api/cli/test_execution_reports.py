"""A broker's reports booked from the command line."""

from __future__ import annotations

from pathlib import Path

from tests.api.cli.invoking import answer, json_answer


def test_a_broker_reports_a_trade_that_an_order_of_its_own_limit_made(tmp_path: Path) -> None:
    """API-STR-02, API-STR-03: instructions go with the order; a trade is booked once and can be taken back."""
    home = str(tmp_path / "home")
    sent = json_answer("order", "send", "MSFT", "200", "--limit", "27.00", "--life", "ioc", "--home", home)
    name = sent["cl_ord_id"]
    told = (
        "--exec-id",
        "X-1",
        "--shares",
        "50",
        "--price",
        "27.00",
        "--fees",
        "0.35",
        "--venue",
        "XNAS",
        "--home",
        home,
    )
    shown = answer("order", "report", name, "trade", *told)
    assert "X-1: applied" in shown
    assert "PARTIALLY_FILLED, 50 of 200 MSFT filled" in shown
    assert "X-1: duplicate" in answer("order", "report", name, "trade", *told)
    gone = json_answer("order", "report", name, "cancel", "--exec-id", "X-2", "--about", "X-1", "--home", home)
    assert (gone["cum_qty"], gone["history"][-1]["exec_type"]) == ("0", "H")
