"""The triple barrier equals a plain loop on random paths, the book's numbers, and each of its laws by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.kernels.arrays import Array, Index
from nodes.kernels.barriers import (
    ENDED,
    LOWER,
    NEVER,
    OPEN,
    UNKNOWN,
    UPPER,
    VERTICAL,
    Bars,
    Bets,
    Exits,
    barrier_labels,
    meta_labels,
    sign_labels,
    triple_barrier,
)
from nodes.vocabulary.errors import DataError
from tests.nodes.bars import one_block


class Outcome(NamedTuple):
    touch: int
    row: int
    session: int
    value: float
    is_gap: bool = False
    is_ambiguous: bool = False


NOTHING = Outcome(UNKNOWN, -1, -1, float("nan"))


def naive(bars: Bars, bets: Bets, place: int) -> Outcome:
    """How one bet ended, told as the module's docstring tells it."""
    entry_row, vertical, side = int(bets.row[place]), int(bets.vertical[place]), float(bets.side[place])
    entry, barriers = float(bars.close[entry_row]), (float(bets.upper[place]), float(bets.lower[place]))
    if np.isnan([entry, *barriers]).any() or side not in {-1.0, 1.0}:
        return NOTHING
    growth, last, last_row = 1.0, 0.0, entry_row
    for row in range(entry_row + 1, next(int(edge) for edge in bars.segments if edge > entry_row)):
        growth *= bars.ratio[row]
        prices = [float(part[row]) for part in (bars.opening, bars.high, bars.low, bars.close)]
        steps = [(price * growth / entry - 1.0) * side for price in prices]
        if np.isnan(growth):
            return NOTHING
        if np.isnan(bars.close[row]):
            continue
        ended = in_bar(steps, barriers, int(bars.session[row]) - vertical)
        if ended is not None:
            return ended._replace(row=row, session=int(bars.session[row]))
        last, last_row = steps[-1], row
    is_over = vertical <= int(bars.session.max())
    return Outcome(ENDED, last_row, vertical, last) if is_over else NOTHING._replace(touch=OPEN)


def in_bar(steps: list[float], barriers: tuple[float, float], past: int) -> Outcome | None:
    """How a bet ends in a bar of four returns, so many sessions past its vertical barrier; None where it goes on."""
    (upper, lower), opening, within = barriers, steps[0], [step for step in steps if not np.isnan(step)]
    found = None
    if opening > upper or opening < -lower:
        found = Outcome(UPPER if opening > upper else LOWER, 0, 0, opening, is_gap=True)
    elif past > 0:
        found = Outcome(VERTICAL, 0, 0, steps[-1] if np.isnan(opening) else opening)
    elif min(within) < -lower:
        found = Outcome(LOWER, 0, 0, -lower, is_ambiguous=max(within) > upper)
    elif max(within) > upper:
        found = Outcome(UPPER, 0, 0, upper)
    elif past == 0:
        found = Outcome(VERTICAL, 0, 0, steps[-1])
    return found


def outcome(exits: Exits, place: int) -> Outcome:
    return Outcome(
        int(exits.touch[place]),
        int(exits.row[place]),
        int(exits.session[place]),
        float(exits.return_frac[place]),
        bool(exits.is_gap[place]),
        bool(exits.is_ambiguous[place]),
    )


def near(found: Outcome, expected: Outcome) -> bool:
    """Whether two outcomes are one, their returns to 1e-12."""
    values = np.isclose(found.value, expected.value, rtol=0.0, atol=1e-12, equal_nan=True)
    return found._replace(value=0.0) == expected._replace(value=0.0) and bool(values)


