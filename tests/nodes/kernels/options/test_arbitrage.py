"""Quotes that offer something for nothing are found, one relation at a time; sound and missing ones are left alone."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from nodes.kernels.options.arbitrage import ArbitrageFlags, arbitrage_flags
from tests.nodes.kernels.options.chains import contracts, quotes, row, underlying

FLAGS = [field.name for field in dataclasses.fields(ArbitrageFlags)]


def flags_with(changes: dict[int, tuple[float | None, float | None]]) -> ArbitrageFlags:
    """Flags of the sound chain with some contracts quoted otherwise."""
    chain = contracts()
    sound = quotes(chain)
    for place, (bid, ask) in changes.items():
        sound.bid_usd[place] = sound.bid_usd[place] if bid is None else bid
        sound.ask_usd[place] = sound.ask_usd[place] if ask is None else ask
    return arbitrage_flags(sound, underlying(chain))


def call(days: int, strike: float) -> int:
    return row(contracts(), days, strike, is_call=True)


def put(days: int, strike: float) -> int:
    return row(contracts(), days, strike, is_call=False)


def test_sound_quotes_raise_no_flag() -> None:
    """SVC-MKT-03."""
    assert not flags_with({}).any.any()


@pytest.mark.parametrize(
    ("name", "place", "bid", "ask"),
    [
        ("crossed", call(91, 100.0), 9.0, 5.0),
        ("below_exercise", call(91, 80.0), 19.0, 19.9),
        ("below_exercise", put(91, 120.0), 19.0, 19.4),
        ("above_most", call(91, 80.0), 100.5, 101.0),
        ("above_most", put(91, 80.0), 80.5, 81.0),
        ("vertical", call(91, 105.0), 5.4, 5.45),
        ("vertical", put(91, 95.0), 6.5, 6.6),
        ("vertical", call(91, 90.0), 15.6, 16.0),
        ("butterfly", call(91, 100.0), 5.9, 6.0),
        ("calendar", call(91, 100.0), None, 2.5),
        ("parity", put(91, 100.0), 3.0, 3.1),
    ],
)
def test_a_quote_that_offers_something_for_nothing_is_flagged(
    name: str, place: int, bid: float | None, ask: float | None
) -> None:
    """SVC-MKT-03: each relation by a quote that breaks it."""
    assert getattr(flags_with({place: (bid, ask)}), name)[place]


def test_both_legs_of_a_vertical_and_of_a_calendar_are_flagged() -> None:
    """Nobody can say from two prices which of them is wrong."""
    assert flags_with({call(91, 105.0): (5.4, 5.45)}).vertical[[call(91, 100.0), call(91, 105.0)]].all()
    assert flags_with({call(91, 100.0): (None, 2.5)}).calendar[[call(30, 100.0), call(91, 100.0)]].all()


def test_a_vertical_is_found_across_strikes_whose_sides_are_missing() -> None:
    """The strikes between two offending ones need not be quoted."""
    between = {call(91, strike): (np.nan, np.nan) for strike in (95.0, 100.0, 105.0)}
    dear = quotes(contracts()).ask_usd[call(91, 90.0)] + 0.1
    assert flags_with({**between, call(91, 110.0): (dear, dear + 0.1)}).vertical[call(91, 110.0)]


@pytest.mark.parametrize("name", FLAGS)
def test_a_missing_side_raises_no_flag(name: str) -> None:
    """Missing is never zero: an ask of nothing would be free money."""
    chain = contracts()
    sound = quotes(chain)
    sound.ask_usd[::2] = np.nan
    sound.bid_usd[1::3] = np.nan
    assert not getattr(arbitrage_flags(sound, underlying(chain)), name).any()


def test_without_a_spot_nothing_is_said_that_needs_it() -> None:
    """What the forward alone tells is still asked."""
    chain = contracts()
    sound, base = quotes(chain), underlying(chain)
    blind = dataclasses.replace(base, spot_usd=np.full(len(base.spot_usd), np.nan))
    assert not arbitrage_flags(sound, blind).any.any()
    sound.bid_usd[call(91, 80.0)], sound.ask_usd[call(91, 80.0)] = 19.0, 19.5
    assert arbitrage_flags(sound, blind).below_exercise[call(91, 80.0)]


def test_quotes_all_missing_or_absent_raise_no_flag() -> None:
    chain = contracts()
    none = quotes(chain)
    none.ask_usd[:] = none.bid_usd[:] = np.nan
    assert not arbitrage_flags(none, underlying(chain)).any.any()
    empty = contracts(days=())
    assert len(arbitrage_flags(quotes(empty), underlying(empty)).any) == 0


def test_the_order_of_the_quotes_does_not_matter() -> None:
    chain = contracts()
    found = flags_with({call(91, 100.0): (5.61, 5.7), put(30, 95.0): (3.0, 3.1)})
    sound = quotes(chain)
    for place, (bid, ask) in {call(91, 100.0): (5.61, 5.7), put(30, 95.0): (3.0, 3.1)}.items():
        sound.bid_usd[place], sound.ask_usd[place] = bid, ask
    order = np.random.default_rng(0).permutation(len(sound.strike_usd))
    mixed = dataclasses.replace(
        sound, **{item.name: getattr(sound, item.name)[order] for item in dataclasses.fields(sound)}
    )
    base = underlying(chain)
    shuffled = dataclasses.replace(
        base, **{item.name: getattr(base, item.name)[order] for item in dataclasses.fields(base)}
    )
    for name in FLAGS:
        assert getattr(arbitrage_flags(mixed, shuffled), name).tolist() == getattr(found, name)[order].tolist()
