"""Value at risk of a book and how it held: by hand on one share, never with what was known later."""

from __future__ import annotations

from datetime import date

import pytest

from adapters.lake.lake import Lake
from api.use_cases.risk_book import Book, history
from api.use_cases.risk_measures import backtests, measures, shares
from api.use_cases.risk_terms import risk_terms
from nodes.kernels.value_at_risk import historical_risk

TERMS = risk_terms().model_copy(update={"methods": ("historical", "filtered-ewma"), "window_sessions": 250})


def test_a_book_of_one_share_has_the_risk_of_that_share(lake: Lake) -> None:
    past, on = history(lake), date(2005, 3, 3)
    book = Book(on, 1_000_000.0, {"IBM": 5_000})
    weight = 5_000 * lake.bars_on(on)["IBM"]["close_usd"] / 1_000_000.0
    row = past.row(on)
    assert row is not None
    returns = past.returns[row - 249 : row + 1, past.places["IBM"]]
    told = measures(past, book, TERMS)[0]
    assert told.value_at_risk_frac == pytest.approx(weight * historical_risk(returns, 0.01).value_at_risk)
    (part,) = shares(past, book, TERMS)
    assert part.symbol == "IBM"
    assert part.shortfall_frac == pytest.approx(told.expected_shortfall_frac)


def test_a_book_whose_share_has_no_bar_has_no_known_risk(lake: Lake) -> None:
    past = history(lake)
    told = measures(past, Book(date(2005, 3, 3), 1e6, {"GOOG": 100, "ZZZ": 5}), TERMS)
    assert {each.value_at_risk_frac for each in told} == {None}


def test_a_backtest_tells_each_session_from_the_close_before_it(lake: Lake) -> None:
    """GOV-05: a later close changes nothing that was told before it."""
    past, days = history(lake), [date(2005, 3, 1), date(2005, 3, 2), date(2005, 3, 3)]
    made = [Book(day, equity, {"IBM": 5_000}) for day, equity in zip(days, (1e6, 0.9e6, 0.91e6), strict=True)]
    (found,) = backtests(past, made, TERMS.model_copy(update={"methods": ("historical",)}))
    assert (found.n_sessions, found.n_breaches) == (2, 1)
    (breach,) = found.breaches
    assert (breach.session_on, breach.told_on) == (days[1], days[0])
    assert breach.loss_frac == pytest.approx(0.1)
    (alone,) = backtests(past, made[:2], TERMS.model_copy(update={"methods": ("historical",)}))
    assert alone.breaches == found.breaches


def test_cash_has_no_risk_to_be_told_of(lake: Lake) -> None:
    past = history(lake)
    made = [Book(day, equity) for day, equity in ((date(2005, 3, 1), 1e6), (date(2005, 3, 2), 0.99e6))]
    found = backtests(past, made, TERMS)
    assert {(each.n_sessions, each.zone) for each in found} == {(0, "unknown")}


def test_an_account_that_is_worth_nothing_has_no_returns_to_be_judged(lake: Lake) -> None:
    """Neither a division by nothing nor a loss that looks like a gain; the closes before it are judged still."""
    past, days = history(lake), [date(2005, 2, 28), date(2005, 3, 1), date(2005, 3, 2), date(2005, 3, 3)]
    made = [Book(day, equity, {"IBM": 500}) for day, equity in zip(days, (1e6, 0.0, -1e3, -2e3), strict=True)]
    for found in backtests(past, made, TERMS):
        assert (found.n_sessions, [breach.session_on for breach in found.breaches]) == (1, [days[1]])


def test_a_loss_over_several_sessions_is_not_held_against_the_risk_of_one(lake: Lake) -> None:
    past, days = history(lake), [date(2005, 2, 25), date(2005, 3, 1), date(2005, 3, 2)]
    made = [Book(day, equity, {"IBM": 500}) for day, equity in zip(days, (1e6, 0.5e6, 0.4e6), strict=True)]
    for found in backtests(past, made, TERMS):
        assert [breach.told_on for breach in found.breaches] == [days[1]]
