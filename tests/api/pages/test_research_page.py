from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from api.pages.research_page import research_page
from tests.api.research_runs import Ran, ran


@pytest.fixture
def run() -> Ran:
    return ran()


class Reader(HTMLParser):
    """What a page says and refers to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.refers, self.tags = "", list[str](), list[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.refers += [value or "" for name, value in attrs if name in {"src", "href"}]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_says_in_one_sentence_whether_it_is_luck(run: Ran) -> None:
    page = Reader(run.report.decode())
    assert run.result.headline in page.text
    assert run.result.sentence in page.text


def test_the_page_needs_nothing_else_and_admits_nothing_else(run: Ran) -> None:
    page = Reader(run.report.decode())
    assert all(each.startswith(("#", "data:")) for each in page.refers)
    assert "script" not in page.tags
    assert "default-src &#39;none&#39;" in run.report.decode()


def test_the_page_is_the_same_for_the_same_run(run: Ran) -> None:
    assert research_page(run.research) == research_page(run.research) == run.report.decode()


def test_every_plot_has_words_for_those_who_do_not_see_it(run: Ran) -> None:
    page = run.report.decode()
    assert len(re.findall(r'<svg class="plot" [^>]+ role="img" aria-label="[A-Z][^"]+">', page)) == 7
    assert page.count('<svg class="plot"') == 7
    assert not re.search(r'="[^"]*(nan|inf)[^"]*"', page.partition("</style>")[2])


def test_a_hostile_name_is_text(run: Ran) -> None:
    research = replace(run.research, study="<script>alert(1)</script>")
    assert "<script>" not in research_page(research)
