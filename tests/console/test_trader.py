"""The trader's pages: the plan in two kinds of words, orders sent once, why and why not, alerts, the kill switch."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.api.server_process import Running
from tests.console.conftest import Visiting, placed
from tests.console.visits import NARROW

pytestmark = pytest.mark.slow


def test_the_plan_is_told_to_beginners_and_to_experts_with_the_same_numbers(visit: Visiting) -> None:
    """UI-01, journey 3."""
    found = visit(principal="trader")
    page = found.to("/trader?account=account-3&view=beginner")
    expect(page.locator("main")).to_contain_text("Today's plan shows")
    found.shot("trader-beginner")
    page.get_by_role("button", name="Expert").click()
    found.settle()
    expect(page.get_by_role("row", name="GOOG")).to_contain_text("buy 435")
    found.require_accessible()
    found.shot("trader-expert")


def test_an_order_is_confirmed_and_sent_once_though_the_line_breaks(visit: Visiting, server: Running) -> None:
    """UI-01: the key stays while it is tried again, so that one order comes of it."""
    found = visit(principal="trader")
    found.excused.extend(["Failed to load resource", "ERR_FAILED"])
    page = found.to("/trader?account=account-4")
    page.get_by_role("button", name="Order buy 435 GOOG").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Guardrails now")
    found.shot("trader-confirm")
    page.route("**/api/v1/actions/execute", _answer_lost, times=1)
    dialog.get_by_role("button", name="Buy 435 GOOG").click()
    expect(dialog.get_by_role("alert")).to_contain_text("The server does not answer")
    dialog.get_by_role("button", name="Buy 435 GOOG").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("went out to")).to_be_visible()
    found.shot("trader-sent")
    with server.client() as client:
        orders = client.get("/api/v1/orders", params={"account_id": "account-4"}).json()["orders"]
    assert [order["symbol"] for order in orders] == ["GOOG"]
    page.get_by_role("link", name="The order").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("GOOG")


def _answer_lost(route: object) -> None:
    """The order arrives and the answer does not."""
    route.fetch()  # type: ignore[attr-defined]  # playwright's Route
    route.abort()  # type: ignore[attr-defined]


def test_an_order_that_was_refused_says_the_smallest_change_that_would_flip_it(
    visit: Visiting, server: Running
) -> None:
    """ENG-07: at the first order of a kind the second one is denied."""
    placed(server, "account-5", "AAPL", 10)
    denied = placed(server, "account-5", "AAPL", 11)
    found = visit(principal="trader", theme="dark")
    page = found.to(f"/trader/why-not/{denied}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("why not")
    expect(page.locator("main")).to_contain_text("The smallest change that would flip it")
    expect(page.locator("main")).to_contain_text("same_orders_today_count")
    page.get_by_label("Inputs that may change").select_option("2")
    expect(page.locator("main")).to_contain_text("of its range")
    found.shot("trader-why-not-dark", is_whole=True)
    page = found.to("/trader/symbols/AAPL?account=account-5")
    expect(page.locator("main")).to_contain_text("What made its score")
    found.require_accessible()


def test_holdings_and_orders_are_listed_on_a_phone_too(visit: Visiting) -> None:
    found = visit(principal="trader", width=NARROW)
    page = found.to("/trader/positions?account=account-0")
    expect(page.get_by_role("row", name="AAPL")).to_contain_text("100")
    page = found.to("/trader/orders?account=account-0")
    expect(page.get_by_role("row", name="AAPL buy")).to_contain_text("filled")
    found.require_accessible()
    found.shot("trader-orders-phone")


def test_a_condition_is_armed_and_disarmed_again(visit: Visiting) -> None:
    found = visit(principal="trader")
    found.excused.append("422")
    page = found.to("/trader/alerts?account=account-6")
    page.get_by_label("Condition, as a rule").fill("close_price_usd >")
    page.get_by_role("button", name="Arm it").click()
    expect(page.get_by_role("alert")).to_contain_text("What to do")
    page.get_by_label("Condition, as a rule").fill("close_price_usd > 9000")
    page.get_by_label("Share").fill("AAPL")
    page.get_by_label("Title").fill("AAPL is dear")
    page.get_by_role("button", name="Arm it").click()
    row = page.get_by_role("row", name="AAPL is dear")
    expect(row).to_contain_text("armed")
    found.require_accessible()
    found.shot("trader-alerts")
    row.get_by_role("button", name="Disarm AAPL is dear").click()
    expect(row).to_contain_text("disarmed")


def test_the_kill_switch_stops_orders_until_a_person_lets_them_go_on(visit: Visiting, server: Running) -> None:
    """ENG-14: who did it and why is logged."""
    found = visit(principal="trader")
    page = found.to("/trader/stop?account=account-7")
    page.get_by_role("button", name="Stop trading").click()
    page.get_by_role("dialog").get_by_label("Why").fill("drill")
    page.get_by_role("dialog").get_by_role("button", name="Stop trading").click()
    expect(page.get_by_text("Stopped")).to_be_visible()
    found.shot("trader-stopped")
    page = found.to("/trader?account=account-7")
    expect(page.get_by_role("alert")).to_contain_text("Trading is stopped for account-7")
    found.require_accessible()
    denied = placed(server, "account-7", "AAPL", 10)
    expect(found.to(f"/trader/why-not/{denied}").locator("main")).to_contain_text("kill-switch")
    page = found.to("/trader/stop?account=account-7")
    page.get_by_role("button", name="Let trading go on").click()
    page.get_by_role("dialog").get_by_label("Why").fill("drill over")
    page.get_by_role("dialog").get_by_role("button", name="Let trading go on").click()
    expect(page.get_by_text("Trading", exact=True)).to_be_visible()
