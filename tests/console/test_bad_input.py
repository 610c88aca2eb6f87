"""What goes wrong, shown for what it is, with what to do: a log that was changed, parts that are gone, too much asked.

A copy of the server's home is harmed and shown by a server of its own, so that no other test meets the harm. Two
officers at once, a policy that changes under the editor and a server that is restarted in mid-impact are in
test_officer; a session that ends is there and in test_frame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import FunctionType

import pytest
from playwright.sync_api import Browser, expect

from nodes.routing import limit
from nodes.vocabulary.units import Frac
from tests.api.server_process import Reached, Running
from tests.console.copies import RATE, Copy, shown
from tests.console.visits import NARROW, Visit, Visitor, visited

pytestmark = pytest.mark.slow
Visiting = Callable[..., Visit]
HELD_ACCOUNT, OTHER_ACCOUNT = b"account-1", b"account-3"


@pytest.fixture(scope="module")
def decisions(server: Running) -> dict[str, str]:
    """Ids of decisions, by what happens to them: rewritten, gone, and left alone."""
    with server.client() as client:
        client.post("/internal/log/checkpoint").raise_for_status()
        found = client.get("/internal/decisions", params={"account_id": "account-0"}).json()["decisions"]
        (cut,) = client.get("/internal/decisions", params={"account_id": "account-1"}).json()["decisions"]
    return {"changed": cut["decision_id"], "gone": found[0]["decision_id"], "whole": found[-1]["decision_id"]}


@pytest.fixture(scope="module")
def copy(server: Running, decisions: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reached]:
    """A server of a copy of the log in which one entry was rewritten, and parts of the archive are lost."""
    files = Copy(server.home, tmp_path_factory.mktemp("copy") / "home")
    files.rewrite(decisions["changed"], HELD_ACCOUNT, OTHER_ACCOUNT)
    files.drop(files.entry(decisions["gone"]).facts["trace_ref"])
    files.drop(files.entry(decisions["whole"]).facts["sources_ref"])
    with shown(files) as reached:
        yield reached


@pytest.fixture
def look(browser: Browser, copy: Reached) -> Iterator[Visiting]:
    """Begins visits to the copy, as `visit` does to the server."""
    with ExitStack() as stack:
        yield lambda **who: stack.enter_context(visited(browser, copy, Visitor(**who)))


def test_an_entry_that_was_changed_is_named_on_every_view_of_its_decision(
    look: Visiting, decisions: dict[str, str]
) -> None:
    """GOVC-01: one changed byte of the log is red, with the entry and the mend."""
    found = look(theme="dark")
    page = found.to(f"/auditor/decisions/{decisions['changed']}")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("is not what was appended to the log")
    expect(alert).to_contain_text("Its leaf hash: The server says sha256:")
    expect(alert).to_contain_text("assay verify")
    found.require_accessible()
    found.shot("bad-log-dark")
    page.get_by_role("link", name="See every step of the proof").click()
    expect(page.get_by_role("alert")).to_contain_text("steps failed for entry")
    expect(page.get_by_role("alert")).to_contain_text("restore the newest copy")


def test_a_decision_whose_archive_is_gone_still_leads_to_its_entry(look: Visiting, decisions: dict[str, str]) -> None:
    found = look(width=NARROW)
    found.excused.append("500")
    page = found.to(f"/auditor/decisions/{decisions['gone']}")
    expect(page.get_by_role("alert")).to_contain_text("A part of what was archived is gone")
    expect(page.get_by_role("alert")).to_contain_text("assay retention status")
    found.require_accessible()
    found.shot("bad-archive-phone")
    page.get_by_role("link", name="entry").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("decision, entry")


def test_a_decision_whose_code_is_gone_says_so_and_its_proof_stands(
    look: Visiting, decisions: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """ENG-05: the server runs newer code, and the archive has lost the older."""

    def limit_offset_frac(volatility_frac: Frac, limit_volatility_ratio: float) -> Frac:
        return Frac(1.25 * limit_volatility_ratio * volatility_frac)

    newer = FunctionType(limit_offset_frac.__code__, vars(limit), "limit_offset_frac")
    newer.__annotations__ = dict(limit.limit_offset_frac.__annotations__)
    newer.__doc__ = limit.limit_offset_frac.__doc__
    monkeypatch.setattr(limit, "limit_offset_frac", newer)
    found = look()
    page = found.to(f"/auditor/decisions/{decisions['whole']}?view=proof")
    expect(page.get_by_role("status").first).to_contain_text("All 7 steps hold")
    page.get_by_role("button", name="Replay").click()
    expect(page.get_by_text("the code that decided is no longer in the archive")).to_be_visible()
    expect(page.locator("[data-verdict='cannot run here']")).to_be_visible()
    found.require_accessible()
    found.shot("bad-code-gone")


def test_who_asks_too_much_is_told_how_long_to_wait_and_is_answered_then(look: Visiting, copy: Reached) -> None:
    """The page waits as long as the server says (Retry-After), then asks by itself."""
    found = look(principal="hasty")
    found.excused.append("429")
    page = found.to("/")
    with copy.client() as client:
        client.headers["Authorization"] = f"Bearer {copy.token_for('audit:read', principal='hasty')}"
        answers = [client.get("/internal/log").status_code for _ in range(int(RATE.partition("/")[0]) + 1)]
    assert answers[-1] == 429
    page.get_by_role("link", name="Decisions").first.click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Too many requests")
    expect(alert).to_contain_text("Asked again by itself in")
    expect(alert.get_by_role("button", name="Try again")).to_be_disabled()
    found.shot("bad-rate")
    expect(page.locator("tbody tr").first).to_be_visible()
