"""Scenarios as documents: what they may say, and every fault with its place and its mend."""

from __future__ import annotations

from datetime import date

import pytest

from nodes.vocabulary.errors import PolicyError
from policies.scenario import Bootstrap, Scenario, Shock, parsed_scenario, shipped_scenarios

HEAD = """scenario: mine
version: 1
title: A scenario of mine
owner: risk
why: to see
basis: {basis}
first_on: 2012-05-01
last_on: 2012-06-29
"""


def read(rest: str = "", basis: str = "hypothetical") -> Scenario:
    return parsed_scenario((HEAD.format(basis=basis) + rest).encode(), "mine.yaml")


def faults(rest: str, basis: str = "hypothetical") -> str:
    with pytest.raises(PolicyError, match=r"mine\.yaml") as caught:
        read(rest, basis)
    return str(caught.value)


def test_every_shipped_scenario_reads_and_none_that_changes_prices_calls_itself_real() -> None:
    """SCN-01."""
    found = shipped_scenarios()
    assert {"lehman-2008", "covid-2020", "flash-crash-2010"} <= {each.name for each in found}
    assert {each.basis for each in found if each.changes} <= {"calibrated", "hypothetical"}
    assert {each.basis for each in found if not each.changes} == {"real"}


def test_a_change_is_read_as_its_kind_says() -> None:
    found = read("changes: [{kind: shock, on: 2012-05-15, price_frac: -0.2, volume_ratio: 4}]")
    assert found.changes == (Shock(kind="shock", on=date(2012, 5, 15), price_frac=-0.2, volume_ratio=4.0),)


def test_a_bootstrap_has_as_many_paths_as_it_says_and_anything_else_one() -> None:
    drawn = read("changes: [{kind: bootstrap, drawn_from: 2008-01-02, drawn_to: 2009-01-02, n_paths: 7}]")
    assert (drawn.n_paths, read().n_paths) == (7, 1)
    assert isinstance(drawn.bootstrap, Bootstrap)


@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("changes: [{kind: quake, on: 2012-05-15}]", "quake"),
        ("changes: [{kind: shock, on: 2012-05-15, price_frac: -1.5}]", "-1.5"),
        ("changes: [{kind: shock, on: 2012-07-02, price_frac: -0.1}]", "begins on 2012-07-02, outside the span"),
        (
            "changes: [{kind: turbulence, first_on: 2012-06-04, last_on: 2012-06-01, move_ratio: 2}]",
            "ends on 2012-06-01, before it begins on 2012-06-04",
        ),
        ("changes: [{kind: shock, on: soon, price_frac: -0.1}]", "'soon' is no day; write a day like 2008-09-15"),
        (
            "changes: [{kind: borrow-recall, on: 2012-05-15, symbol: AAPL}]",
            "AAPL is recalled, of which nothing is",
        ),
        (
            "changes: [{kind: bootstrap, drawn_from: 2012-05-02, drawn_to: 2012-05-30}]",
            "draw from what was known before the span begins on 2012-05-01",
        ),
        ("hours_on: 2012-07-02", "2012-07-02 is outside the span"),
        ("colour: blue", "colour"),
    ],
)
def test_what_cannot_be_is_a_fault_with_its_place(rest: str, said: str) -> None:
    assert said in faults(rest)


def test_a_changed_market_may_not_be_called_real() -> None:
    """SCN-01: labelled."""
    rest = "changes: [{kind: shock, on: 2012-05-15, price_frac: -0.2}]"
    assert "basis was real, and the market is changed" in faults(rest, "real")


def test_all_faults_are_told_at_once() -> None:
    rest = "changes: [{kind: shock, on: 2012-07-02, price_frac: -0.1}, {kind: shock, on: 2013-07-02, price_frac: -0.1}]"
    said = faults(rest, "real")
    assert [text in said for text in ("2012-07-02", "2013-07-02", "basis was real")] == [True, True, True]


def test_two_bootstraps_are_refused() -> None:
    one = "{kind: bootstrap, drawn_from: 2008-01-02, drawn_to: 2009-01-02}"
    assert "sessions are drawn twice; keep one bootstrap" in faults(f"changes: [{one}, {one}]")
