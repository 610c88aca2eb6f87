"""Conflicts: the fewest caps, the bounds that matter, and how far each would have to give way."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings

from nodes.kernels.portfolio.caps import Book, Cap, Measure, rows
from nodes.kernels.portfolio.conflicts import Conflict, conflict
from nodes.kernels.portfolio.mean_variance import Objective, best_weights
from tests.nodes.kernels.portfolio.books import book, cases, follows

NAME = Cap("name", Measure.NAME, 0.2)
INVESTED = Cap("net-least", Measure.NET, 0.9, is_least=True)
LOOSE = (Cap("gross", Measure.GROSS, 2.0), Cap("turnover", Measure.TURNOVER, 3.0), Cap("sector", Measure.SECTOR, 1.0))


def named(given_book: Book, *caps: Cap) -> Conflict:
    found = conflict(given_book, rows(given_book, caps))
    assert found is not None
    return found


def test_caps_that_can_be_kept_do_not_conflict() -> None:
    assert conflict(book(), rows(book(), (NAME, *LOOSE))) is None


def test_two_caps_that_conflict_are_named_among_many_that_do_not() -> None:
    """PF-01: infeasible names the binding constraints: three shares of 0.2 are no 0.9."""
    found = named(book(), *LOOSE, NAME, INVESTED)
    assert [cap.rule for cap in found.caps] == ["name", "net-least"]
    assert {each.cap.rule: each.limit for each in found.loosenings} == {
        "name": pytest.approx(0.3),
        "net-least": pytest.approx(0.6),
    }


def test_one_cap_that_nothing_meets_is_named_alone() -> None:
    given_book = book(held_shares=np.array([-500, 0, 0], np.int64), adv_shares=np.zeros(3))
    found = named(given_book, NAME, Cap("locate", Measure.SHORT, 0.0), Cap("adv", Measure.PARTICIPATION, 0.1))
    assert [cap.rule for cap in found.caps] == ["locate", "adv"]
    assert [row.subject for row in found.rows] == ["A", "A"]


def test_a_cap_that_no_amount_of_loosening_helps_says_so() -> None:
    """A limit on participation of a share that does not trade lets no order through, however high it is."""
    given_book = book(1, held_shares=np.array([5000], np.int64), adv_shares=np.zeros(1))
    found = named(given_book, NAME, Cap("adv", Measure.PARTICIPATION, 0.1))
    assert {each.cap.rule: each.limit for each in found.loosenings} == {"name": pytest.approx(0.5), "adv": None}


def test_of_two_conflicts_the_smaller_is_told() -> None:
    three = (
        Cap("most", Measure.NET, 0.3),
        Cap("gross", Measure.GROSS, 0.5),
        Cap("beta", Measure.BETA, 0.9, is_least=True),
    )
    given_book = book(beta_frac=np.array([1.0, 0.5, 0.2]))
    both = named(given_book, *three, NAME, INVESTED)
    assert len(both.caps) == 2
    assert [cap.rule for cap in named(given_book, *three).caps] == ["gross", "beta"]


@settings(max_examples=12, deadline=None)
@given(cases())
def test_no_smaller_set_of_caps_conflicts(case: tuple[Book, tuple[Cap, ...], Objective]) -> None:
    """PF-01: the smallest by trying all smaller ones, with a solver that has no part in finding it."""
    drawn, caps, _ = case
    found = conflict(drawn, rows(drawn, caps))
    if found is None or not len(drawn) or len(found.caps) > 3:
        return
    wish = follows(np.zeros(len(drawn)))
    for few in combinations(caps, len(found.caps) - 1):
        assert best_weights(drawn, rows(drawn, few), wish) is not None