@st.composite
def random_case(draw: st.DrawFn) -> tuple[Bars, Bets]:
    """Shares with gaps, splits, halts and missing prices; bets of every kind."""
    draws = np.random.default_rng(draw(st.integers(0, 2**32)))
    sizes = draws.integers(1, 60, draw(st.integers(1, 3)))
    height = int(sizes.sum())
    close = 50.0 * np.exp(np.cumsum(draws.normal(0.0, 0.02, height)))
    opening = close * np.exp(draws.normal(0.0, draws.choice([0.0, 0.02]), height))
    high = np.maximum(opening, close) * np.exp(np.abs(draws.normal(0.0, 0.01, height)))
    low = np.minimum(opening, close) * np.exp(-np.abs(draws.normal(0.0, 0.01, height)))
    missing = draw(st.sampled_from([0.0, 0.05]))
    gapped = [np.where(draws.random(height) < missing, np.nan, part) for part in (opening, high, low, close)]
    ratio = np.where(draws.random(height) < missing, 2.0, 1.0)
    ratio[draws.random(height) < missing / 5] = np.nan
    session = np.concatenate([np.cumsum(draws.choice([1, 1, 1, 4], size)) for size in sizes]).astype(np.int64)
    bars = Bars(
        gapped[0],
        gapped[1],
        gapped[2],
        gapped[3],
        ratio,
        session,
        np.concatenate(([0], np.cumsum(sizes))).astype(np.int64),
    )
    n_bets = 25
    row = draws.integers(0, height, n_bets)
    bets = Bets(
        row,
        draws.choice([0.01, 0.05, np.inf, np.nan], n_bets, p=[0.4, 0.4, 0.15, 0.05]),
        draws.choice([0.01, 0.05, np.inf], n_bets),
        np.where(draws.random(n_bets) < 0.2, NEVER, session[row] + draws.integers(1, 12, n_bets)),
        draws.choice([1.0, -1.0, 0.0], n_bets, p=[0.5, 0.45, 0.05]),
    )
    return bars, bets


@settings(max_examples=40)
@given(random_case())
def test_vectorised_outcomes_equal_those_of_a_plain_loop(case: tuple[Bars, Bets]) -> None:
    """LBL-01: vectorised = naive loop on random paths; gaps handled."""
    bars, bets = case
    exits = triple_barrier(bars, bets)
    for place in range(len(bets.row)):
        ours, theirs = outcome(exits, place), naive(bars, bets, place)
        assert ours._replace(value=0.0) == theirs._replace(value=0.0), place
        assert ours.value == theirs.value or (np.isnan(ours.value) and np.isnan(theirs.value)), place


@settings(max_examples=40)
@given(random_case())
def test_an_outcome_does_not_depend_on_what_comes_after_it(case: tuple[Bars, Bets]) -> None:
    """What is labelled is what had happened by the label's session: later bars change nothing."""
    bars, bets = case
    whole = triple_barrier(bars, bets)
    for place in np.flatnonzero((whole.touch != OPEN) & (whole.touch != UNKNOWN) & (whole.touch != ENDED)).tolist():
        later = bars.session > whole.session[place]
        cut = {name: np.where(later, 1e9, getattr(bars, name)) for name in ("opening", "high", "low", "close")}
        again = triple_barrier(replace(bars, **cut), _only(bets, place))
        assert outcome(again, 0) == outcome(whole, place)


def test_many_bets_are_followed_in_batches_as_one_by_one() -> None:
    draws = np.random.default_rng(5)
    bars = _closes(100.0 * np.exp(np.cumsum(draws.normal(0.0, 0.02, 20_000))))
    row = np.arange(19_000, dtype=np.int64)
    bets = Bets(row, np.full(19_000, 0.03), np.full(19_000, 0.02), row + 15, np.ones(19_000))
    exits = triple_barrier(bars, bets)

    assert all(outcome(exits, place) == naive(bars, bets, place) for place in (0, 8191, 8192, 16_383, 16_384, 18_999))


def _only(bets: Bets, place: int) -> Bets:
    return Bets(*(getattr(bets, name)[[place]] for name in ("row", "upper", "lower", "vertical", "side")))


