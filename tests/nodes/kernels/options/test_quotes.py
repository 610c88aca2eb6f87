"""Quotes with a side missing, and which contracts belong together."""

from __future__ import annotations

import numpy as np

from nodes.kernels.options.quotes import Quotes, groups, pairs


def quotes(bid: list[float], ask: list[float]) -> Quotes:
    count = len(bid)
    return Quotes(np.zeros(count, np.int64), np.ones(count), np.ones(count, np.bool_), np.array(bid), np.array(ask))


def test_a_missing_side_leaves_no_middle_and_never_half_the_other() -> None:
    """DESIGN section 10: option bars with a missing side."""
    found = quotes([1.0, np.nan, 0.0, 1.0, np.nan], [1.2, 1.2, 1.2, np.nan, np.nan])
    assert np.isnan(found.middle_usd).tolist() == [False, True, True, True, True]
    assert found.middle_usd[0] == 1.1


def test_a_crossed_quote_has_no_middle() -> None:
    found = quotes([1.3, 1.2], [1.2, 1.2])
    assert found.is_crossed.tolist() == [True, False]
    assert np.isnan(found.middle_usd[0])
    assert found.middle_usd[1] == 1.2


def test_an_ask_of_zero_is_no_price() -> None:
    assert np.isnan(quotes([0.0], [0.0]).middle_usd).all()


def test_groups_share_their_keys_and_are_ordered_by_the_last() -> None:
    expiry, strike = np.array([2, 1, 2, 1]), np.array([5.0, 7.0, 4.0, 6.0])
    assert [rows.tolist() for rows in groups(expiry, strike)] == [[3, 1], [2, 0]]
    assert groups(np.empty(0, np.int64), np.empty(0)) == []


def test_pairs_are_a_call_and_a_put_of_one_expiry_and_strike() -> None:
    expiry, strike = np.array([1, 1, 1, 2]), np.array([5.0, 5.0, 6.0, 6.0])
    is_call = np.array([False, True, True, False])
    found = pairs(Quotes(expiry, strike, is_call, np.ones(4), np.ones(4)))
    assert [rows.tolist() for rows in found] == [[1], [0]]
