"""The quant's pages: the catalog, dataflows as pictures, models with their gates, long work and its reports."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from adapters.log_folder import log_folder
from tests.api.server_process import Running
from tests.api.use_cases.model_desks import challenger, desk_of
from tests.console.conftest import Visiting
from tests.console.visits import NARROW
from tests.governance.model_examples import FAMILY

pytestmark = pytest.mark.slow


def test_the_catalog_is_searched_down_to_a_node_and_who_uses_it(visit: Visiting) -> None:
    """UI-01, journey 5."""
    found = visit(principal="quant")
    page = found.to("/quant")
    page.get_by_label("Search").fill("momentum_frac")
    expect(page.locator("tbody tr")).not_to_have_count(0)
    found.shot("quant-catalog")
    page.get_by_role("link", name="momentum_frac", exact=True).click()
    found.settle()
    expect(page.get_by_role("heading", level=1)).to_have_text("momentum_frac")
    expect(page.locator("main")).to_contain_text("momentum_sessions rows")
    found.require_accessible()
    found.shot("quant-node")


def test_a_dataflow_is_a_picture_whose_nodes_can_be_read_in_full(visit: Visiting) -> None:
    found = visit(principal="quant", theme="dark")
    page = found.to("/quant/dataflows")
    page.get_by_role("link", name="us-equities-order").click()
    found.settle()
    expect(page.get_by_role("group", name="Nodes of us-equities-order by stage")).to_be_visible()
    page.goto(f"{found.url}/console/quant/dataflows/us-equities-order?node=participation_frac")
    found.settle()
    panel = page.get_by_role("region", name="Node participation_frac")
    expect(panel).to_contain_text("order_size_shares / adv_shares")
    panel.get_by_role("button", name="adv_shares").click()
    expect(page.get_by_role("region", name="Node adv_shares")).to_contain_text("Snapshot")
    found.require_accessible()
    found.shot("quant-dataflow-dark")


def test_a_model_shows_its_evidence_card_and_history(visit: Visiting, server: Running) -> None:
    folder = log_folder(server.home, "paper")
    try:
        challenger(desk_of(folder, lambda: datetime.now(UTC)))
    finally:
        folder.store.close()
    found = visit(principal="quant")
    page = found.to("/quant/models")
    expect(page.get_by_role("row", name="v1")).to_contain_text("97.00 %")
    page.get_by_role("link", name="v1", exact=True).click()
    found.settle()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{FAMILY} v1")
    for part, text in (("Card", FAMILY), ("History", "it was tested"), ("Trials", "study")):
        page.get_by_role("button", name=part, exact=True).click()
        expect(page.locator("main")).to_contain_text(text)
    found.require_accessible()
    found.shot("quant-model")


def test_long_work_is_asked_for_followed_and_cancelled(visit: Visiting) -> None:
    found = visit(principal="quant", width=NARROW)
    page = found.to("/quant/reports")
    found.require_accessible()
    page.get_by_label("First session").fill("2012-01-03")
    page.get_by_label("Last session").fill("2012-12-31")
    page.get_by_role("button", name="Run the backtest").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Backtest")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("[data-verdict]").first).to_have_text("cancelled")
    found.shot("quant-backtest-phone")
