"""The tear sheet: complete, safe, and every id on it leads somewhere."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import date

import pytest

from api.pages.backtest_page import backtest_page, number_text
from api.use_cases.backtest_retraining import Trained, Walked
from dataflows.backtest.retraining import retraining_of
from tests.api.backtest_samples import ran_backtest
from tests.dataflows.backtest.test_retraining import retraining_text


def test_the_page_needs_nothing_else_and_may_run_nothing() -> None:
    page = ran_backtest().page
    assert "default-src &#39;none&#39;" in page
    assert not re.search(r"<script|https?://|onclick|src=\"(?!data:)", page)
    assert page.count("<svg") >= 9


def test_every_id_that_a_figure_rests_on_leads_to_a_row() -> None:
    page = ran_backtest().page
    wanted = set(re.findall(r'href="#(id-[0-9a-f]+)"', page))
    assert wanted
    assert wanted <= set(re.findall(r'id="(id-[0-9a-f]+)"', page))


def test_the_page_says_what_changed_assumptions_cost() -> None:
    page = ran_backtest().page
    assert "What a changed assumption costs" in page
    assert "spread_frac=3,impact_coefficient=3" in page
    assert "Below the peak" in page


def test_the_page_of_a_walk_says_what_was_trained_and_what_was_kept_out() -> None:
    day = date(2011, 12, 30)
    kept_out = Trained(day, day, date(2012, 1, 3), date(2012, 12, 31), "m v2", "deny", ("too <lucky>",), 18, "")
    retraining = retraining_of(retraining_text().encode(), "v1.yaml")
    page = backtest_page(replace(ran_backtest().found, walked=Walked(retraining, (kept_out,), {})))
    assert "What scored it" in page
    assert "too &lt;lucky&gt;" in page
    assert "nobody<small>2012-01-03 to 2012-12-31</small>" in page
    assert "What scored it" not in ran_backtest().page


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("a_frac", 0.1234, "12.34%"),
        ("a_usd", 1234.5, "1,234"),
        ("n_orders", 3.0, "3"),
        ("sharpe_ratio", 0.5, "0.50"),
        ("a_ratio", math.nan, "unknown"),
        ("a_ratio", None, "unknown"),
        ("profit_factor", math.inf, "without end"),
    ],
)
def test_numbers_are_written_by_their_unit(name: str, value: float | None, text: str) -> None:
    assert number_text(name, value) == text
