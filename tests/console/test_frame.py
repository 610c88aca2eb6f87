"""The frame around every page: signing in, going from place to place, themes, widths, and what it may load."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.api.server_process import Running
from tests.console.conftest import Visiting
from tests.console.visits import NARROW, Visitor, unsigned_visit

pytestmark = pytest.mark.slow


def test_a_pasted_token_opens_the_place_that_was_asked_for(browser: Browser, server: Running) -> None:
    """UI-01: a deep link survives signing in."""
    with unsigned_visit(browser, server, Visitor()) as visit:
        visit.to("/auditor?symbol=AAPL")
        visit.require_accessible()
        visit.shot("sign-in")
        visit.page.get_by_label("Access token").fill(server.token)
        visit.page.get_by_role("button", name="Sign in").click()
        expect(visit.page.get_by_role("heading", level=1)).to_have_text("Decisions")
        expect(visit.page.locator("tbody tr").filter(has_text="AAPL")).not_to_have_count(0)
        expect(visit.page.locator("tbody tr").filter(has_not_text="AAPL")).to_have_count(0)


def test_text_that_is_no_token_and_a_forged_one_are_told_apart(browser: Browser, server: Running) -> None:
    with unsigned_visit(browser, server, Visitor()) as visit:
        visit.excused.append("401")
        visit.to("/")
        visit.page.get_by_label("Access token").fill("nonsense")
        visit.page.get_by_role("button", name="Sign in").click()
        expect(visit.page.get_by_role("alert")).to_contain_text("This is no token")
        visit.page.get_by_label("Access token").fill(server.token[:-8] + "AAAAAAAA")
        visit.page.get_by_role("button", name="Sign in").click()
        expect(visit.page.get_by_role("alert")).to_contain_text("The request has no valid token")


def test_a_session_that_ends_asks_again_on_top_of_the_page(visit: Visiting, server: Running) -> None:
    """What was typed stays: the page beneath is the same one."""
    found = visit()
    found.excused.append("401")
    page = found.to("/auditor")
    page.get_by_label("Symbol").fill("MSFT")
    page.route(
        "**/internal/decisions?*", lambda route: route.fulfill(status=401, json={"type": "/problems/x"}), times=1
    )
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("dialog")).to_contain_text("Sign in again")
    page.get_by_role("dialog").get_by_label("Access token").fill(server.token)
    page.get_by_role("dialog").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_label("Symbol")).to_have_value("MSFT")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_who_signs_in_next_and_may_not_read_sees_nothing_of_what_was_read_before(
    visit: Visiting, server: Running
) -> None:
    """A new token that is refused (403) does not leave the earlier person's page on the screen."""
    found = visit()
    found.excused += ["401", "403"]
    page = found.to("/auditor")
    expect(page.locator("tbody tr").first).to_be_visible()
    page.route(
        "**/internal/decisions?*", lambda route: route.fulfill(status=401, json={"type": "/problems/x"}), times=1
    )
    page.get_by_role("button", name="Search").click()
    page.get_by_role("dialog").get_by_label("Access token").fill(server.token_for("plan:read", principal="somebody"))
    page.get_by_role("dialog").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(0)


def test_places_come_back_with_the_browsers_own_buttons(visit: Visiting) -> None:
    page = visit().to("/")
    page.get_by_role("link", name="Decisions").first.click()
    expect(page).to_have_title(re.compile("^Decisions"))
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Where to?")


def test_a_place_that_is_none_says_so(visit: Visiting) -> None:
    page = visit().to("/nowhere/at/all")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page")


def test_the_first_load_is_under_150_kb_as_sent(visit: Visiting) -> None:
    """UI-01: of the frame and the first page, compressed."""
    page = visit().to("/auditor")
    sizes = page.evaluate(
        "performance.getEntriesByType('resource').filter(e => e.name.includes('/console/'))"
        ".reduce((sum, e) => sum + e.encodedBodySize, 0)"
    )
    assert 10_000 < sizes < 150_000


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_home_is_accessible_in_both_themes_and_on_a_phone(visit: Visiting, theme: str) -> None:
    found = visit(theme=theme, width=NARROW)
    found.to("/")
    found.require_accessible()
    found.shot(f"home-{theme}-phone")
