"""A window of trades: what counts, and that two histories which branch do not see each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.market_rules.windows import empty_window


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 1000)), max_size=30), st.integers(1, 9))
def test_mean_is_that_of_the_trades_after_an_instant(steps: list[tuple[int, int]], reach: int) -> None:
    window, now = empty_window(), 0
    kept: list[tuple[int, int]] = []
    for step, price in steps:
        now += step
        window = window.with_trade(now, price).after(now - reach)
        kept = [(at, each) for at, each in [*kept, (now, price)] if at > now - reach]
        assert window.mean == (sum(each for _, each in kept), len(kept))
        assert window.oldest_ns == kept[0][0]


def test_branches_do_not_see_each_other() -> None:
    trunk = empty_window().with_trade(1, 10)
    one, two = trunk.with_trade(2, 20), trunk.with_trade(2, 40)
    assert (trunk.mean, one.mean, two.mean) == ((10, 1), (30, 2), (50, 2))
    assert one.with_trade(3, 30).mean == (60, 3)
    assert two.after(1).mean == (40, 1)


def test_a_window_without_trades_has_no_mean() -> None:
    assert empty_window().mean is None
    assert empty_window().with_trade(1, 10).after(1).oldest_ns is None
