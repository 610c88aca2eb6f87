"""The limit up-limit down machine, step by step, with hand-made labels; `test_halts` holds it against a second one."""

from __future__ import annotations

import pytest

from nodes.kernels.market_rules.auctions import Pressure
from nodes.kernels.market_rules.luld import (
    luld_after_declared_pause,
    luld_after_halt,
    luld_after_opening,
    luld_after_quote,
    luld_after_release,
    luld_after_trade,
    luld_at,
)
from nodes.kernels.market_rules.luld_state import LuldFrame, LuldState, Phase, Stop, first_luld_state
from nodes.vocabulary.errors import DataError
from tests.nodes.kernels.market_rules.replays import OPENS_NS, S, Setting

DOLLARS = 10_000


def frame(era: str = "2020", *, half: bool = False, tier: int = 1) -> LuldFrame:
    return Setting(tier, 100 * DOLLARS, 100, era, half).frame


FRAME = frame()
CLOSES_NS = FRAME.session.closes_ns


def ns(after_open_s: float) -> int:
    return OPENS_NS + round(after_open_s * S)


def opened(at_s: float = 0, price_usd: int = 100, within: LuldFrame = FRAME) -> LuldState:
    state = first_luld_state(within, OPENS_NS - S)
    return luld_after_opening(state, within, ns(at_s), price_usd * DOLLARS)


def limited(at_s: float = 60) -> LuldState:
    return luld_after_quote(opened(), FRAME, ns(at_s), 94 * DOLLARS, 95 * DOLLARS)


def paused(at_s: float = 60) -> LuldState:
    return luld_at(limited(at_s), FRAME, ns(at_s + 15))


def test_an_opening_price_is_the_first_reference() -> None:
    assert opened().bands == (95 * DOLLARS, 105 * DOLLARS)
    assert opened(299.999).bands == (95 * DOLLARS, 105 * DOLLARS)


def test_trades_before_the_opening_price_do_not_count_after_it() -> None:
    early = luld_after_trade(first_luld_state(FRAME, OPENS_NS), FRAME, ns(1), 90 * DOLLARS)
    state = luld_after_opening(early, FRAME, ns(2), 100 * DOLLARS)
    assert (early.bands, state.window.mean) == (None, (100 * DOLLARS, 1))


def test_without_an_opening_price_the_mean_of_five_minutes_is_the_first_reference() -> None:
    state = luld_after_trade(first_luld_state(FRAME, OPENS_NS), FRAME, ns(1), 90 * DOLLARS)
    state = luld_after_trade(state, FRAME, ns(2), 110 * DOLLARS)
    assert luld_at(state, FRAME, ns(300) - 1).bands is None
    assert luld_at(state, FRAME, ns(300)).reference == (200 * DOLLARS, 2)


def test_without_any_trade_for_five_minutes_the_next_one_is_the_first_reference() -> None:
    state = luld_after_trade(first_luld_state(FRAME, OPENS_NS), FRAME, ns(400), 90 * DOLLARS)
    assert state.reference == (90 * DOLLARS, 1)


@pytest.mark.parametrize(("era", "reference_usd"), [("2013", 98), ("2016", 100), ("2020", 100)])
def test_an_opening_on_quotes_takes_the_middle_and_since_2016_the_last_close(era: str, reference_usd: int) -> None:
    within = frame(era)
    state = luld_after_quote(first_luld_state(within, OPENS_NS), within, ns(1), 97 * DOLLARS, 99 * DOLLARS)
    state = luld_after_opening(state, within, ns(2), None)
    assert state.reference is not None
    assert state.reference.sum_e4 / state.reference.n_prices == reference_usd * DOLLARS


def test_the_mean_replaces_the_reference_from_one_per_cent_and_thirty_seconds_on() -> None:
    state = luld_after_trade(opened(), FRAME, ns(10), 102 * DOLLARS)  # mean 101: exactly one per cent
    assert luld_at(state, FRAME, ns(30) - 1).reference == (100 * DOLLARS, 1)
    assert luld_at(state, FRAME, ns(30)).reference == (202 * DOLLARS, 2)
    near = luld_after_trade(opened(), FRAME, ns(10), 102 * DOLLARS - 1)
    assert luld_at(near, FRAME, ns(299)).reference == (100 * DOLLARS, 1)


def test_a_trade_leaves_the_mean_exactly_five_minutes_later() -> None:
    state = luld_after_trade(opened(), FRAME, ns(10), 101 * DOLLARS)  # mean 100.5
    assert luld_at(state, FRAME, ns(300) - 1).reference == (100 * DOLLARS, 1)
    assert luld_at(state, FRAME, ns(300)).reference == (101 * DOLLARS, 1)
    assert luld_at(state, FRAME, ns(3000)).reference == (101 * DOLLARS, 1), "without trades a reference stays"


