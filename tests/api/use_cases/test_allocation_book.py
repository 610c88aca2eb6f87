"""Books of questions: what an account and a market add to what was asked."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from api.use_cases.allocation_book import universe_of
from api.use_cases.allocation_facts import MarketFacts, ShareFacts
from api.use_cases.allocation_words import AllocationAsked, AssetAsked
from nodes.journal.account import opened_account
from nodes.vocabulary.holdings import Holding
from tests.governance.examples import NOON

MOVES = np.array([0.01, -0.02, 0.015, 0.0])
FACTS = MarketFacts(
    NOON,
    NOON.date(),
    {name: ShareFacts(100.0, 1e6, 1.0, 2.0, MOVES * scale) for name, scale in (("A", 1.0), ("B", -0.5), ("C", 2.0))},
)
HELD = replace(opened_account("paper", Decimal(50_000)), holdings=(Holding("B", 70, Decimal(7000), Decimal(100)),))


def asked(**changes: object) -> AllocationAsked:
    given = {"assets": (AssetAsked(symbol="A", target_weight_frac=0.1),), "equity_usd": 1e5, "covariance_sessions": 20}
    return AllocationAsked(**{**given, **changes})  # type: ignore[arg-type]  # each has the type of its field


def test_what_is_given_goes_before_what_the_market_knows() -> None:
    own = AssetAsked(symbol="A", price_usd=50.0, beta_frac=0.7, half_spread_bps=10.0, volatility_frac=0.4)
    found = universe_of(asked(assets=(own, AssetAsked(symbol="C"))), FACTS, None)
    assert found.book.price_usd.tolist() == [50.0, 100.0]
    assert found.book.beta_frac.tolist() == [0.7, 1.0]
    assert found.half_spread_frac.tolist() == [0.001, 0.0002]
    assert found.covariance[0, 0] == pytest.approx(0.16)


def test_without_assets_the_whole_market_may_be_held() -> None:
    assert universe_of(asked(assets=None, method="erc"), FACTS, None).book.symbols == ("A", "B", "C")


def test_what_an_account_holds_is_part_of_its_book_though_nobody_asked() -> None:
    found = universe_of(asked(equity_usd=None), FACTS, HELD)
    assert dict(zip(found.book.symbols, found.book.held_shares.tolist(), strict=True)) == {"A": 0, "B": 70}
    assert found.book.equity_usd == float(HELD.equity_usd)


def test_a_position_that_is_given_goes_before_the_account() -> None:
    given = AssetAsked(symbol="B", position_shares=5)
    assert universe_of(asked(assets=(given,)), FACTS, HELD).book.held_shares.tolist() == [5]


def test_a_recall_takes_from_what_is_borrowed_and_a_locate_adds_to_it() -> None:
    short = AssetAsked(symbol="A", position_shares=-100, recalled_shares=30, located_shares=5)
    assert universe_of(asked(assets=(short,)), FACTS, None).book.located_shares.tolist() == [75]


def test_costs_are_those_of_half_the_spread_and_of_the_square_root_law() -> None:
    found = universe_of(asked(), FACTS, None)
    daily = np.sqrt(found.covariance[0, 0] / 252.0)
    wanted = 1000 * 100.0 * (0.0002 + daily * np.sqrt(1000 / 1e6))
    assert found.cost_usd(0, 1000) == pytest.approx(wanted)
    assert found.cost_usd(0, 0) == 0.0
    unknown = MarketFacts(NOON, NOON.date(), {"A": ShareFacts(100.0, np.nan, 1.0, 2.0, MOVES)})
    assert universe_of(asked(), unknown, None).cost_usd(0, 1) is None


def test_costs_count_only_over_a_stated_time() -> None:
    free, spread = universe_of(asked(), FACTS, None), universe_of(asked(holding_years=0.5), FACTS, None)
    assert free.objective.cost_frac.tolist() == [0.0]
    assert spread.objective.cost_frac.tolist() == [pytest.approx(0.0004)]
