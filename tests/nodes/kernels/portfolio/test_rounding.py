"""Whole shares: exact at the edge of a cap, no worse than their neighbours, nothing where no lot fits."""

from __future__ import annotations

import numpy as np

from nodes.kernels.portfolio.caps import Book, Cap, Measure, rows
from nodes.kernels.portfolio.mean_variance import Objective
from nodes.kernels.portfolio.rounding import keeps, step_frac, whole_shares
from tests.nodes.kernels.portfolio.books import book, follows

NAME = Cap("name", Measure.NAME, 0.1)
GROSS = Cap("gross", Measure.GROSS, 0.25)


def rounded(given: Book, caps: tuple[Cap, ...], objective: Objective, weights: list[float]) -> list[int] | None:
    found = whole_shares(given, caps, rows(given, caps), objective, np.array(weights))
    return None if found is None else found.tolist()


def test_a_weight_at_its_cap_is_the_largest_size_for_which_the_ratio_holds() -> None:
    odd = book(1, price_usd=np.array([37.31]), equity_usd=999_999.99)
    shares = rounded(odd, (NAME,), follows(np.array([0.5])), [0.1])
    assert shares is not None
    assert keeps(odd, (NAME,), np.array(shares, np.int64))
    assert not keeps(odd, (NAME,), np.array(shares, np.int64) + 1)


def test_a_sum_over_its_cap_is_mended_where_it_costs_least() -> None:
    wish = follows(np.array([0.1, 0.1, 0.1]), np.diag([0.1, 1.0, 1.0]))
    shares = rounded(book(), (NAME, GROSS), wish, [0.09, 0.09, 0.09])
    assert shares is not None
    assert sum(shares) == 2500
    assert shares[0] < shares[1]


def test_no_single_lot_more_or_less_is_better() -> None:
    given = book(price_usd=np.array([810.0, 95.0, 33.0]), equity_usd=50_000.0)
    wish = follows(np.array([0.09, 0.08, 0.07]))
    shares = rounded(given, (NAME, GROSS), wish, [0.09, 0.08, 0.07])
    assert shares is not None
    best = wish.worth_frac(given, given.weights(np.array(shares, np.int64)))
    for place in range(3):
        for step in (-1, 1):
            moved = np.array(shares, np.int64)
            moved[place] += step
            assert (
                not keeps(given, (NAME, GROSS), moved) or wish.worth_frac(given, given.weights(moved)) <= best + 1e-12
            )


def test_orders_are_whole_lots_from_what_is_held() -> None:
    given = book(1, held_shares=np.array([37], np.int64), lot_shares=100)
    assert rounded(given, (NAME,), follows(np.array([0.09])), [0.09]) == [937]
    np.testing.assert_allclose(step_frac(given), [0.01])


def test_a_range_without_a_lot_in_it_has_no_whole_shares() -> None:
    given = book(1, lot_shares=1000, target_frac=np.array([0.05]))
    assert rounded(given, (Cap("deviation", Measure.DEVIATION, 0.01),), follows(np.array([0.05])), [0.05]) is None
