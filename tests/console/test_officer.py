"""The officer's pages: a policy is written, weighed, tried in the shadow, let in by a second person, and taken back.

All of it on the real server. The policy that was live before is live again when the last test ends.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from api.settings import SHIPPED_POLICY
from tests.api.server_process import Running
from tests.console.conftest import Visiting, placed
from tests.console.visits import NARROW

pytestmark = pytest.mark.slow
CASES = SHIPPED_POLICY.with_name("v1.cases.yaml").read_text(encoding="utf-8")
_PASTE = """(editor, text) => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  editor.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""
SLOW_MS = 60_000
"""Within which a child process has compiled a policy, or judged a few decisions by it, on a machine that is busy."""


def _written(page: Page, label: str, change: Callable[[str], str]) -> None:
    """Pastes over the text of an editor what becomes of it."""
    part = "cases" if "Cases" in label else "text"
    text = page.evaluate("name => sessionStorage.getItem(name)", f"assay.draft.policy.{part}")
    editor = page.get_by_label(label)
    editor.click()
    page.keyboard.press("Control+a")
    editor.evaluate(_PASTE, change(text or ""))


def _tighter(text: str) -> str:
    return text.replace("max_order_notional_usd: 150000", "max_order_notional_usd: 120000")


def _tighter_cases(_: str) -> str:
    found = CASES
    for old, new in (("1499", "1199"), ("1500}", "1200}"), ("1500,", "1200,"), ("1501", "1201")):
        found = found.replace(old, new)
    return found


def _confirmed(page: Page, act: str, why: str = "") -> None:
    dialog = page.get_by_role("dialog")
    if why:
        dialog.get_by_label("Why").fill(why)
    dialog.get_by_role("button", name=act).click()
    expect(dialog).to_be_hidden(timeout=SLOW_MS)


def _sound(page: Page) -> None:
    expect(page.get_by_text("sound", exact=True)).to_be_visible(timeout=SLOW_MS)


def test_faults_stand_where_they_are_and_the_draft_stays(visit: Visiting, server: Running) -> None:
    """UI-01, journey 2: completion, inline faults, and a draft that neither a reload nor a session's end loses."""
    found = visit(principal="officer")
    found.excused.append("401")
    page = found.to("/officer/edit")
    _sound(page)
    page.get_by_label("Text of the policy").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("\neffec")
    expect(page.get_by_role("option", name="effective_from")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.type(": 1")
    expect(page.get_by_text("1 fault", exact=True)).to_be_visible(timeout=SLOW_MS)
    expect(page.locator(".cm-lintRange-error")).to_have_count(1)
    found.require_accessible()
    found.shot("officer-fault")
    page.route("**/internal/policy/check", lambda route: route.fulfill(status=401, json={}), times=1)
    page.keyboard.type("0")
    again = page.get_by_role("dialog", name="Sign in again")
    again.get_by_label("Access token").fill(server.token)
    again.get_by_role("button", name="Sign in").click()
    expect(again).to_be_hidden()
    page.reload()
    expect(page.get_by_text("1 fault", exact=True)).to_be_visible(timeout=SLOW_MS)
    page.get_by_role("button", name="Against the live version").click()
    expect(page.locator(".cm-merge-b")).to_contain_text("effec: 10")
    found.shot("officer-merge")


def test_a_policy_goes_through_its_life_and_is_taken_back(visit: Visiting, server: Running) -> None:
    """ENG-06, ENG-08, ENG-11, ENG-12: weighed, in the shadow, on some shares, approved by another, gone back from."""
    officer, second, other = (visit(principal=name) for name in ("officer", "second officer", "third officer"))
    beside = other.to("/officer/edit")
    _sound(beside)
    page = officer.to("/officer/edit")
    _sound(page)
    page.get_by_role("button", name="Prove it").click()
    expect(page.get_by_text("proved", exact=True)).to_have_count(4, timeout=SLOW_MS)
    _written(page, "Text of the policy", _tighter)
    page.get_by_role("button", name="Cases").click()
    _written(page, "Cases of the policy", _tighter_cases)
    expect(page.locator("main")).to_contain_text("cases answered as wanted", timeout=SLOW_MS)
    expect(page.locator("main")).to_contain_text("150000 → 120000")
    _weighed(page, officer.shot)
    page.get_by_role("button", name="Put it into the shadow").click()
    _confirmed(page, "Put it into the shadow", "to see what it would do")
    placed(server, "account-8", "MSFT", 9_000)
    watched = second.to("/officer")
    expect(watched.get_by_role("link", name="came out otherwise")).to_be_visible(timeout=SLOW_MS)
    second.require_accessible()
    second.shot("officer-shadow")
    watched.get_by_role("button", name="Canary").click()
    watched.get_by_role("dialog").get_by_label("or these, by name").fill("MSFT")
    _confirmed(watched, "Let it decide them", "it held in the shadow")
    expect(watched.locator("main")).to_contain_text("It decides MSFT")
    page.reload()  # what is proposed on the sight of before the canary is refused
    page.get_by_role("button", name="Propose it").click(timeout=SLOW_MS)
    officer.shot("officer-propose")
    _confirmed(page, "Hand in us-equities v2")
    expect(page.get_by_role("button", name="Approve")).to_be_disabled()
    watched.get_by_role("button", name="Approve").click()
    _confirmed(watched, "Approve us-equities v2")
    expect(watched.locator(".live")).to_contain_text("us-equities v2", timeout=SLOW_MS)
    second.shot("officer-live")
    _overtaken(beside, other.require_accessible, other.shot)
    watched.get_by_role("button", name="Go back to us-equities v1").click()
    _confirmed(watched, "Make us-equities v1 live again", "drill over")
    expect(watched.locator(".live")).to_contain_text("us-equities v1", timeout=SLOW_MS)


def _weighed(page: Page, shot: Callable[[str], None]) -> None:
    """What it would have done is measured, and looked at to the decisions."""
    page.get_by_role("button", name="Measure the impact").click()
    expect(page.locator("[data-verdict=queued], [data-verdict=running]")).to_be_visible()
    expect(page.locator("main")).to_contain_text("would have another verdict", timeout=SLOW_MS)
    page.get_by_role("link", name="clip → clip").click()
    expect(page.get_by_role("region", name="Decisions that come out otherwise")).to_contain_text("MSFT")
    shot("officer-impact")
    page.get_by_role("link", name="Edit", exact=True).click()
    _sound(page)


def _overtaken(page: Page, require_accessible: Callable[[], None], shot: Callable[[str], None]) -> None:
    """Who wrote meanwhile is told that the live policy changed, by whom, and goes on from it."""
    expect(page.get_by_role("alert")).to_contain_text("The live policy changed while you were writing", timeout=SLOW_MS)
    expect(page.get_by_role("alert")).to_contain_text("second officer")
    require_accessible()
    shot("officer-overtaken")
    page.get_by_role("button", name="Go on from us-equities v2").click()
    expect(page.get_by_role("alert")).to_be_hidden()


def test_versions_and_policies_are_read_on_a_phone(visit: Visiting, server: Running) -> None:
    found = visit(principal="officer", width=NARROW, theme="dark")
    page = found.to("/officer")
    page.get_by_role("link", name="us-equities v1").first.click()
    found.settle()
    expect(page.get_by_role("heading", level=1)).to_have_text("us-equities v1")
    found.require_accessible()
    found.shot("officer-version-phone")
    assert server.is_alive()
