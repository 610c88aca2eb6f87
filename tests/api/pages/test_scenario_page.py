"""The page of a scenario: complete, escaped, without a script, and it shows what the report says."""

from __future__ import annotations

from api.pages.scenario_page import scenario_page
from tests.api.made_report import made_report


def test_the_page_needs_nothing_else_and_escapes_what_others_wrote() -> None:
    """SCN-01."""
    page = scenario_page(made_report())
    assert "A &lt;made&gt; crisis" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_the_page_says_what_each_guardrail_saved_or_cost_as_an_estimate() -> None:
    page = scenario_page(made_report())
    assert "saved 120 USD" in page
    assert "cost 30 USD" in page
    assert "not asked for" in page
    assert "estimate: again" in page
    assert "2008-09-15, 2008-09-16" in page


def test_every_path_has_its_section_and_the_head_names_the_worst() -> None:
    page = scenario_page(made_report(3))
    assert [f"<h2>Path {number}</h2>" in page for number in (1, 2, 3, 4)] == [True, True, True, False]
    assert "on the worst the account went -10.3%" in page
