"""A bar becomes quotes and prints that hold together and keep its volume to the share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nodes.kernels.simulator.bar_events import Bars, bar_events
from nodes.kernels.simulator.events import EventKind, refused_faults
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.trading import Side
from tests.nodes.kernels.simulator.desk import BOOK, fills, order, run, sent

MINUTE = 60_000_000_000
STARTS = np.arange(3) * MINUTE
BARS = Bars(
    STARTS,
    STARTS + MINUTE,
    np.array([10.0, 10.2, 10.1]),
    np.array([10.1, 10.5, 10.1]),
    np.array([9.8, 10.1, 10.1]),
    np.array([10.0, 10.4, 10.1]),
    np.array([1003, 400, 0]),
    np.full(3, 0.01),
    np.full(3, 100),
)


def test_each_bar_goes_from_its_open_by_its_nearer_extreme_to_its_close() -> None:
    found = refused_faults(bar_events(BOOK, BARS))
    prints = found.chosen(found.kind == EventKind.TRADE)
    assert prints.price_e4.tolist() == [100_000, 101_000, 98_000, 100_000, 102_000, 101_000, 105_000, 104_000]
    assert prints.shares.tolist() == [250, 250, 250, 253, 100, 100, 100, 100]
    assert prints.side.tolist() == [0, -1, 1, 0, 0, 1, -1, 0]
    assert (prints.at_ns[0], prints.at_ns[3]) == (0, MINUTE - 1)


def test_quotes_stand_around_each_price_by_the_given_spread_and_a_bar_that_traded_nothing_says_nothing() -> None:
    found = bar_events(BOOK, BARS)
    quotes = found.chosen(found.kind == EventKind.QUOTE)
    assert len(quotes) == 8
    assert (quotes.ask_e4 - quotes.price_e4).tolist() == [200] * 8
    tight = bar_events(BOOK, replace(BARS, half_spread_usd=np.zeros(3)))
    assert (tight.ask_e4 - tight.price_e4)[tight.kind == EventKind.QUOTE].tolist() == [100] * 8


def test_a_limit_at_the_low_shares_in_what_traded_there() -> None:
    asks = {1: sent(order("a", limit_e4=98_000, shares=900), order("b", side=Side.SELL, limit_e4=101_000, shares=20))}
    assert fills(run(bar_events(BOOK, BARS), asks)) == [("b", 20, 101_000), ("a", 250, 98_000)]


@pytest.mark.parametrize(
    ("name", "value"),
    [("opens", 11.0), ("lows", np.nan), ("volume_shares", -1), ("half_spread_usd", -0.1), ("end_ns", 0)],
)
def test_a_bar_that_does_not_hold_together_is_refused_with_its_values(name: str, value: float) -> None:
    column = getattr(BARS, name).copy()
    column[1] = value
    with pytest.raises(DataError, match=r"bar 1 of 3 is .* give prices, low <= open"):
        bar_events(BOOK, replace(BARS, **{name: column}))
