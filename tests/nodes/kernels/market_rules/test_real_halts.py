"""The real halts of 2020, for what they cover: when pauses began and ended, by the second, and the four market halts.

There are no quotes of 2020, so that the quotes of these replays are made up: one on the band 15 seconds before each
real pause. That every one of the real pauses and none besides comes out of the machine shows that nothing in their
sequence contradicts it: pauses one after the other, in the first minute, into the close, on half days.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import lru_cache
from itertools import groupby, pairwise
from pathlib import Path

import polars as pl
import pytest

from adapters.lake.session_times import session_times
from nodes.kernels.market_rules.breakers import (
    breaker_state_after_index,
    breaker_thresholds_e4,
    first_breaker_state,
)
from nodes.kernels.market_rules.halts import Halted, Opening, Quote, ShareEvent, luld_after
from nodes.kernels.market_rules.luld import earliest_reopening_ns, luld_at
from nodes.kernels.market_rules.luld_state import LuldFrame, LuldState, first_luld_state
from nodes.kernels.market_rules.price_bands import BandedShare
from nodes.kernels.market_rules.sessions import SessionTimes
from policies.rulebook import shipped_rulebook

pytestmark = pytest.mark.shared_data
S = 10**9
SHARE = BandedShare(1, 1_000_000, 100)
MARKET_HALTS_S = {
    date(2020, 3, 9): 253,
    date(2020, 3, 12): 344,
    date(2020, 3, 16): 1,
    date(2020, 3, 18): 12_377,
}
"""Seconds from the opening to each market halt of 2020: 9:34:13, 9:35:44, 9:30:01 and 12:56:17, as published."""
Pause = tuple[str, date, int, int]


@lru_cache(maxsize=1)
def pauses(data: Path) -> tuple[Pause, ...]:
    """Symbol, day, beginning and end of every published pause that ended, in order."""
    table = pl.read_parquet(data / "d1_trading_halts_2020.parquet")
    kept = table.filter((pl.col("reason_code") == "LUDP") & (pl.col("resume_trade_time") != ""))
    rows = kept.select(
        pl.col("symbol"),
        pl.col("halt_date").str.to_date(),
        since=_instant("halt_date", "halt_time"),
        until=_instant("resume_date", "resume_trade_time"),
    )
    return tuple(rows.unique().sort("symbol", "since").iter_rows())


def _instant(day: str, time: str) -> pl.Expr:
    local = (pl.col(day) + " " + pl.col(time)).str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="ns")
    return local.dt.replace_time_zone("America/New_York").dt.convert_time_zone("UTC").cast(pl.Int64)


@lru_cache(maxsize=512)
def frame(day: date) -> LuldFrame:
    terms = shipped_rulebook().on(day).luld
    assert terms is not None
    return LuldFrame(SHARE, session_times([day])[day], terms)


def test_no_pause_of_2020_began_or_ended_when_none_can(shared_data: Path) -> None:
    """EXE-03: from 15 s after the opening, before the close; five minutes at least, none ends in the last ten."""
    found = pauses(shared_data)
    assert len(found) > 14_000
    for symbol, day, since_ns, until_ns in found:
        within = frame(day)
        first_ns = within.session.opens_ns + (within.terms.limit_ns if day >= date(2020, 2, 24) else 0)
        assert first_ns <= since_ns < within.session.closes_ns, (symbol, day)
        assert until_ns >= earliest_reopening_ns(since_ns, within.session, within.terms), (symbol, day)


def replayed(real: list[Pause], within: LuldFrame) -> LuldState:
    """One share's day: its real pauses, with made-up quotes on the band before each."""
    session = within.session
    state = first_luld_state(within, session.opens_ns)
    state = luld_after(state, within, Opening(session.opens_ns, SHARE.prior_close_e4))
    for _, _, since_ns, until_ns in real:
        start_ns = max(since_ns - within.terms.limit_ns, state.now_ns)
        state = luld_at(state, within, start_ns)
        assert state.bands is not None
        state = luld_after(state, within, Quote(start_ns, None, state.bands.lower_e4))
        state = luld_at(state, within, since_ns)
        events: list[ShareEvent] = [Quote(since_ns, 999_900, 1_000_100), Opening(until_ns, SHARE.prior_close_e4)]
        for event in events:
            state = luld_after(state, within, event)
    return luld_at(state, within, max(state.now_ns, session.closes_ns + 600 * S))


