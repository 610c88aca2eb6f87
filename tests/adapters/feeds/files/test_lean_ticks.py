from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.lean_layout import LeanFile
from adapters.feeds.files.lean_ticks import coarse_universe, quote_ticks, security_id, trade_ticks
from adapters.feeds.files.leases import no_leases
from adapters.feeds.files.parsed import Parsed
from adapters.lake.views.quotes import flagged
from nodes.vocabulary.errors import DataError
from tests.adapters.feeds.files.lean_writing import csv_lines, day_zips, deci_cents, zipped

ON = date(2013, 10, 7)


def ticks(tmp_path: Path, kind: str, *lines: str) -> Parsed:
    path = zipped(tmp_path / "x.zip", "x.csv", lines)
    read = trade_ticks if kind == "trade" else quote_ticks
    return read(LeanFile(path, "tick/ibm/x.zip", "IBM", "tick", kind, ON), no_leases())[0]


def test_trades_of_one_instant_keep_the_order_of_the_tape(tmp_path: Path) -> None:
    parsed = ticks(
        tmp_path,
        "trade",
        "34200000,1815200,100,P,2000,0",
        "34200000,1815100,100,P,2000,0",
        "34200000,1815200,100,P,2000,1",
    )

    assert parsed.facts["tick_no"].to_list() == [1, 2, 3]
    assert parsed.facts["is_suspicious"].to_list() == [False, False, True]
    assert str(parsed.facts["known_at"][0]) == "2013-10-07 13:30:00+00:00"


def test_a_trade_without_price_or_size_is_set_aside(tmp_path: Path) -> None:
    parsed = ticks(tmp_path, "trade", "34200000,0,100,P,2000,0", "34200000,1815200,0,P,2000,0", "34200000,1815200,100")

    assert parsed.facts.is_empty()
    assert [reason.split(";")[0] for reason in parsed.rejected["reason"]] == [
        "price 0.0 is not above zero",
        "size 0 is not above zero",
        "row has 3 fields, expected 6",
    ]


def test_a_quote_about_one_side_says_nothing_of_the_other(tmp_path: Path) -> None:
    parsed = ticks(
        tmp_path, "quote", "34200000,1815200,300,0,0,P,,0", "34200001,,,1818000,200,P,,0", "34200002,0,0,0,0,P,,0"
    )

    assert parsed.facts.select("bid_usd", "bid_shares", "ask_usd", "ask_shares").rows() == [
        (181.52, 300, None, None),
        (None, None, 181.8, 200),
    ]
    assert "neither side" in parsed.rejected["reason"][0]


def test_real_ticks_are_read_whole_and_their_locked_and_crossed_quotes_are_flagged(
    tmp_path: Path, shared_data: Path
) -> None:
    """SOURCES: 0.8 to 4 % of the changes are locked, under 0.1 % crossed."""
    day = pl.col("ts").dt.date() == ON
    quotes = pl.read_parquet(shared_data / "b4_tick_nbbo.parquet").filter(day, pl.col("symbol") == "IBM")
    sizes = [pl.col(name).cast(pl.String) for name in ("bid_size", "ask_size")]
    columns = [deci_cents("bid"), sizes[0], deci_cents("ask"), sizes[1], pl.col("bid_exch"), pl.lit(""), pl.lit("0")]
    (path,) = day_zips(tmp_path, "IBM", quotes, "tick quote", columns)

    parsed, _ = quote_ticks(LeanFile(path, "x", "IBM", "tick", "quote", ON), no_leases())

    assert (parsed.facts.height, parsed.rejected.height) == (quotes.height, 0)
    assert parsed.facts["bid_usd"].to_list() == quotes["bid"].to_list()
    seen = flagged(parsed.facts)
    assert 0.005 < int(seen["is_locked"].sum()) / seen.height < 0.04
    assert 0 < int(seen["is_crossed"].sum()) / seen.height < 0.001


@pytest.mark.parametrize(
    ("sid", "ours"),
    [
        ("AAPL R735QTJ8XC9X", "AAPL:1998-01-02"),
        ("GOOG T1AZ164W5VTX", "GOOG:2004-08-19"),
        ("GOOCV VP83T1ZUHROL", "GOOCV:2014-03-27"),
        ("AAPL", None),
        ("AAPL ü", None),
        ("", None),
    ],
)
def test_a_lean_identifier_is_the_id_that_the_map_file_gives(sid: str, ours: str | None) -> None:
    assert security_id(sid) == ours


def test_the_list_of_a_day_has_dead_names_and_a_share_listed_twice_is_refused(
    tmp_path: Path, shared_data: Path
) -> None:
    """Survivorship; and of 2014-04-02 the list has GOOCV twice, at 567.00 and at the old class's 1135.10."""
    rows = pl.read_parquet(shared_data / "d7_us_universe_3days_2014.parquet").filter(pl.col("date").dt.day() == 2)
    path = tmp_path / "20140402.csv"
    numbers = [pl.col(name).cast(pl.String) for name in ("close", "volume", "dollar_volume")]
    path.write_text("\n".join(csv_lines(rows, pl.col("lean_sid"), pl.col("ticker"), *numbers)), encoding="utf-8")

    parsed = coarse_universe(path)

    assert parsed.rejected["value"].to_list() == ["GOOCV:2014-03-27 2014-04-02"] * 2
    assert parsed.facts.height == rows.height - 2
    assert {"GOOAV:2014-03-27", "UW:1998-01-02"} <= set(parsed.facts["security_id"])


def test_a_list_that_is_not_named_for_a_day_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "today.csv"
    path.write_text("", encoding="utf-8")

    with pytest.raises(DataError, match="not named for a day"):
        coarse_universe(path)
