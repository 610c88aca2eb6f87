from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from api.pages.trace_page import trace_page
from api.views.decision import RuleView
from api.views.shown import Shown
from tests.api.examples import HOSTILE, decision_view, node

VOID = {"meta", "link", "input", "br"}


class Page(HTMLParser):
    """The elements, ids and texts of a page; raises when an element is left open or closed twice."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.words += data

    def values(self, attribute: str) -> list[str]:
        return [str(attributes[attribute]) for _, attributes in self.elements if attribute in attributes]

    @property
    def text(self) -> str:
        return " ".join(self.words.split())


@pytest.fixture(scope="module")
def html() -> str:
    return trace_page(decision_view())


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_a_page_says_what_was_decided_and_why_in_both_languages(page: Page) -> None:
    assert "Cut to size: buy 5,000 AAPL" in page.text
    assert "This order is too big for how much of this stock trades in a day." in page.text
    assert "Order is 5.0% of a day's volume; the limit is 5.0%" in page.text


def test_a_page_shows_both_truth_tables_of_a_rule(page: Page) -> None:
    assert re.search(r"participation_frac <= max_participation_frac.* ✕ fails ✓ holds clip", page.text)


def test_a_page_lists_every_node_with_its_value_and_unit(page: Page) -> None:
    rows = {identity.removeprefix("node-") for identity in page.values("id")}
    assert {node.key for node in decision_view().nodes} <= rows
    assert "fewer than 20 bars (at estimated_spread_bps)" in page.text


def test_a_page_draws_every_node_but_the_policys_numbers(page: Page) -> None:
    drawn = {attributes["data-key"] for tag, attributes in page.elements if tag == "a" and "data-key" in attributes}
    assert "session.panel" in drawn
    assert "order.max_participation_frac" not in drawn


def test_a_page_names_every_digest_in_full(page: Page) -> None:
    for digest in decision_view().digests:
        assert digest.text in page.text


def test_ids_are_unique_and_every_link_inside_leads_somewhere(page: Page) -> None:
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert {href.removeprefix("#") for href in page.values("href") if href.startswith("#")} <= set(ids)


def test_a_page_closes_what_it_opens(page: Page) -> None:
    assert page.open == []


def test_a_page_refers_to_nothing_outside_itself(html: str, page: Page) -> None:
    assert page.values("src") == []
    assert {href for href in page.values("href") if not href.startswith("#")} == {"data:,"}
    assert "url(" not in html
    assert "@import" not in html


def test_the_security_policy_admits_only_the_pages_own_style_and_script(html: str) -> None:
    (security,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', html)
    for tag in ("style", "script"):
        (body,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        named = b64encode(sha256(body.encode()).digest()).decode()
        assert f"{tag}-src &#39;sha256-{named}&#39;" in security
    assert "default-src &#39;none&#39;" in security


def test_no_element_carries_a_style_or_a_handler_of_its_own(page: Page) -> None:
    names = {name for _, attributes in page.elements for name in attributes}
    assert not {name for name in names if name == "style" or name.startswith("on")}


def test_equal_views_give_equal_bytes(html: str) -> None:
    assert trace_page(decision_view()) == html


def test_hostile_text_stays_text_wherever_it_stands() -> None:
    wild = node("order.order.wild", "Text", Shown(HOSTILE, HOSTILE, parts=((HOSTILE, HOSTILE),)), words=HOSTILE)
    ruled = RuleView(HOSTILE, "order.ruled", HOSTILE, HOSTILE, "fails", "fails", "deny", HOSTILE, HOSTILE)
    html = trace_page(
        decision_view(
            symbol=HOSTILE, origin=HOSTILE, policy=HOSTILE, rules=(ruled,), nodes=(wild,), later=((HOSTILE, HOSTILE),)
        )
    )
    page = Page(html)
    assert [tag for tag, _ in page.elements].count("script") == 1
    assert not [name for _, attributes in page.elements for name in attributes if "alert" in name]
    assert "<script>alert" in page.words


def test_a_quiet_decision_says_that_nothing_spoke_against_it() -> None:
    page = Page(trace_page(decision_view(rules=(), order_shares=5001, verdict="pass", later=())))
    assert "none spoke against this order" in page.text
    assert "What happened afterwards" not in page.text
