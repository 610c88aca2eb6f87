"""Tables of options: what is kept and known when, what goes to quarantine and why, and a vendor who is wrong."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from adapters.feeds.files.leases import SCHEMA, no_leases
from adapters.feeds.files.option_contracts import Batch
from adapters.feeds.files.options import (
    VendorCheck,
    option_open_interest,
    option_quotes,
    option_table,
    vendor_greeks,
)
from nodes.kernels.options.pricing import Contracts, prices
from nodes.vocabulary.errors import DataError, EdgeError


def moment(text: str) -> datetime:
    """A wall-clock time without a zone, as the files have it."""
    return datetime.fromisoformat(text)


BATCH = Batch("made.parquet", "made", no_leases())
CHECK = VendorCheck(rate_frac=0.001, tolerance_frac=0.25, max_wrong_frac=0.05)
ROW: dict[str, Any] = {
    "symbol": "AAA",
    "expiry": "20140621",
    "strike": 100.0,
    "right": "C",
    "ts": moment("2014-06-06 09:30"),
    "date": moment("2014-06-06 00:00"),
    "bid_close": 1.0,
    "ask_close": 1.2,
    "bid_size": 3,
    "ask_size": 4,
    "open_interest": 7,
}


def table(*changes: dict[str, Any]) -> pl.DataFrame:
    """Rows that are sound but for the changes, each at a strike of its own unless it says one."""
    rows = [{**ROW, "strike": 100.0 + place, **change} for place, change in enumerate(changes)]
    return pl.DataFrame(rows, infer_schema_length=None)


def test_a_minutes_quote_is_true_and_known_at_its_end_in_new_york() -> None:
    """A bar is not known while it is being made."""
    fact = option_quotes(table({}), BATCH, 60).facts.row(0, named=True)
    assert fact["quoted_at"].isoformat() == "2014-06-06T13:31:00+00:00"
    assert fact["event_at"] == fact["known_at"] == fact["quoted_at"]
    assert (fact["underlying_id"], fact["expiry_on"], fact["strike_usd"], fact["right"]) == (
        "AAA",
        date(2014, 6, 21),
        100.0,
        "C",
    )


def test_a_days_quote_is_that_of_the_sessions_close_half_days_included() -> None:
    rows = table({}, {"date": moment("2014-07-03 00:00"), "expiry": "20140719"})
    closes = option_quotes(rows, BATCH, None).facts["known_at"].dt.strftime("%d %H:%M").to_list()
    assert closes == ["06 20:00", "03 17:00"]


@pytest.mark.parametrize("missing", [None, 0.0])
def test_a_missing_side_is_null_with_its_size_and_never_zero(missing: float | None) -> None:
    """DESIGN section 10: option bars with a missing side."""
    fact = option_quotes(table({"bid_close": missing}, {}), BATCH, 60).facts.row(0, named=True)
    assert (fact["bid_usd"], fact["bid_size"]) == (None, None)
    assert (fact["ask_usd"], fact["ask_size"]) == (1.2, 4)


def test_single_precision_is_read_as_the_decimal_it_stands_for() -> None:
    rows = table({"bid_close": 0.02}).cast({"bid_close": pl.Float32, "ask_close": pl.Float32})
    fact = option_quotes(rows, BATCH, 60).facts.row(0, named=True)
    assert (fact["bid_usd"], fact["ask_usd"]) == (0.02, 1.2)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"expiry": "20141399"}, "expiry 20141399 is no day like 20140621; correct it"),
        ({"expiry": None}, "expiry  is no day"),
        ({"strike": 0.0}, "strike 0.0 is not above zero"),
        ({"strike": None}, "strike none is not above zero"),
        ({"strike": float("nan")}, "is not above zero"),
        ({"strike": float("inf")}, "is not above zero"),
        ({"right": "X"}, "right X is neither C nor P"),
        ({"right": None}, "right none is neither C nor P"),
        ({"expiry": "20140605"}, "quoted on 2014-06-06, after its expiry; drop the row"),
        ({"bid_close": None, "ask_close": None}, "neither side has a quote"),
        ({"bid_close": -0.5}, "a quote is below zero"),
        ({"ask_close": float("inf")}, "a quote is infinite"),
        ({"bid_close": float("nan"), "ask_close": None}, "neither side has a quote"),
        ({"ts": None}, "names no instant"),
    ],
)
def test_a_row_that_cannot_be_true_is_set_aside_with_its_line_and_the_rest_is_kept(
    change: dict[str, Any], reason: str
) -> None:
    """ING: bad rows go to quarantine with the reason."""
    parsed = option_quotes(table({}, change, {}), BATCH, 60)
    assert parsed.facts.height == 2
    assert parsed.rejected["line"].to_list() == [2]
    assert reason in parsed.rejected["reason"][0]


def test_a_crossed_quote_is_a_fact() -> None:
    assert option_quotes(table({"bid_close": 1.3}), BATCH, 60).facts["bid_usd"].to_list() == [1.3]


def test_quotes_that_contradict_each_other_are_set_aside_and_repeats_kept_once() -> None:
    same, other = {"strike": 100.0}, {"strike": 100.0, "bid_close": 0.9}
    assert option_quotes(table(same, same), BATCH, 60).facts.height == 1
    parsed = option_quotes(table(same, other, {"strike": 105.0}), BATCH, 60)
    assert parsed.facts["strike_usd"].to_list() == [105.0]
    assert parsed.rejected["reason"].str.contains("more than once").all()


def test_a_ticker_names_the_security_that_held_it_that_day() -> None:
    lease = {"security_id": "AAA:2001-01-02", "symbol": "AAA", "valid_from_on": date(2001, 1, 2)}
    leases = pl.DataFrame([{**dict.fromkeys(SCHEMA), **lease}], schema=SCHEMA)
    parsed = option_quotes(table({}), Batch("made", "made", leases), 60)
    assert parsed.facts["underlying_id"].to_list() == ["AAA:2001-01-02"]


def test_a_table_without_its_columns_is_refused_by_name() -> None:
    with pytest.raises(DataError, match=r"made.parquet has no column bid_close, only .*; map its columns"):
        option_quotes(table({}).drop("bid_close"), BATCH, 60)


def test_open_interest_is_known_when_it_was_reported() -> None:
    rows = table({"ts": moment("2014-06-06 06:31")}, {"open_interest": -1}, {"open_interest": None})
    parsed = option_open_interest(rows, BATCH)
    assert parsed.facts["known_at"].dt.strftime("%H:%M").to_list() == ["10:31"]
    assert parsed.facts["open_interest"].to_list() == [7]
    assert parsed.rejected["line"].to_list() == [2, 3]


def vendor(factor: float) -> pl.DataFrame:
    """A vendor's day: calls and puts at a volatility of 0.25, stated as a multiple of it; the underlying first."""
    strikes = np.repeat(np.array([90.0, 95.0, 100.0, 105.0, 110.0]), 2)
    is_call = np.tile([True, False], 5)
    years = np.full(10, 16.0 / 365.0 + 1e-9)
    contracts = Contracts(np.full(10, 100.0), strikes, years, np.full(10, 0.001), np.zeros(10), is_call)
    price = prices(contracts.terms, np.full(10, 0.25))
    rows = [{"symbol": "AAA", "date": moment("2014-06-05 00:00"), "expiry": "", "close": 100.0}]
    rows += [
        {
            "symbol": "AAA",
            "date": moment("2014-06-05 00:00"),
            "expiry": "20140620",
            "strike": float(strikes[place]),
            "right": "C" if is_call[place] else "P",
            "close": float(price[place]),
            "implied_volatility": 0.25 * factor,
            **dict.fromkeys(("delta", "gamma", "vega", "theta", "rho"), 0.1),
        }
        for place in range(10)
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def test_a_vendors_row_is_of_the_session_before_its_date_and_known_at_the_next_opening() -> None:
    fact = vendor_greeks(vendor(1.0), BATCH, CHECK).parsed.facts.row(0, named=True)
    assert fact["session_on"] == date(2014, 6, 4)
    assert fact["event_at"].isoformat() == "2014-06-04T20:00:00+00:00"
    assert fact["known_at"].isoformat() == "2014-06-05T13:30:00+00:00"


@pytest.mark.parametrize(
    ("factor", "finding", "usable"),
    [(1.0, "agrees", True), (4.0, "wrong", False), (0.25, "wrong", False), (0.0, "not_stated", False)],
)
def test_a_vendors_volatility_is_flagged_beside_our_own(factor: float, finding: str, *, usable: bool) -> None:
    """Issue 4: a vendor's wrong volatilities are caught."""
    found = vendor_greeks(vendor(factor), BATCH, CHECK)
    assert found.parsed.facts["finding"].unique().to_list() == [finding]
    assert found.summary.is_usable == usable


def test_a_table_is_read_from_parquet_and_from_csv(tmp_path: Path) -> None:
    table({}, {}).write_parquet(tmp_path / "quotes.parquet")
    table({}, {}).write_csv(tmp_path / "quotes.csv")
    one, other = (option_quotes(option_table(tmp_path / f"quotes.{kind}"), BATCH, 60) for kind in ("parquet", "csv"))
    assert one.facts.equals(other.facts)


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "quotes.parquet").write_bytes(b"not parquet")
    with pytest.raises(DataError, match=r"quotes.parquet is no table: .*; give parquet, or CSV"):
        option_table(tmp_path / "quotes.parquet")
    (tmp_path / "quotes.csv").write_text("ts,strike\nsoon,1.0\n", encoding="utf-8")
    with pytest.raises(DataError, match="holds a time in ts that cannot be read"):
        option_table(tmp_path / "quotes.csv")
    with pytest.raises(EdgeError, match="cannot be read"):
        option_table(tmp_path / "absent.csv")


