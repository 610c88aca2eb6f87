"""The operator's pages: how everything is, workers, feeds, the log and its stream, objectives, outages, the runbook."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from adapters.upstreams.outages import FILE, Harm, Outage, OutageBook
from api.bootstrap import open_models
from api.use_cases.incidents import IncidentReport, opened_incident
from tests.api.server_process import Running
from tests.console.conftest import Visiting, placed
from tests.console.visits import NARROW

pytestmark = pytest.mark.slow


def test_everything_is_seen_at_once_and_each_check_leads_to_its_runbook(visit: Visiting) -> None:
    """UI-01, journey 4: health of each dependency, circuits, feeds, budgets and alerts."""
    found = visit(principal="operator")
    page = found.to("/operator")
    expect(page.get_by_label("Status", exact=True)).to_contain_text("Orders are taken")
    expect(page.get_by_label("Status", exact=True)).to_contain_text("UTC")
    expect(page.get_by_role("row", name="log-readable")).to_contain_text("ok")
    circuits = page.get_by_role("region", name="Circuits")
    expect(circuits.get_by_role("row", name="broker")).to_contain_text("closed")
    found.require_accessible()
    found.shot("operator-now", is_whole=True)
    links = page.get_by_role("link", name="Runbook for").evaluate_all("all => all.map((each) => each.pathname)")
    assert len(links) >= 8
    page.get_by_role("link", name="Runbook for checkpoint").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Signing is late")
    expect(page.locator("article")).to_contain_text("assay log checkpoint")
    sections = page.get_by_label("Sections of the runbook").get_by_role("link")
    assert {*links} <= {*sections.evaluate_all("all => all.map((each) => each.pathname)")}
    found.require_accessible()


def test_workers_feeds_and_objectives_say_their_units_and_what_is_not_known(visit: Visiting) -> None:
    """UI-01, journey 4: workers and generations, freshness, burn rates."""
    found = visit(principal="operator")
    page = found.to("/operator/workers")
    expect(page.locator("main")).to_contain_text("1 worker")
    expect(page.get_by_role("row", name="us-equities").first).to_be_visible()
    expect(page.get_by_role("row", name="commit")).to_be_visible()
    found.require_accessible()
    found.shot("operator-workers")
    page = found.to("/operator/feeds")
    expect(page.get_by_role("row", name="bars_daily")).to_contain_text("UTC")
    expect(page.get_by_role("region", name="Freshness of the feeds")).to_contain_text("No feed has run")
    found.require_accessible()
    found.shot("operator-feeds")
    page = found.to("/operator/objectives")
    expect(page.get_by_role("row", name="feeds-fresh")).to_contain_text("not known")
    found.require_accessible()
    found.shot("operator-objectives")


def test_the_log_is_signed_and_its_stream_says_how_late_it_came(visit: Visiting, server: Running) -> None:
    """UI-01, journey 4: log growth, last checkpoint with age and size, stream lag; the signature is checked here."""
    found = visit(principal="operator")
    page = found.to("/operator/log?window=hour")
    expect(page.locator("main")).to_contain_text("an hour")
    page.get_by_role("button", name="Sign a checkpoint now").click()
    expect(page.locator("[data-verdict=holds]")).to_be_visible()
    expect(page.locator("main")).to_contain_text("since the newest entry under it")
    page.get_by_role("button", name="Follow the stream").click()
    expect(page.locator("[data-verdict=follows]")).to_be_visible()
    placed(server, "account-8", "AAPL", 3)
    expect(page.locator("main")).not_to_contain_text("none was written since")
    found.require_accessible()
    found.shot("operator-log")
    page.get_by_role("button", name="Stop following").click()
    expect(page.get_by_role("button", name="Follow the stream")).to_be_visible()


def test_an_outage_is_told_in_seconds_and_an_incident_leads_to_its_entry(visit: Visiting, server: Running) -> None:
    began_at = datetime.now(UTC) - timedelta(seconds=42)
    with OutageBook(server.home / FILE, lambda: began_at + timedelta(seconds=12.5)) as book:
        book.begun(Outage("rate-limits", "no answer in 0.5 s", None, began_at, began_at + timedelta(seconds=1.5)))
        book.ended("rate-limits", Harm(n_probes=3, n_refused=2))
    with open_models(server.settings) as desk:
        opened_incident(desk, IncidentReport("rate limits were away", "seen by a drill", began_at), "operator")
    found = visit(principal="operator", width=NARROW, theme="dark")
    page = found.to("/operator/outages")
    row = page.get_by_role("row", name="rate-limits")
    expect(row).to_contain_text("12.5 s")
    expect(row).to_contain_text("1.5 s")
    found.require_accessible()
    found.shot("operator-outages-phone", is_whole=True)
    page.get_by_role("link", name="rate limits were away").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("ntry")


def test_what_is_not_well_comes_first_and_old_news_is_called_old(visit: Visiting) -> None:
    """UI-01: stale and refused are states of their own; a server that goes away leaves what it said, with its age."""
    found = visit(principal="operator", theme="dark")
    found.excused.extend(["Failed to load resource", "ERR_FAILED"])
    page = found.page
    page.route("**/internal", _answered_ill, times=1)
    page = found.to("/operator")
    expect(page.get_by_label("Status", exact=True)).to_contain_text("degraded")
    rows = page.get_by_role("region", name="What the server depends on").get_by_role("row")
    expect(rows.nth(1)).to_contain_text("upstream-lake")
    expect(page.get_by_role("row", name="vendor-bars")).to_contain_text("stale")
    expect(page.get_by_role("row", name="vendor-bars")).to_contain_text("200,000 s (2.3 d)")
    found.require_accessible()
    found.shot("operator-degraded-dark", is_whole=True)
    page.route("**/internal", lambda route: route.abort())
    expect(page.get_by_text("Not renewed for")).to_be_visible()
    expect(page.get_by_role("row", name="vendor-bars")).to_be_visible()


def test_who_lacks_a_scope_is_told_and_the_server_is_not_asked(visit: Visiting) -> None:
    found = visit(principal="reader", scopes=("audit:read",))
    page = found.to("/operator/objectives")
    expect(page.locator("main")).to_contain_text("Not for this token")
    expect(page.locator("main")).to_contain_text("assay token issue --scope operate")
    page = found.to("/operator/runbook/no-such-section")
    expect(page.locator("main")).to_contain_text("no section")


def _answered_ill(route: Route) -> None:
    """The server's own answer, as it would be with its lake away and a feed late."""
    answer = route.fetch()
    said: dict[str, Any] = answer.json()
    lake = next(each for each in said["upstreams"] if each["name"] == "lake")
    lake |= {"circuit": "open", "rests_s": 7.5, "n_failed": 5, "because": "its folder is gone"}
    check = next(each for each in said["checks"] if each["name"] == "upstream-lake")
    check |= {"status": "degraded", "detail": "left alone for 8 s: its folder is gone; it is asked again by itself"}
    late = {"feed": "vendor-bars", "watermark": "2026-11-20T21:00:00Z", "age_s": 200_000.0, "tolerance_s": 129_600.0}
    said |= {"status": "degraded", "feeds": [{**late, "is_within": False, "outcome": "timed out", "n_failures": 4}]}
    route.fulfill(response=answer, body=json.dumps(said))
