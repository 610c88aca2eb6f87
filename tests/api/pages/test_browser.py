"""The page as a person's browser shows it: Chromium of the system, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, sync_playwright

from api.pages.trace_page import trace_page
from tests.api.examples import HOSTILE, decision_view, node

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; apt-get install chromium"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("page") / "trace.html"
    target.write_text(trace_page(decision_view()), encoding="utf-8")
    return target


class Visit:
    """A page that was opened, with what it complained about and asked the network for."""

    def __init__(self, page: Page, file: Path) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(file.as_uri())


@pytest.fixture
def visit(browser: Browser, file: Path) -> Iterator[Visit]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    yield Visit(page, file)
    page.close()


def test_the_page_opens_without_a_complaint_and_asks_the_network_for_nothing(visit: Visit, file: Path) -> None:
    visit.page.wait_for_load_state("networkidle")
    assert visit.complaints == []
    assert {url for url in visit.requests if not url.startswith("data:")} == {file.as_uri()}


@pytest.mark.parametrize("width", [380, 768, 1280, 1920])
def test_the_page_never_scrolls_sideways(browser: Browser, file: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_the_first_tab_offers_to_skip_to_the_rules(visit: Visit) -> None:
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.activeElement.textContent") == "Skip to the rules"


def test_a_drawing_is_one_stop_of_the_keyboard_and_arrows_walk_in_it(visit: Visit) -> None:
    shown = visit.page.locator(".figure-deciding svg.lineage")
    assert shown.locator("a[tabindex='0']").count() == 1
    shown.locator("a[tabindex='0']").focus()
    before = visit.page.evaluate("document.activeElement.dataset.key")
    visit.page.keyboard.press("ArrowRight")
    after = visit.page.evaluate("document.activeElement.dataset.key")
    assert before != after
    assert shown.locator("a[tabindex='0']").count() == 1


def test_enter_on_a_node_shows_its_formula_and_close_gives_the_focus_back(visit: Visit) -> None:
    card = visit.page.locator(".figure-deciding [data-key='order.participation_frac']")
    card.focus()
    visit.page.keyboard.press("Enter")
    inspector = visit.page.locator("#inspector")
    assert "order_shares / adv_shares" in inspector.inner_text()
    inspector.get_by_role("button", name="Close").click()
    assert inspector.is_hidden()
    assert visit.page.evaluate("document.activeElement.dataset.key") == "order.participation_frac"


def test_pointing_at_a_node_lights_what_fed_it_and_what_it_fed_alone(visit: Visit) -> None:
    visit.page.locator(".figure-deciding [data-key='order.participation_frac']").hover()
    lit = visit.page.locator(".figure-deciding .card.lit").evaluate_all("cards => cards.map(c => c.dataset.key)")
    assert {"session.panel", "order.adv_shares", "order.participation_frac", "order.liquidity_holds"} <= set(lit)
    assert "order.spread_holds" not in lit


def test_the_switch_shows_one_drawing_at_a_time(visit: Visit) -> None:
    assert visit.page.locator(".figure-whole").is_hidden()
    visit.page.get_by_role("radio", name="Everything").check()
    assert visit.page.locator(".figure-whole").is_visible()
    assert visit.page.locator(".figure-deciding").is_hidden()


def test_finding_a_node_hides_the_others(visit: Visit) -> None:
    visit.page.get_by_label("Find a node").fill("covariance")
    rows = visit.page.locator("tr[data-node]:visible")
    assert rows.evaluate_all("rows => rows.map(r => r.dataset.node)") == ["session.covariance"]


def test_without_scripts_a_node_leads_to_its_row(browser: Browser, file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    page.locator(".figure-deciding [data-key='order.participation_frac']").click()
    assert page.url.endswith("#node-order.participation_frac")
    context.close()


def test_on_paper_both_drawings_are_there_and_the_controls_are_not(visit: Visit) -> None:
    visit.page.emulate_media(media="print")
    assert visit.page.locator(".figure-deciding .paper").first.is_visible()
    assert visit.page.locator(".figure-whole .paper").first.is_visible()
    assert visit.page.locator(".switches").is_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_the_contrast_that_wcag_asks_for(browser: Browser, file: Path, scheme: str) -> None:
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]  # a literal of two
    page.goto(file.as_uri())
    found = page.evaluate(CONTRASTS)
    assert {pair: ratio for pair, ratio in found.items() if ratio < 4.5} == {}
    page.close()


# The least contrast of each colour of text on what is painted behind it, by WCAG 2.2 relative luminance.
CONTRASTS = """() => {
  const channel = (c) => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const numbers = (colour) => (colour.match(/[0-9.]+/g) || []).map(Number);
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0.99) return colour;
    }
    return [255, 255, 255];
  };
  const least = {};
  for (const element of document.querySelectorAll("body *:not(svg *)")) {
    const speaks = [...element.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!speaks || !element.offsetParent) continue;
    const text = numbers(getComputedStyle(element).color), ground = behind(element);
    const [high, low] = [luminance(text), luminance(ground)].sort((a, b) => b - a);
    const pair = `${text} on ${ground}`;
    least[pair] = Math.min(least[pair] || 99, (high + 0.05) / (low + 0.05));
  }
  return least;
}"""


def test_hostile_text_runs_nothing(browser: Browser, tmp_path: Path) -> None:
    wild = node("order.order.wild", "Text", HOSTILE, words=HOSTILE)
    target = tmp_path / "wild.html"
    target.write_text(trace_page(decision_view(symbol=HOSTILE, nodes=(wild,), rules=())), encoding="utf-8")
    page = browser.new_page()
    dialogs: list[str] = []

    def heard(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", heard)
    visit = Visit(page, target)
    assert (dialogs, visit.complaints) == ([], [])
    assert HOSTILE.split("<")[0] in page.locator("h1").inner_text()
    page.close()