@pytest.mark.shared_data
def test_real_daily_quotes_are_all_kept_with_355_bids_missing(shared_data: Path) -> None:
    parsed = option_quotes(option_table(shared_data / "e4_option_quotes_daily_aapl.parquet"), BATCH, None)
    assert parsed.facts.height == 4532
    assert parsed.facts["bid_usd"].null_count() == parsed.facts["bid_size"].null_count() == 355
    assert parsed.rejected.is_empty()


@pytest.mark.shared_data
def test_real_minute_quotes_keep_what_has_a_side(shared_data: Path) -> None:
    parsed = option_quotes(option_table(shared_data / "e1_option_quotes_minute.parquet"), BATCH, 60)
    assert (parsed.facts.height, parsed.rejected.height) == (193_566, 215)
    assert parsed.facts.filter(underlying_id="GOOG")["known_at"].max().isoformat() == "2015-12-24T18:01:00+00:00"  # type: ignore[union-attr]  # it has rows


@pytest.mark.shared_data
def test_real_open_interest_of_expired_contracts_is_set_aside(shared_data: Path) -> None:
    parsed = option_open_interest(option_table(shared_data / "e3_option_open_interest.parquet"), BATCH)
    assert (parsed.facts.height, parsed.rejected.height) == (6913, 172)


@pytest.mark.shared_data
def test_the_real_vendor_whose_volatilities_are_wrong_is_caught(shared_data: Path) -> None:
    """SVC-MKT-04: DESIGN section 10, vendor implied volatilities wrong by a multiple."""
    found = vendor_greeks(option_table(shared_data / "e5_option_universe_greeks.parquet"), BATCH, CHECK)
    assert not found.summary.is_usable
    assert found.summary.n_wrong > 0.8 * found.summary.n_checked > 1000
    assert found.summary.median_ratio > 2.0
