"""Allocations: whatever is asked, no portfolio violates a cap; prices and conflicts mean what they say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from nodes.kernels.portfolio.allocation import Allocation, allocation
from nodes.kernels.portfolio.caps import Book, Cap, Measure, is_kept, measures, rows
from nodes.kernels.portfolio.conflicts import Conflict, conflict
from nodes.kernels.portfolio.mean_variance import Objective, best_weights
from nodes.vocabulary.errors import DataError
from tests.nodes.kernels.portfolio.books import book, cases, follows

GROSS = Cap("gross", Measure.GROSS, 1.0)
NAME = Cap("name", Measure.NAME, 0.25)


def found(given: Book, caps: tuple[Cap, ...], objective: Objective) -> Allocation:
    answer = allocation(given, caps, objective)
    assert isinstance(answer, Allocation)
    return answer


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_no_portfolio_that_comes_out_violates_a_cap(case: tuple[Book, tuple[Cap, ...], Objective]) -> None:
    """PF-02: by the measures that rules judge, in whole lots, whatever is held, wanted, known and capped."""
    drawn, caps, objective = case
    try:
        answer = allocation(drawn, caps, objective)
    except DataError:
        return
    if isinstance(answer, Conflict):
        return
    values = measures(drawn, answer.shares)
    assert [cap.rule for cap in caps if not is_kept(cap, values[cap.measure])] == []
    assert ((answer.shares - drawn.held_shares) % drawn.lot_shares == 0).all()
    assert all(price.shadow_price >= 0.0 for price in answer.prices)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_caps_that_conflict_conflict_by_themselves_and_none_of_them_is_needless(
    case: tuple[Book, tuple[Cap, ...], Objective],
) -> None:
    """PF-01: an answer that cannot be met names the smallest set."""
    drawn, caps, _ = case
    answer = conflict(drawn, rows(drawn, caps))
    if answer is None:
        return
    assert conflict(drawn, rows(drawn, answer.caps)) is not None
    for left_out in answer.caps:
        rest = [cap for cap in answer.caps if cap != left_out]
        assert conflict(drawn, rows(drawn, rest)) is None


def test_a_target_within_the_caps_is_met_to_the_share() -> None:
    target = np.array([0.2, 0.1, 0.15])
    answer = found(book(), (GROSS, NAME), follows(target))
    assert answer.shares.tolist() == [2000, 1000, 1500]
    assert [price.shadow_price for price in answer.prices] == [0.0, 0.0]
    assert answer.worth_frac == pytest.approx(answer.free_worth_frac)


def test_a_target_over_a_cap_is_cut_and_the_cap_has_the_price_of_the_slope() -> None:
    """PF-02: the multiplier is the derivative: own risk 0.2 times the part that is cut off."""
    answer = found(book(), (GROSS, NAME), follows(np.array([0.6, 0.1, 0.15])))
    assert answer.shares.tolist() == [2500, 1000, 1500]
    name = answer.prices[1]
    assert name.subjects == ("A",)
    assert name.shadow_price == pytest.approx(0.2 * 0.35, rel=1e-6)


@pytest.mark.parametrize("measure", [Measure.GROSS, Measure.NET, Measure.BETA, Measure.NAME, Measure.SECTOR])
def test_a_shadow_price_is_what_one_more_of_the_limit_adds(measure: Measure) -> None:
    given = book(4, beta_frac=np.array([0.8, 1.2, 1.0, 0.9]), sectors=("x", "x", "y", None))
    objective = follows(np.array([0.5, 0.4, 0.3, 0.2]), 5.0 * (np.full((4, 4), 0.01) + np.eye(4) * 0.04))
    cap, step = Cap("cap", measure, 0.3), 1e-4
    worth = []
    for limit in (0.3 - step, 0.3, 0.3 + step):
        solution = best_weights(given, rows(given, (replace(cap, limit=limit),)), objective)
        assert solution is not None
        worth.append(objective.worth_frac(given, solution.weights))
    slope = (worth[2] - worth[0]) / (2 * step)
    assert found(given, (cap,), objective).prices[0].shadow_price == pytest.approx(slope, rel=1e-3)


def test_an_empty_universe_is_an_empty_portfolio() -> None:
    answer = found(book(0), (GROSS, NAME), follows(np.empty(0)))
    assert answer.shares.tolist() == []


def test_an_empty_universe_cannot_be_invested() -> None:
    answer = allocation(book(0), (Cap("net", Measure.NET, 0.5, is_least=True),), follows(np.empty(0)))
    assert isinstance(answer, Conflict)
    assert [cap.rule for cap in answer.caps] == ["net"]


def test_one_share_is_held_up_to_its_cap() -> None:
    assert found(book(1), (NAME,), follows(np.array([0.9]))).shares.tolist() == [2500]


def test_collinear_shares_have_one_answer_every_time() -> None:
    objective = follows(np.array([0.3, 0.3, 0.3]), 5.0 * np.full((3, 3), 0.04))
    first = found(book(), (GROSS, NAME), objective).shares.tolist()
    assert [found(book(), (GROSS, NAME), objective).shares.tolist() for _ in range(3)] == [first] * 3
    assert max(first) <= 2500


def test_caps_without_room_for_one_lot_say_that_lots_are_too_large() -> None:
    least = Cap("least", Measure.NET, 0.1501, is_least=True)
    most = Cap("most", Measure.NET, 0.1502)
    given = book(1, lot_shares=100)
    with pytest.raises(DataError, match="none was found in lots of 100 on 1,000,000 USD; loosen a cap by a lot"):
        allocation(given, (least, most), follows(np.array([0.15])))


def test_a_holding_over_its_cap_is_brought_back_or_the_cap_on_turnover_is_named() -> None:
    given = book(1, held_shares=np.array([5000], np.int64))
    wish = follows(np.array([0.5]))
    assert found(given, (NAME, Cap("turnover", Measure.TURNOVER, 0.25)), wish).shares.tolist() == [2500]
    answer = allocation(given, (NAME, Cap("turnover", Measure.TURNOVER, 0.1)), wish)
    assert isinstance(answer, Conflict)
    assert {each.cap.rule: each.limit for each in answer.loosenings} == {
        "name": pytest.approx(0.4),
        "turnover": pytest.approx(0.25),
    }


def test_a_recall_forces_a_purchase() -> None:
    """PF-03: what is short beyond what is lent must be bought back, at no more than it takes."""
    given = book(1, held_shares=np.array([-1000], np.int64), located_shares=np.array([600], np.int64))
    assert found(given, (Cap("locate", Measure.SHORT, 0.0),), follows(np.array([-0.1]))).shares.tolist() == [-600]


def test_a_short_sale_without_a_locate_does_not_come_out() -> None:
    """PF-03: short without locate rejected."""
    caps = (Cap("locate", Measure.SHORT, 0.0),)
    answer = found(book(2), caps, follows(np.array([-0.2, 0.2])))
    assert answer.shares.tolist() == [0, 2000]
    assert answer.prices[0].subjects == ("A",)


def test_a_fee_over_the_limit_or_unknown_keeps_a_share_from_being_short() -> None:
    fees = np.array([0.5, np.nan, 0.01])
    given = book(3, borrow_fee_frac=fees, located_shares=np.full(3, 10_000, np.int64))
    answer = found(given, (Cap("fee", Measure.FEE, 0.1),), follows(np.array([-0.1, -0.1, -0.1])))
    assert answer.shares.tolist() == [0, 0, -1000]


def test_costs_keep_a_book_where_it_is_when_a_trade_is_not_worth_them() -> None:
    given = book(1, held_shares=np.array([1000], np.int64))
    dear = follows(np.array([0.12]), cost_frac=np.array([0.01]))
    cheap = follows(np.array([0.12]), cost_frac=np.array([0.001]))
    assert found(given, (), dear).shares.tolist() == [1000]
    assert found(given, (), cheap).shares.tolist() == [1150]


def test_impact_takes_the_step_at_which_its_marginal_cost_is_the_marginal_gain() -> None:
    objective = follows(np.array([0.2]), impact_frac=np.array([0.02]))
    weight = found(book(1), (), objective).best_weights[0]
    assert 0.2 * (0.2 - weight) == pytest.approx(1.5 * 0.02 * np.sqrt(weight), rel=1e-5)