def _closes(close: Array, session: Index | None = None) -> Bars:
    """Bars of one share of which only closes are known."""
    at = np.arange(len(close), dtype=np.int64) if session is None else session
    return Bars(close, close, close, close, np.ones(len(close)), at, one_block(close))


def _bar(opening: float, high: float, low: float, close: float) -> Bars:
    """A first bar at 100, then the one that is given, then one at 100."""
    opens, highs, lows, closes = (np.array([100.0, price, 100.0]) for price in (opening, high, low, close))
    return Bars(opens, highs, lows, closes, np.ones(3), np.arange(3), np.array([0, 3]))


def _bet(upper: float = 0.02, lower: float = 0.02, vertical: int = 2, side: float = 1.0) -> Bets:
    return Bets(np.array([0]), np.array([upper]), np.array([lower]), np.array([vertical]), np.array([side]))


@pytest.mark.parametrize(
    ("bar", "side", "expected"),
    [
        ((105.0, 106.0, 104.0, 105.0), 1.0, (UPPER, 0.05, True, False)),
        ((95.0, 99.0, 94.0, 98.0), 1.0, (LOWER, -0.05, True, False)),
        ((100.0, 103.0, 97.0, 102.5), 1.0, (LOWER, -0.02, False, True)),
        ((100.0, 103.0, 99.0, 102.5), 1.0, (UPPER, 0.02, False, False)),
        ((100.0, 101.0, 97.0, 100.5), 1.0, (LOWER, -0.02, False, False)),
        ((100.0, 103.0, 99.0, 102.5), -1.0, (LOWER, -0.02, False, False)),
        ((95.0, 99.0, 94.0, 98.0), -1.0, (UPPER, 0.05, True, False)),
        ((100.0, 103.0, 97.0, 102.5), -1.0, (LOWER, -0.02, False, True)),
        ((105.0, 106.0, 94.0, 95.0), 1.0, (UPPER, 0.05, True, False)),
    ],
    ids=[
        "gap up",
        "gap down",
        "both within",
        "high",
        "low",
        "short, high",
        "short, gap down",
        "short, both",
        "gap, low",
    ],
)
def test_a_bar_ends_a_bet_as_the_laws_say(
    bar: tuple[float, ...], side: float, expected: tuple[int, float, bool, bool]
) -> None:
    found = outcome(triple_barrier(_bar(*bar), _bet(side=side)), 0)
    assert (found.touch, found.is_gap, found.is_ambiguous) == (expected[0], *expected[2:])
    assert found.value == pytest.approx(expected[1], abs=1e-12)
    assert (found.row, found.session) == (1, 1)


def test_barriers_need_not_be_symmetric() -> None:
    bars = _closes(np.array([100.0, 97.0, 94.0, 103.0]))
    assert outcome(triple_barrier(bars, _bet(upper=0.02, lower=0.10, vertical=3)), 0).row == 3
    assert outcome(triple_barrier(bars, _bet(upper=0.10, lower=0.02, vertical=3)), 0).row == 1


def test_without_price_barriers_the_bet_ends_at_the_close_of_the_vertical_session() -> None:
    found = triple_barrier(_closes(np.array([100.0, 50.0, 110.0])), _bet(np.inf, np.inf))
    assert near(outcome(found, 0), Outcome(VERTICAL, 2, 2, 0.1))


def test_a_halt_over_the_vertical_session_ends_the_bet_at_the_next_open() -> None:
    session = np.array([0, 1, 5])
    bars = replace(_closes(np.array([100.0, 100.0, 104.0]), session), opening=np.array([100.0, 100.0, 101.0]))
    assert near(outcome(triple_barrier(bars, _bet(vertical=3)), 0), Outcome(VERTICAL, 2, 5, 0.01))
    gapped = replace(bars, opening=np.array([100.0, 100.0, 90.0]))
    assert near(outcome(triple_barrier(gapped, _bet(vertical=3)), 0), Outcome(LOWER, 2, 5, -0.1, is_gap=True))


