"""Tapes become events with nothing added: real quotes and trades replay, and what is wrong with them is counted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from adapters.market_replay.ticks import tape_events
from nodes.kernels.simulator.events import BookName, EventKind, screened
from nodes.kernels.simulator.terms import SimulationTerms
from nodes.vocabulary.trading import NS_PER_S, OrdType, Side
from tests.nodes.kernels.simulator.desk import order, run, sent

BOOK = BookName("NBBO", "IBM")
AT = datetime(2013, 10, 7, 13, 30, tzinfo=UTC)


def quotes_of(rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    names = ["event_at", "bid_usd", "bid_shares", "ask_usd", "ask_shares"]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(pl.col("event_at").dt.cast_time_unit("ns"))


def trades_of(rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    names = ["event_at", "price_usd", "size_shares", "venue", "is_suspicious"]
    return pl.DataFrame(rows, schema=names, orient="row").with_columns(pl.col("event_at").dt.cast_time_unit("ns"))


def test_trades_come_before_the_quotes_of_their_instant_and_missing_sides_are_none() -> None:
    quotes = quotes_of([(AT, 180.01, 300, 180.05, 100), (AT, 180.01, 200, None, None)])
    trades = trades_of([(AT, 180.0123, 7, "P", False), (AT, 180.02, 9, "D", None), (AT, 1.0, 9, "P", True)])
    found = tape_events(BOOK, quotes, trades, venues={"P"})
    assert found.kind.tolist() == [EventKind.TRADE, EventKind.QUOTE, EventKind.QUOTE]
    assert (found.price_e4.tolist(), found.ask_e4.tolist()) == ([1_800_123, 1_800_100, 1_800_100], [0, 1_800_500, 0])
    assert len(tape_events(BOOK, quotes, trades)) == 4


@pytest.mark.shared_data
def test_a_real_hour_of_ibm_replays_with_its_faults_counted(shared_data: Path) -> None:
    """b3, b4: IBM, 2013-10-08, 10 to 11 o'clock: NBBO and every trade on an exchange. EXE-05, EXE-06"""
    first, last = datetime(2013, 10, 8, 10), datetime(2013, 10, 8, 11)  # noqa: DTZ001  # the files' local times
    within = (pl.col("symbol") == "IBM") & pl.col("ts").is_between(first, last)
    local = pl.col("ts").cast(pl.Datetime("ns")).dt.replace_time_zone("America/New_York").alias("event_at")
    quotes = (
        pl.read_parquet(shared_data / "b4_tick_nbbo.parquet")
        .filter(within)
        .select(local, bid_usd="bid", bid_shares="bid_size", ask_usd="ask", ask_shares="ask_size")
    )
    trades = (
        pl.read_parquet(shared_data / "b3_tick_trades.parquet")
        .filter(within)
        .select(local, price_usd="price", size_shares="size", venue="exch", is_suspicious=pl.col("susp") != 0)
    )
    found = screened(tape_events(BOOK, quotes, trades, venues=set("ABCJKMNPQTWXYZ")))
    assert found.n_dropped == found.counts["crossed-quote"] < len(found.events) / 1000
    start = int(found.events.at_ns[0])
    asks = {
        start + 60 * NS_PER_S: sent(order("taker", symbol="IBM", limit_e4=None, shares=500), venue="NBBO"),
        start + 120 * NS_PER_S: sent(
            order("peg", symbol="IBM", limit_e4=None, ord_type=OrdType.PEGGED, side=Side.SELL), venue="NBBO"
        ),
    }
    result = run(found.events, asks, SimulationTerms(records_quotes=True))
    assert result.orders["taker"].filled_shares == 500
    peg = result.orders["peg"]
    assert peg.filled_shares == 50
    for fill in result.fills:
        bid, ask = next((bid, ask) for _, at, bid, ask in reversed(result.quotes) if at <= fill.at_ns)
        if fill.cl_ord_id == "peg":
            assert bid < fill.last_e4 < ask or bid >= ask
        else:
            assert fill.last_e4 >= ask
