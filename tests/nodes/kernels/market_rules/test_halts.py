"""Halts are found as a second implementation finds them, and orders keep still while one is in force."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from nodes.kernels.market_rules.breakers import BreakerState, BreakerTerms, breaker_thresholds_e4, first_breaker_state
from nodes.kernels.market_rules.halts import (
    AtReopening,
    DuringHalt,
    Halt,
    Halted,
    HaltPolicy,
    IndexValue,
    MarketEvent,
    Opening,
    Quote,
    Released,
    Trade,
    detected_halts,
    halt_fault,
    halts_in_force,
    luld_after,
    orders_at_halt,
)
from nodes.kernels.market_rules.luld_state import first_luld_state
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.trading import OrdType, Side, TimeInForce, VenueOrder
from policies.rulebook import shipped_rulebook
from tests.nodes.kernels.market_rules.replays import ERAS, OPENS_NS, S, Setting, Walk, drawn_setting

REPLAYS, EVENTS = 60, 70
PHASES = {
    "pre": "before",
    "open": "trading",
    "limit": "limit-state",
    "pause": "paused",
    "halt": "halted",
    "done": "over",
}
Label = tuple[int, str, int, int | None]


@pytest.mark.parametrize("part", range(2))
def test_halts_and_bands_are_those_of_a_second_implementation(part: int) -> None:
    """EXE-03: recall and precision of 100 % on labelled replays with edge ticks; bands equal after every event."""
    found: Counter[Label] = Counter()
    labels: Counter[Label] = Counter()
    for seed in range(part * REPLAYS, (part + 1) * REPLAYS):
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([61, seed])))
        setting = drawn_setting(rng)
        length_s = int(setting.session.closes_ns - OPENS_NS) // S
        first_s = int(rng.choice([0, 0, 850, length_s // 2, length_s - 1560, length_s - 900]))
        events = Walk(setting, rng, first_s).made(EVENTS)
        until_ns = setting.session.closes_ns + 600 * S
        for halt in detected_halts("X", events, setting.frame, until_ns):
            found[seed, halt.code, halt.started_ns, halt.ended_ns] += 1
        second, state = setting.second, first_luld_state(setting.frame, events[0].at_ns)
        for event in events:
            second.feed(event)
            state = luld_after(state, setting.frame, event)
            assert (state.bands, state.phase.value) == (second.bands(event.at_ns), PHASES[second.mode]), seed
        second.until(until_ns)
        for code, started_ns, ended_ns in second.stops:
            labels[seed, code, started_ns, ended_ns] += 1
    true = sum((found & labels).values())
    assert sum(labels.values()) > REPLAYS
    assert (true / sum(labels.values()), true / sum(found.values())) == (1.0, 1.0)


SETTING = Setting(1, 1_000_000, 100, "2020", is_half_day=False)
START: list[MarketEvent] = [Opening(OPENS_NS, 1_000_000), Quote(OPENS_NS + 60 * S, 949_900, 950_000)]


def breakers() -> tuple[BreakerState, BreakerTerms]:
    terms = shipped_rulebook().on(ERAS["2020"]).breakers
    assert terms is not None
    return first_breaker_state(SETTING.session, breaker_thresholds_e4(29_723_700, terms)), terms


def test_a_pause_begins_fifteen_seconds_after_the_quote_even_without_another_event() -> None:
    """EXE-03: found at the 15th second, not at the next event."""
    halts = detected_halts("X", START, SETTING.frame, OPENS_NS + 80 * S)
    assert halts == (Halt("X", "assay", "LUDP", OPENS_NS + 75 * S, None),)


def test_a_fall_of_the_index_halts_every_share() -> None:
    fallen = IndexValue(OPENS_NS + 253 * S, 27_642_000)
    again = Opening(OPENS_NS + 1153 * S, 900_000)
    halts = detected_halts("X", [Opening(OPENS_NS, 1_000_000), fallen, again], SETTING.frame, again.at_ns, breakers())
    assert halts == (Halt("X", "assay", "MWC1", fallen.at_ns, again.at_ns),)
    assert detected_halts("X", [Opening(OPENS_NS, 1), fallen], SETTING.frame, fallen.at_ns) == ()


def test_without_events_nothing_halts() -> None:
    assert detected_halts("X", [], SETTING.frame, OPENS_NS + S) == ()


def test_regulatory_halts_last_until_their_release() -> None:
    events: list[MarketEvent] = [Halted(OPENS_NS - S, "T1"), Released(OPENS_NS + S), Trade(OPENS_NS + 2 * S, 990_000)]
    assert detected_halts("X", events, SETTING.frame, OPENS_NS + 3 * S) == (
        Halt("X", "assay", "T1", OPENS_NS - S, OPENS_NS + S),
    )


def test_events_out_of_order_are_refused() -> None:
    with pytest.raises(DataError, match="pass events in order"):
        detected_halts("X", [*START, Trade(OPENS_NS, 1)], SETTING.frame, OPENS_NS + 80 * S)


HALT = Halt("X", "exchange", "LUDP", 100, 400)


@pytest.mark.parametrize(("at_ns", "is_halted"), [(99, False), (100, True), (399, True), (400, False)])
def test_a_halt_is_in_force_from_its_start_until_its_end(at_ns: int, *, is_halted: bool) -> None:
    assert (halts_in_force([HALT], at_ns) == (HALT,)) is is_halted
    assert bool(halt_fault([HALT], at_ns, HaltPolicy(DuringHalt.HOLD, AtReopening.AFTER_AUCTION))) is is_halted


def test_a_halt_without_a_known_end_goes_on() -> None:
    halt = Halt("X", "exchange", "T1", 100, None)
    assert halt.is_in_force(10**18)


@pytest.mark.parametrize(
    ("at_reopening", "reopens_ns", "at_ns", "leaves"),
    [
        (AtReopening.AFTER_AUCTION, 300, 350, False),
        (AtReopening.JOIN_AUCTION, 300, 299, False),
        (AtReopening.JOIN_AUCTION, 300, 300, True),
        (AtReopening.JOIN_AUCTION, None, 350, False),
    ],
)
def test_no_order_leaves_during_a_halt_except_into_the_reopening_where_policy_says_so(
    at_reopening: AtReopening, reopens_ns: int | None, at_ns: int, *, leaves: bool
) -> None:
    fault = halt_fault([HALT], at_ns, HaltPolicy(DuringHalt.HOLD, at_reopening), reopens_ns)
    assert (fault == "") is leaves
    assert leaves or fault == "X is halted by exchange since 100 ns (LUDP)"


def order(symbol: str) -> VenueOrder:
    return VenueOrder(
        symbol, symbol, Side.BUY, 100, OrdType.LIMIT, TimeInForce.DAY, 10_000, None, is_post_only=False, expires_ns=None
    )


@pytest.mark.parametrize(("during", "n_cancelled"), [(DuringHalt.HOLD, 0), (DuringHalt.CANCEL, 1)])
def test_open_orders_are_held_or_cancelled_by_policy(during: DuringHalt, n_cancelled: int) -> None:
    orders = (order("X"), order("Y"))
    after = orders_at_halt(orders, "X", HaltPolicy(during, AtReopening.AFTER_AUCTION))
    assert len(after.cancelled) == n_cancelled
    assert order("Y") in after.held
    assert sorted((*after.held, *after.cancelled), key=str) == sorted(orders, key=str)
