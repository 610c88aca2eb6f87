"""The page of a reconciliation: every break by treatment, positions and cash from both sides, nothing from outside."""

from __future__ import annotations

import re

import msgspec
import pytest

from api.pages.reconciliation_page import reconciliation_page
from api.use_cases.reconciliation_report import BreakView, LineView, ReconciliationView

FEE = BreakView(
    break_id="brk-0123456789abcdef",
    cause="wrong-fee",
    text="fee of a purchase of 100 <IBM>: the statement says 2, the books 1",
    on="2013-01-03",
    symbol="IBM",
    treatment="correct",
    first_seen_on="2013-01-03",
    age_days=9,
    age_class="over 5",
    is_overdue=True,
    shares={},
    cash={"USD": "-1"},
    stated=None,
    booked=None,
    correction_id="cor-1",
    correction="put the trade right: buy 100 IBM at 190 USD",
)
VIEW = ReconciliationView(
    reconciliation_id="rec-0123456789ab",
    account_id="demo",
    since="2013-01-02",
    until="2013-01-03",
    made_on="2013-01-12",
    is_clean=False,
    statement="sha256:00",
    mapping="statement-csv v1",
    mapping_digest="sha256:01",
    policy="us-equities v1",
    policy_digest="sha256:02",
    log_size=7,
    n_stated=1,
    n_booked=1,
    n_matched=1,
    causes={"wrong-fee": 1},
    at_stake={"USD": "1"},
    n_postable=1,
    n_overdue=1,
    breaks=(FEE,),
    positions=None,
    balances=(LineView("USD", "99", "100", "-1", "0"),),
)


def test_a_break_is_shown_under_what_is_done_about_it() -> None:
    page = reconciliation_page(VIEW)
    assert "<h1>1 break</h1>" in page
    assert "Book what the statement says, once a person posts it" in page
    assert "Claim from the broker" not in page
    assert "9, overdue" in page
    assert "The statement tells none." in page


def test_what_a_statement_says_is_escaped_and_nothing_is_loaded() -> None:
    page = reconciliation_page(VIEW)
    assert "&lt;IBM&gt;" in page
    assert "<script" not in page
    assert not re.search(r'(src|href)="http', page)


@pytest.mark.parametrize("n_breaks", [0, 2])
def test_the_head_says_how_many_breaks_there_are(n_breaks: int) -> None:
    breaks = tuple(msgspec.structs.replace(FEE, treatment=name) for name in ("claim", "wait")[:n_breaks])
    view = msgspec.structs.replace(VIEW, breaks=breaks, is_clean=not breaks)
    page = reconciliation_page(view)
    assert ("Statement and books agree" if n_breaks == 0 else "2 breaks") in page
