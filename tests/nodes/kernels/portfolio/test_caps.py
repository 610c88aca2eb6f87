"""Caps: what each measures, what is not known, and rows that say the same as the measures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings

from nodes.kernels.portfolio.caps import Book, Cap, Measure, is_kept, measures, rows, without_beta
from nodes.kernels.portfolio.mean_variance import Objective
from tests.nodes.kernels.portfolio.books import NAN, book, cases

SHARES = np.array([3000, -1000, 500], np.int64)


def test_measures_are_those_of_a_book_by_hand() -> None:
    """PF-02: sector, beta, gross, net, single name, participation, turnover."""
    given_book = book(
        held_shares=np.array([1000, 0, 0], np.int64),
        beta_frac=np.array([1.5, 0.5, 1.0]),
        sectors=("x", "y", "x"),
        located_shares=np.array([0, 600, 0], np.int64),
        target_frac=np.array([0.25, NAN, 0.05]),
    )
    found = measures(given_book, SHARES)
    assert {measure.value: round(value, 12) for measure, value in found.items()} == {
        "gross_frac": 0.45,
        "net_frac": 0.25,
        "net_beta_frac": 0.45,
        "turnover_frac": 0.35,
        "largest_weight_frac": 0.3,
        "largest_sector_frac": 0.35,
        "largest_participation_frac": 0.002,
        "unlocated_short_shares": 400,
        "dearest_borrow_fee_frac": 0.003,
        "largest_deviation_frac": 0.05,
    }


def test_a_share_without_sector_counts_in_every_sector() -> None:
    found = measures(book(sectors=("x", None, "y")), SHARES)
    assert found[Measure.SECTOR] == pytest.approx(0.4)
    assert measures(book(sectors=(None, None, None)), SHARES)[Measure.SECTOR] == pytest.approx(0.45)


def test_what_is_not_known_is_not_nothing() -> None:
    unknown = book(beta_frac=np.full(3, NAN), adv_shares=np.array([1e6, NAN, 0.0]), borrow_fee_frac=np.full(3, NAN))
    found = measures(unknown, SHARES)
    assert math.isnan(found[Measure.BETA])
    assert math.isnan(found[Measure.FEE])
    assert math.isinf(found[Measure.PARTICIPATION])


def test_nothing_held_is_within_everything_though_nothing_is_known() -> None:
    unknown = book(beta_frac=np.full(3, NAN), adv_shares=np.full(3, NAN), borrow_fee_frac=np.full(3, NAN))
    assert set(measures(unknown, np.zeros(3, np.int64)).values()) == {0.0}


def test_shares_without_beta_are_named_where_beta_is_capped() -> None:
    unknown = book(beta_frac=np.array([1.0, NAN, 1.0]))
    assert without_beta(unknown, [Cap("beta", Measure.BETA, 1.0)]) == ("B",)
    assert without_beta(unknown, [Cap("gross", Measure.GROSS, 1.0)]) == ()


@pytest.mark.parametrize(("is_least", "kept"), [(False, [True, True, False]), (True, [False, True, True])])
def test_a_limit_is_inclusive_and_what_is_not_known_is_beyond_it(*, is_least: bool, kept: list[bool]) -> None:
    cap = Cap("net", Measure.NET, 0.5, is_least)
    assert [is_kept(cap, value) for value in (0.4, 0.5, 0.6)] == kept
    assert not is_kept(cap, NAN)


def test_a_row_is_named_by_its_rule_and_its_subject() -> None:
    assert [row.name for row in rows(book(2), [Cap("gross", Measure.GROSS, 1.0), Cap("name", Measure.NAME, 0.1)])] == [
        "gross",
        "name A",
        "name B",
    ]


@settings(max_examples=40, deadline=None)
@given(cases())
def test_rows_are_kept_where_measures_are_and_exceeded_where_they_are(
    case: tuple[Book, tuple[Cap, ...], Objective],
) -> None:
    """The optimiser and the judge are told the same: rows and measures agree on any whole shares."""
    drawn, caps, _ = case
    shares = drawn.held_shares + drawn.lot_shares * np.arange(len(drawn))
    values = measures(drawn, shares)
    for cap in caps:
        if cap.measure is Measure.BETA and without_beta(drawn, caps):
            continue
        slack = min((row.bound - row.value(drawn, drawn.weights(shares)) for row in rows(drawn, [cap])), default=1.0)
        if abs(slack) > 1e-9:
            assert is_kept(cap, values[cap.measure]) == (slack > 0.0), (cap, values[cap.measure], slack)
