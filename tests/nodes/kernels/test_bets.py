from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.bets import (
    bet_sizes,
    book_returns,
    equal_holdings,
    long_holdings,
    neutral_holdings,
    open_bets,
    value_sizes,
)
from nodes.kernels.spans import Spans
from nodes.vocabulary.errors import DataError


def _spans(*pairs: tuple[int, int]) -> Spans:
    return Spans(np.array([a for a, _ in pairs], np.int64), np.array([b for _, b in pairs], np.int64))


def test_a_prediction_that_is_the_prior_bets_nothing_and_a_sure_one_nearly_all() -> None:
    sizes = bet_sizes(np.array([0.4, 0.9, 0.0, np.nan]), 0.4)
    assert sizes[0] == 0.0
    assert sizes[1] == pytest.approx(0.6925, abs=1e-4)  # 2 Phi(0.5 / sqrt(0.24)) - 1
    assert sizes[2] < 0.0
    assert np.isnan(sizes[3])


def test_a_value_bets_by_its_distance_from_the_mean_in_deviations() -> None:
    assert value_sizes(np.array([1.0, 3.0]), 1.0, 2.0) == pytest.approx([0.0, 0.6827], abs=1e-4)


@pytest.mark.parametrize("prior", [0.0, 1.0])
def test_a_prior_of_one_class_alone_is_refused(prior: float) -> None:
    with pytest.raises(DataError, match="one class was never seen"):
        bet_sizes(np.array([0.5]), prior)


def test_targets_that_do_not_differ_are_refused() -> None:
    with pytest.raises(DataError, match="targets that differ"):
        value_sizes(np.array([0.5]), 1.0, 0.0)


def test_a_bet_is_open_from_the_session_after_its_trade_until_its_label_is_traded_out() -> None:
    """Known at the close of 1, traded at the close of 2, decided at the close of 4, left at the close of 5."""
    means, counts = open_bets(_spans((1, 4)), np.array([0]), np.array([0.5]), (8, 1), delay=1)
    assert means[:, 0].tolist() == [0, 0, 0, 0.5, 0.5, 0.5, 0, 0]
    assert counts[:, 0].tolist() == [0, 0, 0, 1, 1, 1, 0, 0]


def test_overlapping_bets_of_a_share_are_averaged_and_no_prediction_is_no_bet() -> None:
    spans = _spans((0, 3), (1, 3), (1, 3))
    means, counts = open_bets(spans, np.array([0, 0, 1]), np.array([1.0, 0.0, np.nan]), (6, 2), delay=0)
    assert means[:, 0].tolist() == [0, 1.0, 0.5, 0.5, 0, 0]
    assert counts[:, 1].tolist() == [0] * 6


def test_neutral_holdings_have_no_net_position() -> None:
    means, counts = np.array([[0.9, -0.3, 0.0]]), np.array([[1, 2, 0]])
    assert neutral_holdings(means, counts)[0] == pytest.approx([0.2, -0.2, 0.0])


def test_long_holdings_are_judged_against_half_of_each_share_that_is_held() -> None:
    counts = np.array([[1, 0]])
    assert long_holdings(np.array([[0.5, 0.0]]), counts).tolist() == [[0.375, 0.0]]
    assert equal_holdings(counts).tolist() == [[0.25, 0.0]]


def test_a_book_pays_for_what_it_trades_and_for_what_it_is_short_of() -> None:
    holdings = np.array([[0.5, -0.5], [0.5, -0.5], [0.0, 0.0]])
    returns = np.array([[0.02, 0.01], [np.nan, 0.01], [0.5, 0.5]])
    found = book_returns(holdings, returns, cost_bps=10.0, borrow_fee_frac=0.0252)
    fee = 0.5 * 0.0252 / 252
    assert found == pytest.approx([0.005 - 0.001 - fee, -0.005 - fee, -0.001])


@given(st.integers(0, 2**32), st.integers(1, 40))
def test_what_happens_later_changes_no_earlier_holding(seed: int, cut: int) -> None:
    draws = np.random.default_rng(seed)
    starts = np.sort(draws.integers(0, 40, 30))
    spans = Spans(starts, starts + draws.integers(0, 6, 30))
    shares, sizes = draws.integers(0, 3, 30), draws.uniform(-1, 1, 30)
    whole, _ = open_bets(spans, shares, sizes, (50, 3), 1)
    early = starts < cut
    part, _ = open_bets(Spans(starts[early], spans.ends[early]), shares[early], sizes[early], (50, 3), 1)
    assert whole[: cut + 2] == pytest.approx(part[: cut + 2], abs=1e-12)
