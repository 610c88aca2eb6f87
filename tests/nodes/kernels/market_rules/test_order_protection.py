"""Protected quotes come first, by price and then by fee, unless one of nine exceptions holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.market_rules.order_protection import (
    Exempt,
    Level,
    Slice,
    best_protected_e4,
    is_crossed,
    levels_of,
    protected_route,
    sweep_slices,
    traded_through,
)
from nodes.vocabulary.trading import Side, VenueQuote

QUOTES = [
    VenueQuote("A", 99_900, 100, 100_000, 200, 0),
    VenueQuote("B", 99_800, 100, 100_100, 300, 0),
    VenueQuote("C", None, 0, 99_950, 0, 0),
]
FEES = {"A": 3000, "B": -200, "C": 0}


def test_levels_are_what_an_order_would_take() -> None:
    assert levels_of(QUOTES, Side.BUY, FEES) == (Level("A", 100_000, 200, 3000), Level("B", 100_100, 300, -200))
    assert [level.price_e4 for level in levels_of(QUOTES, Side.SELL, FEES)] == [99_900, 99_800]
    assert (best_protected_e4(QUOTES, Side.BUY), best_protected_e4([], Side.SELL)) == (100_000, None)


levels = st.lists(
    st.builds(Level, st.sampled_from("ABCDE"), st.integers(1, 6), st.integers(0, 5), st.integers(-3, 3)), max_size=6
)


@given(levels, st.sampled_from(Side), st.integers(0, 12), st.none() | st.integers(1, 6))
def test_a_route_leaves_no_better_price_behind(shown: list[Level], side: Side, shares: int, limit: int | None) -> None:
    route = protected_route(shown, side, shares, limit)
    within = [each for each in shown if limit is None or side.sign * (each.price_e4 - limit) <= 0]
    assert sum(part.shares for part in route) == min(shares, sum(each.shares for each in within))
    prices = sorted(side.sign * each.price_e4 for each in within for _ in range(each.shares))
    assert sorted(side.sign * part.price_e4 for part in route for _ in range(part.shares)) == prices[:shares]


def test_equal_prices_go_to_the_cheapest_venue_then_by_name() -> None:
    shown = [Level("B", 100, 10, 5), Level("C", 100, 10, -2), Level("A", 100, 10, 5)]
    assert [part.venue for part in protected_route(shown, Side.SELL, 30, 100)] == ["C", "A", "B"]


@pytest.mark.parametrize(
    ("price_e4", "side", "venues"),
    [
        (100_000, Side.BUY, ()),
        (100_001, Side.BUY, ("A",)),
        (100_200, Side.BUY, ("A", "B")),
        (99_899, Side.SELL, ("A",)),
        (99_900, Side.SELL_SHORT, ()),
    ],
)
def test_a_worse_price_trades_through_the_venues_that_show_a_better_one(
    price_e4: int, side: Side, venues: tuple[str, ...]
) -> None:
    assert traded_through(price_e4, side, QUOTES) == venues


@pytest.mark.parametrize(
    "exempt",
    [Exempt.NON_REGULAR_WAY, Exempt.SINGLE_PRICED_AUCTION, Exempt.SWEEP_SENT, Exempt.BENCHMARK, Exempt.STOPPED],
)
def test_exempt_executions_trade_through_nothing(exempt: Exempt) -> None:
    assert traded_through(100_200, Side.BUY, QUOTES, exempt=frozenset({exempt})) == ()


def test_self_help_and_flickering_quotes_except_their_venue_only() -> None:
    assert traded_through(100_200, Side.BUY, QUOTES, self_help=frozenset({"A"})) == ("B",)
    recent = {"A": (100_000, 100_200), "B": (100_100, 100_199)}
    assert traded_through(100_200, Side.BUY, QUOTES, recent_e4=recent) == ("B",)
    sold = {"A": (99_899,), "B": (99_850,)}
    assert traded_through(99_790, Side.SELL, QUOTES, recent_e4=sold) == ("A", "B")
    assert traded_through(99_899, Side.SELL, QUOTES, recent_e4=sold) == ()


def test_in_a_crossed_market_nothing_is_protected() -> None:
    crossed = [*QUOTES, VenueQuote("D", 100_050, 100, None, 0, 0)]
    assert is_crossed(crossed)
    assert traded_through(100_200, Side.BUY, crossed) == ()
    locked = [*QUOTES, VenueQuote("D", 100_000, 100, None, 0, 0)]
    assert not is_crossed(locked)


def test_sweeps_go_to_the_full_size_of_every_better_quote() -> None:
    shown = levels_of(QUOTES, Side.BUY, FEES)
    assert sweep_slices(shown, Side.BUY, 100_100) == (Slice("A", 100_000, 200),)
    assert sweep_slices(shown, Side.BUY, 100_000) == ()
