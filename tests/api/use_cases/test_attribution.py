"""Attribution of a real account: the lines come to what the log says was gained, whatever is asked for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from api.use_cases.attribution import Asked
from nodes.vocabulary.errors import EdgeError
from tests.api.use_cases.attributions import ACCOUNT, Attributed, attributed_at
from tests.api.use_cases.homes import FIRST_ON, LAST_ON

TOLERANCE_USD = Decimal("1e-9")


def test_the_lines_come_to_what_the_log_says_was_gained(attributed: Attributed) -> None:
    """JRN-02: market, sectors, factors, own returns and every cost, against the equity that the log kept."""
    report = attributed.report
    assert abs(sum(line.usd for line in report.lines) - (report.closing_usd - report.opening_usd)) <= TOLERANCE_USD
    assert (report.unbooked_usd, report.contributed_usd) == (Decimal(0), Decimal(0))
    assert report.total_usd == report.parts_usd == sum(report.groups.values(), Decimal(0))
    assert all(line.usd == sum(line.by_symbol.values(), Decimal(0)) for line in report.lines)


def test_spread_impact_and_fees_are_told_and_nothing_is_left_over(attributed: Attributed) -> None:
    """JRN-02."""
    by_name = {line.line: line.usd for line in attributed.report.lines}
    assert by_name["spread"] < 0
    assert by_name["commission"] < 0
    assert abs(by_name.get("residue", Decimal(0))) < Decimal("0.001")
    assert {"market", "selection", "alpha"} <= by_name.keys()


def test_periods_that_follow_each_other_come_to_the_whole(ran: Path, lake: Lake, attributed: Attributed) -> None:
    """JRN-02: every cost is additive; what the market made is too, static and timed together."""
    middle = date(2005, 2, 18)
    with attributed_at(ran, lake, Asked(ACCOUNT, None, middle)) as early:
        first = early.report
    with attributed_at(ran, lake, Asked(ACCOUNT, date(2005, 2, 19), None)) as late:
        second = late.report
    assert first.closing_usd == second.opening_usd
    assert first.total_usd + second.total_usd == attributed.report.total_usd
    costs = [report.groups.get("costs", Decimal(0)) for report in (first, second, attributed.report)]
    assert costs[0] + costs[1] == costs[2]
    market = [
        sum(line.usd for line in report.lines if line.line in {"market", "timing"})
        for report in (first, second, attributed.report)
    ]
    assert market[0] + market[1] == pytest.approx(market[2], abs=Decimal("1e-5"))


def test_a_style_with_too_few_exposed_shares_explains_nothing(attributed: Attributed) -> None:
    """In 2005 three shares have a year of returns, and the terms ask for four."""
    assert "factor:momentum" not in {line.line for line in attributed.report.lines}


def test_the_report_names_its_sessions(attributed: Attributed) -> None:
    report = attributed.report
    assert (report.account_id, report.from_on, report.to_on, report.n_sessions) == (ACCOUNT, FIRST_ON, LAST_ON, 15)
    assert report.terms == "us-equities v1"
    assert report.notes == ()


def test_a_period_without_sessions_is_refused_with_those_there_are(ran: Path, lake: Lake) -> None:
    with (
        pytest.raises(EdgeError, match="ask within 2005-02-10 to 2005-03-03"),
        attributed_at(ran, lake, Asked(ACCOUNT, date(2011, 1, 1))),
    ):
        pass


def test_an_account_that_the_log_does_not_know_is_refused(ran: Path, lake: Lake) -> None:
    with pytest.raises(EdgeError, match="'nobody' was never valued"), attributed_at(ran, lake, Asked("nobody")):
        pass