@pytest.mark.parametrize(
    ("bid", "ask", "hit"),
    [
        (94.0, 95.0, Pressure.SELL),
        (None, 95.0, Pressure.SELL),
        (95.0, 95.0, Pressure.SELL),  # locked is not crossed
        (95.01, 95.0, Pressure.NONE),
        (94.0, 95.01, Pressure.NONE),
        (94.0, 94.99, Pressure.NONE),  # not executable
        (105.0, 106.0, Pressure.BUY),
        (105.0, None, Pressure.BUY),
        (104.99, 106.0, Pressure.NONE),
        (105.0, 104.99, Pressure.NONE),
    ],
)
def test_a_quote_on_a_band_that_does_not_cross_enters_the_limit_state(
    bid: float | None, ask: float | None, hit: Pressure
) -> None:
    bid_e4, ask_e4 = (None if each is None else round(each * DOLLARS) for each in (bid, ask))
    state = luld_after_quote(opened(), FRAME, ns(60), bid_e4, ask_e4)
    assert (state.hit, state.phase is Phase.LIMIT) == (hit, hit is not Pressure.NONE)


def test_a_new_band_may_meet_a_quote_that_stands() -> None:
    state = luld_after_quote(opened(), FRAME, ns(5), 90 * DOLLARS, round(95.95 * DOLLARS))
    state = luld_after_trade(state, FRAME, ns(10), 102 * DOLLARS)
    assert luld_at(state, FRAME, ns(29)).phase is Phase.TRADING
    assert luld_at(state, FRAME, ns(30)).phase is Phase.LIMIT


@pytest.mark.parametrize(("length_ns", "is_paused"), [(15 * S - 1, False), (15 * S, True), (15 * S + 1, True)])
def test_a_limit_state_of_fifteen_seconds_is_a_pause(length_ns: int, *, is_paused: bool) -> None:
    state = luld_after_quote(limited(), FRAME, ns(60) + length_ns, 94 * DOLLARS, 96 * DOLLARS)
    assert (state.phase is Phase.PAUSED) is is_paused
    assert state.stops == ((Stop("LUDP", ns(75), None, Pressure.SELL, FRAME_BANDS),) if is_paused else ())


FRAME_BANDS = opened().bands


def test_references_rest_in_a_limit_state_and_follow_at_once_when_it_ends() -> None:
    state = luld_after_trade(limited(), FRAME, ns(61), 95 * DOLLARS)
    state = luld_after_trade(state, FRAME, ns(62), 95 * DOLLARS)
    assert luld_at(state, FRAME, ns(70)).reference == (100 * DOLLARS, 1)
    left = luld_after_quote(state, FRAME, ns(70), 95 * DOLLARS, 96 * DOLLARS)
    assert (left.reference, left.reference_ns) == ((290 * DOLLARS, 3), ns(70))


def test_a_trade_that_is_five_minutes_old_when_a_limit_state_ends_does_not_count() -> None:
    state = luld_after_trade(opened(), FRAME, ns(100), 100 * DOLLARS)
    state = luld_after_quote(state, FRAME, ns(290), 94 * DOLLARS, 95 * DOLLARS)
    left = luld_after_quote(state, FRAME, ns(300), 94 * DOLLARS, 96 * DOLLARS)
    assert left.reference == (100 * DOLLARS, 1)
    assert left.window.oldest_ns == ns(100)


def test_a_limit_state_without_trades_leaves_the_reference() -> None:
    state = luld_after_quote(opened(), FRAME, ns(400), 94 * DOLLARS, 95 * DOLLARS)
    left = luld_after_quote(state, FRAME, ns(410), 94 * DOLLARS, 96 * DOLLARS)
    assert (left.reference, left.phase) == ((100 * DOLLARS, 1), Phase.TRADING)


def test_a_reopening_after_five_minutes_starts_anew() -> None:
    state = luld_after_opening(paused(), FRAME, ns(375), 90 * DOLLARS)
    assert (state.phase, state.bands) == (Phase.TRADING, (round(85.5 * DOLLARS), round(94.5 * DOLLARS)))
    assert state.stops[0].ended_ns == ns(375)


def test_a_reopening_on_quotes_takes_their_middle_or_the_last_reference() -> None:
    quoted = luld_after_quote(paused(), FRAME, ns(200), 89 * DOLLARS, 91 * DOLLARS)
    assert luld_after_opening(quoted, FRAME, ns(375), None).reference == (180 * DOLLARS, 2)
    one_sided = luld_after_quote(paused(), FRAME, ns(200), None, 91 * DOLLARS)
    assert luld_after_opening(one_sided, FRAME, ns(375), None).reference == (100 * DOLLARS, 1)