def test_a_share_that_never_trades_again_ended_at_its_last_close_once_the_time_was_up() -> None:
    """Two shares: the first has bars to session 1, the panel goes on to session 4."""
    close = np.array([100.0, 99.0, 50.0, 50.0, 50.0, 50.0, 50.0])
    session, segments = np.array([0, 1, 0, 1, 2, 3, 4]), np.array([0, 2, 7])
    bars = replace(_closes(close, session), segments=segments)

    assert near(outcome(triple_barrier(bars, _bet(vertical=3)), 0), Outcome(ENDED, 1, 3, -0.01))
    assert near(outcome(triple_barrier(bars, _bet(vertical=9)), 0), Outcome(OPEN, -1, -1, float("nan")))
    assert barrier_labels(triple_barrier(bars, _bet(vertical=3))).tolist() == [0.0]


def test_a_split_on_the_way_moves_no_barrier() -> None:
    plain = _closes(np.array([100.0, 101.0, 99.5, 100.5]))
    halved = replace(_closes(np.array([100.0, 101.0, 49.75, 50.25])), ratio=np.array([1.0, 1.0, 2.0, 1.0]))
    one, other = (outcome(triple_barrier(bars, _bet(vertical=3)), 0) for bars in (plain, halved))
    assert one == other
    assert near(one, Outcome(VERTICAL, 3, 3, 0.005))


def test_a_missing_ratio_entry_or_side_leaves_the_outcome_unknown() -> None:
    bars = _closes(np.array([100.0, 101.0, 102.0, 103.0]))
    broken = replace(bars, ratio=np.array([1.0, np.nan, 1.0, 1.0]))
    no_entry = replace(bars, close=np.array([np.nan, 101.0, 102.0, 103.0]))
    found = [triple_barrier(broken, _bet()), triple_barrier(no_entry, _bet()), triple_barrier(bars, _bet(side=0.0))]

    assert [int(item.touch[0]) for item in found] == [UNKNOWN] * 3
    assert np.isnan([barrier_labels(found[0])[0], sign_labels(found[1])[0], meta_labels(found[2])[0]]).all()


def test_a_price_at_the_barrier_is_not_beyond_it() -> None:
    bars = _closes(np.array([128.0, 160.0, 160.0]))
    assert outcome(triple_barrier(bars, _bet(upper=0.25)), 0).touch == VERTICAL
    assert outcome(triple_barrier(bars, _bet(upper=0.2499)), 0).touch == UPPER


def test_labels_of_one_outcome_differ_by_the_question_asked() -> None:
    bars = _closes(np.array([100.0, 100.5, 101.0, 90.0]))
    bets = Bets(
        np.array([0, 0, 2]), np.full(3, 0.02), np.full(3, 0.02), np.array([2, 2, 3]), np.array([1.0, -1.0, -1.0])
    )
    exits = triple_barrier(bars, bets)

    assert barrier_labels(exits).tolist() == [0.0, 0.0, 1.0]
    assert sign_labels(exits).tolist() == [1.0, -1.0, 1.0]
    assert meta_labels(exits).tolist() == [1.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"row": np.array([7])}, "a bet is entered on row 7 of 3"),
        ({"upper": np.array([0.0])}, r"bet 0 has the barriers 0\.0 and 0\.02"),
        ({"lower": np.array([-0.1])}, r"bet 0 has the barriers 0\.02 and -0\.1"),
    ],
)
def test_bets_that_cannot_be_are_refused(change: dict[str, Any], match: str) -> None:
    bets = Bets(**{name: change.get(name, getattr(_bet(), name)) for name in vars(_bet())})
    with pytest.raises(DataError, match=match):
        triple_barrier(_closes(np.array([100.0, 101.0, 102.0])), bets)


def test_columns_of_uneven_length_are_refused() -> None:
    bars = replace(_closes(np.array([100.0, 101.0])), high=np.array([100.0]))
    with pytest.raises(DataError, match=r"bars of 2 rows have {'high': 1}; give every column"):
        triple_barrier(bars, _bet())