def test_replays_of_the_real_pauses_find_each_of_them_and_none_besides(shared_data: Path) -> None:
    """EXE-03: recall and precision against the real pauses, where one does not follow another within 15 seconds."""
    labels: Counter[Pause] = Counter()
    found: Counter[Pause] = Counter()
    n_close = 0
    for (symbol, day), rows in groupby(pauses(shared_data), key=lambda row: row[:2]):
        real = list(rows)
        within = frame(day)
        apart = [real[0]] + [after for before, after in pairwise(real) if after[2] - before[3] >= within.terms.limit_ns]
        n_close += len(real) - len(apart)
        if len(apart) < len(real) or any(row[3] > session_end_ns(within.session) for row in apart):
            continue
        labels.update(apart)
        state = replayed(apart, within)
        found.update((symbol, day, stop.started_ns, stop.ended_ns or 0) for stop in state.stops)
    assert n_close < 10
    assert sum(labels.values()) > 12_000
    assert sum((labels & found).values()) == sum(labels.values()) == sum(found.values())


def session_end_ns(session: SessionTimes) -> int:
    """The last instant at which a closing transaction ends a pause."""
    return session.closes_ns + 300 * S


def test_only_the_four_days_of_2020_reach_a_level(shared_data: Path) -> None:
    """SPY for the index, by its daily low: a proxy, good enough to tell falls of 7 % from others."""
    bars = (
        pl.read_parquet(shared_data / "a1_daily_raw_lean.parquet").filter(pl.col("file_symbol") == "SPY").sort("date")
    )
    rows = bars.with_columns(pl.col("date").cast(pl.Date), prior=pl.col("close").shift(1))
    reached = {}
    for day, low, prior in rows.filter(pl.col("date").dt.year() == 2020).select("date", "low", "prior").iter_rows():
        terms = shipped_rulebook().on(day).breakers
        assert terms is not None
        session = session_times([day])[day]
        start = first_breaker_state(session, breaker_thresholds_e4(round(prior * 1e4), terms))
        state = breaker_state_after_index(start, session.opens_ns + 60 * S, round(low * 1e4), terms)
        if state.halts:
            reached[day] = [halt.level for halt in state.halts]
    assert reached == {day: [1] for day in MARKET_HALTS_S}


@pytest.mark.parametrize(("day", "after_open_s"), MARKET_HALTS_S.items())
def test_no_pause_began_during_a_market_halt(shared_data: Path, day: date, after_open_s: int) -> None:
    terms = shipped_rulebook().on(day).breakers
    assert terms is not None
    since_ns = frame(day).session.opens_ns + after_open_s * S
    until_ns = since_ns + terms.levels[0].lengths[0].halt_ns
    of_day = [row for row in pauses(shared_data) if row[1] == day]
    assert len(of_day) > 200
    assert not [row for row in of_day if since_ns < row[2] < until_ns]


def test_a_pause_that_a_market_halt_overtakes_ends_with_the_market_halt(shared_data: Path) -> None:
    """2020-03-09: paused from 9:30:15 on, the market halted at 9:34:13, reopened at 9:49:13 and not at 9:35:15."""
    day = date(2020, 3, 9)
    within = frame(day)
    opens_ns = within.session.opens_ns
    halted_ns, ends_ns = opens_ns + 253 * S, opens_ns + 1153 * S
    real = next(row for row in pauses(shared_data) if row[1:] == (day, opens_ns + 15 * S, ends_ns))
    state = luld_after(first_luld_state(within, opens_ns), within, Opening(opens_ns, 1_000_000))
    for event in (Quote(opens_ns, None, 950_000), Halted(halted_ns, "MWC1"), Opening(real[3], 900_000)):
        state = luld_after(state, within, event)
    assert [(stop.code, stop.started_ns, stop.ended_ns) for stop in state.stops] == [
        ("LUDP", real[2], halted_ns),
        ("MWC1", halted_ns, ends_ns),
    ]