@pytest.mark.parametrize("at_ns", [ns(375) - 1, CLOSES_NS - 600 * S, CLOSES_NS - 1])
def test_a_reopening_that_cannot_be_is_refused(at_ns: int) -> None:
    with pytest.raises(DataError, match="correct the feed"):
        luld_after_opening(paused(), FRAME, at_ns, 90 * DOLLARS)


def test_a_pause_that_reaches_the_last_ten_minutes_ends_with_the_close() -> None:
    late_s = (CLOSES_NS - OPENS_NS) / S - 800
    state = luld_after_quote(opened(), FRAME, ns(late_s), 89 * DOLLARS, 90 * DOLLARS)
    assert luld_at(state, FRAME, CLOSES_NS).phase is Phase.PAUSED
    closed = luld_after_opening(state, FRAME, CLOSES_NS + S, 90 * DOLLARS)
    assert (closed.phase, closed.stops[0].ended_ns) == (Phase.OVER, CLOSES_NS + S)
    assert luld_at(state, FRAME, CLOSES_NS + 300 * S).phase is Phase.OVER


def test_a_limit_state_that_reaches_the_close_is_no_pause() -> None:
    last_s = (CLOSES_NS - OPENS_NS) / S - 15
    doubled = luld_after_quote(opened(), FRAME, ns(last_s), 89 * DOLLARS, 90 * DOLLARS)
    assert (doubled.phase, luld_at(doubled, FRAME, CLOSES_NS).stops) == (Phase.LIMIT, ())


def test_until_2017_a_pause_ended_after_ten_minutes_by_itself() -> None:
    old = frame("2016")
    state = luld_after_quote(opened(0, 100, old), old, ns(60), 89 * DOLLARS, 90 * DOLLARS)
    state = luld_after_quote(state, old, ns(100), 98 * DOLLARS, 99 * DOLLARS)
    assert luld_at(state, old, ns(675) - 1).phase is Phase.PAUSED
    state = luld_at(state, old, ns(675))
    assert (state.phase, state.reference) == (Phase.TRADING, (100 * DOLLARS, 1))
    assert luld_at(paused(), FRAME, ns(7000)).phase is Phase.PAUSED


def test_a_halt_ends_a_pause_and_may_end_at_any_time() -> None:
    state = luld_after_halt(paused(), FRAME, ns(80), "MWC1")
    state = luld_after_opening(state, FRAME, ns(90), 90 * DOLLARS)
    assert [(stop.code, stop.ended_ns) for stop in state.stops] == [("LUDP", ns(80)), ("MWC1", ns(90))]


def test_a_released_share_waits_five_minutes_for_its_opening() -> None:
    state = luld_after_release(luld_after_halt(opened(), FRAME, ns(80), "T1"), FRAME, ns(100))
    state = luld_after_trade(state, FRAME, ns(101), 80 * DOLLARS)
    assert state.bands is None
    assert luld_after_opening(state, FRAME, ns(399), 82 * DOLLARS).reference == (82 * DOLLARS, 1)
    assert luld_at(state, FRAME, ns(400)).reference == (80 * DOLLARS, 1)


def test_an_exchange_pauses_only_a_straddled_share() -> None:
    straddled = luld_after_quote(opened(), FRAME, ns(60), 94 * DOLLARS, 101 * DOLLARS)
    assert luld_after_declared_pause(straddled, FRAME, ns(61)).stops[0].code == "LUDS"
    with pytest.raises(DataError, match="expected a straddle state"):
        luld_after_declared_pause(opened(), FRAME, ns(61))


def test_bands_are_doubled_in_the_last_25_minutes_of_a_half_day() -> None:
    half = frame(half=True)
    state = luld_at(opened(0, 100, half), half, half.session.closes_ns - 1500 * S)
    assert state.bands == (90 * DOLLARS, 110 * DOLLARS)


@pytest.mark.parametrize("price_e4", [0, -1])
def test_a_price_of_nothing_is_refused(price_e4: int) -> None:
    with pytest.raises(DataError, match="expected a positive number"):
        luld_after_trade(opened(), FRAME, ns(1), price_e4)
    with pytest.raises(DataError, match="expected a positive number"):
        luld_after_quote(opened(), FRAME, ns(1), price_e4, None)


def test_an_event_out_of_order_is_refused() -> None:
    with pytest.raises(DataError, match="pass events in order"):
        luld_after_trade(opened(10), FRAME, ns(9), 100 * DOLLARS)


def test_a_state_is_not_changed_by_what_follows_it() -> None:
    start = opened()
    one = luld_after_trade(start, FRAME, ns(10), 110 * DOLLARS)
    two = luld_after_trade(start, FRAME, ns(10), 90 * DOLLARS)
    assert (start.window.mean, one.window.mean, two.window.mean) == (
        (100 * DOLLARS, 1),
        (210 * DOLLARS, 2),
        (190 * DOLLARS, 2),
    )
