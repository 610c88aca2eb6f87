"""A real day of ticks without a halt: no pause is found, and no trade lies outside the bands."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from adapters.lake.session_times import session_times
from nodes.kernels.market_rules.halts import Opening, Quote, ShareEvent, Trade, luld_after
from nodes.kernels.market_rules.luld_state import LuldFrame, Phase, first_luld_state
from nodes.kernels.market_rules.price_bands import BandedShare
from nodes.kernels.market_rules.sessions import SessionTimes
from policies.rulebook import shipped_rulebook

DAY = date(2013, 10, 8)
CLOSE_E4 = 1_820_000  # of the day before, to a dollar: only its bucket counts
ROUND_LOT = 100
N_EVENTS = 12_000


def events(data: Path, session: SessionTimes) -> list[ShareEvent]:
    """IBM's trades of round lots and best quotes in regular hours; the first trade on its exchange opens it."""
    trades, quotes = (_within(data / name, session) for name in ("b3_tick_trades.parquet", "b4_tick_nbbo.parquet"))
    sold = trades.filter((pl.col("susp") == 0) & (pl.col("size") >= ROUND_LOT))
    opens_ns, price = sold.filter(pl.col("exch") == "N").select("ns", "price").row(0)
    found: list[ShareEvent] = [Opening(opens_ns, round(price * 1e4))]
    found += [Trade(ns, round(price * 1e4)) for ns, price in sold.select("ns", "price").iter_rows() if ns > opens_ns]
    found += [Quote(ns, _e4(bid), _e4(ask)) for ns, bid, ask in quotes.select("ns", "bid", "ask").iter_rows()]
    return sorted(found, key=lambda event: event.at_ns)


def _within(file: Path, session: SessionTimes) -> pl.DataFrame:
    local = pl.col("ts").dt.replace_time_zone("America/New_York").dt.convert_time_zone("UTC")
    rows = pl.scan_parquet(file).filter(pl.col("symbol") == "IBM")
    dated = rows.with_columns(ns=local.dt.cast_time_unit("ns").cast(pl.Int64))
    return dated.filter(pl.col("ns") >= session.opens_ns, pl.col("ns") < session.closes_ns).collect()


def _e4(price: float | None) -> int | None:
    return round(price * 1e4) if price else None


@pytest.mark.shared_data
def test_a_calm_day_of_real_ticks_has_no_pause_and_no_trade_outside_the_bands(shared_data: Path) -> None:
    """EXE-03: nothing is found where nothing was."""
    session = session_times([DAY])[DAY]
    terms = shipped_rulebook().on(DAY).luld
    assert terms is not None
    frame = LuldFrame(BandedShare(1, CLOSE_E4, 100), session, terms)
    state = first_luld_state(frame, session.opens_ns)
    n_banded = 0
    for event in events(shared_data, session)[:N_EVENTS]:
        state = luld_after(state, frame, event)
        if isinstance(event, Trade) and state.bands is not None:
            assert state.bands.lower_e4 <= event.price_e4 <= state.bands.upper_e4
            n_banded += 1
    assert (state.phase, state.stops, n_banded > 1000) == (Phase.TRADING, (), True)
