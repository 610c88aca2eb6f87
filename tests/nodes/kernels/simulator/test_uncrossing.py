"""One price for all that meets: the most volume, the least left over, nearest the last trade."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.simulator.uncrossing import Level, Uncrossing, uncrossing

LEVELS = st.lists(st.tuples(st.integers(1, 30), st.integers(1, 9)), max_size=6)


@pytest.mark.parametrize(
    ("bids", "asks", "reference", "found"),
    [
        ([(105, 100)], [(101, 150)], 0, (101, 100, -50)),
        ([(105, 150)], [(101, 100)], 0, (105, 100, 50)),
        ([(105, 100)], [(101, 100)], 103, (103, 100, 0)),
        ([(105, 100)], [(101, 100)], 99, (101, 100, 0)),
        ([(105, 100), (103, 50)], [(101, 100)], 102, (104, 100, 0)),
        ([(105, 100), (103, 50)], [(101, 100)], 0, (104, 100, 0)),
        ([(105, 100)], [(101, 100), (103, 50)], 104, (102, 100, 0)),
        ([(105, 100)], [(101, 60), (104, 60)], 0, (104, 100, -20)),
    ],
)
def test_the_price_trades_the_most_and_leaves_the_least(
    bids: list[Level], asks: list[Level], reference: int, found: tuple[int, int, int]
) -> None:
    """EXE-03, reopening after a halt."""
    assert uncrossing(bids, asks, reference) == Uncrossing(*found)


@pytest.mark.parametrize(("bids", "asks"), [([], [(1, 1)]), ([(1, 1)], []), ([(100, 5)], [(101, 5)])])
def test_what_does_not_meet_does_not_trade(bids: list[Level], asks: list[Level]) -> None:
    assert uncrossing(bids, asks, 100) is None


@given(LEVELS, LEVELS, st.integers(0, 40))
def test_no_other_price_trades_more_or_as_much_with_less_left_over(
    bids: list[Level], asks: list[Level], reference: int
) -> None:
    """Nasdaq rule 4753(b)(2) counted the long way: most shares, least imbalance, nearest to the last trade."""
    found = uncrossing(bids, asks, reference)
    for price in range(41):
        demand = sum(shares for limit, shares in bids if limit >= price)
        supply = sum(shares for limit, shares in asks if limit <= price)
        assert min(demand, supply) <= (0 if found is None else found.shares)
        if found is not None and min(demand, supply) == found.shares:
            assert abs(demand - supply) >= abs(found.imbalance_shares)
            if reference and abs(demand - supply) == abs(found.imbalance_shares):
                assert abs(price - reference) >= abs(found.price_e4 - reference)
    if found is not None:
        at = (sum(n for p, n in bids if p >= found.price_e4), sum(n for p, n in asks if p <= found.price_e4))
        assert (min(at), at[0] - at[1]) == found[1:]


@given(LEVELS, LEVELS)
def test_the_order_of_levels_does_not_matter(bids: list[Level], asks: list[Level]) -> None:
    assert uncrossing(bids, asks, 15) == uncrossing(bids[::-1], asks[::-1], 15)


def test_the_price_is_on_the_tick() -> None:
    """Nasdaq rule 4753(b)(2): of equal prices the nearest to the last trade, here a trade between two cents."""
    bids, asks = [(1_005_000, 100), (1_003_000, 50)], [(1_001_000, 100)]
    assert uncrossing(bids, asks, 1_002_000, 100) == Uncrossing(1_003_100, 100, 0)
    assert uncrossing([(1_005_000, 100)], [(1_001_000, 100)], 1_002_030, 100) == Uncrossing(1_002_000, 100, 0)
