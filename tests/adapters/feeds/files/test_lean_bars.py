from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import polars as pl

from adapters.feeds.files.lean_bars import daily_bars, intraday_bars, quote_bars
from adapters.feeds.files.lean_layout import LeanFile
from adapters.feeds.files.leases import no_leases
from adapters.feeds.files.parsed import Parsed
from tests.adapters.feeds.files.lean_writing import daily_zip, zipped


def daily(tmp_path: Path, *lines: str) -> Parsed:
    path = zipped(tmp_path / "aapl.zip", "aapl.csv", lines)
    return daily_bars(LeanFile(path, "daily/aapl.zip", "AAPL", "daily", "trade"), no_leases())[0]


def minutes(tmp_path: Path, on: date, kind: str, *lines: str) -> Parsed:
    path = zipped(tmp_path / "x.zip", "x.csv", lines)
    file = LeanFile(path, "minute/aapl/x.zip", "AAPL", "minute", kind, on)
    return (intraday_bars if kind == "trade" else quote_bars)(file, no_leases())[0]


def test_a_daily_bar_is_in_dollars_and_known_at_the_close_half_days_included(tmp_path: Path) -> None:
    """SVC-MKT-01: 2015-12-24 closed at 13:00 New York."""
    parsed = daily(
        tmp_path,
        "20140606 00:00,6499000,6514800,6444700,6455700,87484701",
        "20151224 00:00,1090000,1090000,1079500,1080300,13596700",
    )

    assert parsed.facts["close_usd"].to_list() == [645.57, 108.03]
    assert [str(at) for at in parsed.facts["known_at"]] == ["2014-06-06 20:00:00+00:00", "2015-12-24 18:00:00+00:00"]
    assert parsed.facts["event_at"].equals(parsed.facts["known_at"])


def test_a_row_that_cannot_be_true_is_set_aside_with_its_values_and_the_rest_is_kept(tmp_path: Path) -> None:
    parsed = daily(
        tmp_path,
        "20140605 00:00,6460000,6470000,6400000,6410000,100",
        "20140606 00:00,6499000,6400000,6444700,6455700,100",
        "20140607 00:00,6499000,6514800,6444700,6455700,100",
        "20140609 00:00,0,930000,900000,920000,100",
        "20140610 00:00,abc,930000,900000,920000,100",
        "20140611 00:00,910000,930000,900000,920000,-5",
        "20140612 00:00,910000,930000",
    )

    assert parsed.facts["session_on"].to_list() == [date(2014, 6, 5)]
    reasons = dict(parsed.rejected.select("line", "reason").rows())
    assert "high is under the low: open 649.9, high 640.0, low 644.47" in reasons[2]
    assert "no session" in reasons[3]
    assert "zero or negative" in reasons[4]
    assert "finite number" in reasons[5]
    assert "volume is missing or negative" in reasons[6]
    assert "3 fields, expected 6" in reasons[7]


def test_a_session_told_twice_is_kept_once_when_both_rows_agree_and_refused_when_they_do_not(tmp_path: Path) -> None:
    """SVC-MKT-01: duplicates."""
    bar = "910000,930000,900000,920000,100"
    same = daily(tmp_path, f"20140611 00:00,{bar}", f"20140611 00:00,{bar}")
    other = daily(tmp_path, f"20140611 00:00,{bar}", "20140611 00:00,910000,930000,900000,920000,101")

    assert (same.facts.height, same.rejected.height) == (1, 0)
    assert (other.facts.height, other.rejected["line"].to_list()) == (0, [1, 2])
    assert "AAPL:2014-06-11 2014-06-11" in other.rejected["value"][0]


def test_a_minute_bar_starts_where_the_file_says_and_is_known_at_its_end(tmp_path: Path) -> None:
    """DESIGN section 4: b1 stamps the start of a bar; the price in it is not known until its end."""
    parsed = minutes(tmp_path, date(2014, 6, 5), "trade", "34200000,6460000,6470000,6460000,6465000,1200")

    row = parsed.facts.row(0, named=True)
    assert (str(row["starts_at"]), str(row["known_at"])) == ("2014-06-05 13:30:00+00:00", "2014-06-05 13:31:00+00:00")
    assert row["event_at"] == row["known_at"]


def test_milliseconds_after_midnight_are_wall_clock_on_the_day_of_a_clock_change(tmp_path: Path) -> None:
    spring = minutes(tmp_path, date(2014, 3, 9), "trade", "34200000,1,1,1,1,1").facts["starts_at"][0]
    autumn = minutes(tmp_path, date(2014, 11, 2), "trade", "34200000,1,1,1,1,1").facts["starts_at"][0]

    assert (str(spring), str(autumn)) == ("2014-03-09 13:30:00+00:00", "2014-11-02 14:30:00+00:00")


def test_a_quote_bar_with_a_missing_side_keeps_the_other_and_never_a_zero(tmp_path: Path) -> None:
    """DESIGN section 10: bars with a missing side."""
    parsed = minutes(
        tmp_path,
        date(2014, 6, 5),
        "quote",
        "34200000,,,,,,6460000,6460000,6460000,6460000,100",
        "34260000,0,0,0,0,0,,,,,",
    )

    row = parsed.facts.row(0, named=True)
    assert (row["bid_close_usd"], row["bid_shares"], row["ask_close_usd"]) == (None, None, 646.0)
    assert "neither side" in parsed.rejected["reason"][0]


def test_hourly_bars_stand_in_one_file_with_their_dates(tmp_path: Path) -> None:
    path = zipped(tmp_path / "spy.zip", "spy.csv", ["20100506 14:00,1145000,1145000,1055000,1120000,90000000"])

    parsed, _ = intraday_bars(LeanFile(path, "hour/spy.zip", "SPY", "hour", "trade"), no_leases())

    assert parsed.facts["starts_at"].to_list() == [parsed.facts["starts_at"].dt.replace(hour=18)[0]]
    assert parsed.facts["bar_s"].to_list() == [3600]
    assert parsed.facts["low_usd"].to_list() == [105.5]


def test_every_real_daily_bar_is_read_as_it_was_written(tmp_path: Path, shared_data: Path) -> None:
    bars = pl.read_parquet(shared_data / "a1_daily_raw_lean.parquet").filter(pl.col("file_symbol") == "IBM")
    path = daily_zip(tmp_path, "IBM", bars)

    parsed, _ = daily_bars(LeanFile(path, "daily/ibm.zip", "IBM", "daily", "trade"), no_leases())

    assert parsed.rejected.is_empty()
    assert parsed.facts["close_usd"].to_list() == bars["close"].to_list()
    assert parsed.facts["volume_shares"].to_list() == bars["volume"].to_list()
    assert isinstance(parsed.facts["known_at"][0], datetime)
