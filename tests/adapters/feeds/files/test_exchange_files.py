from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.exchange_files import borrow_list, fails_to_deliver, halts, short_interest
from nodes.vocabulary.errors import DataError

NYSE = "Halt Date,Halt Time,Symbol,Name,Exchange,Reason,Resume Date,NYSE Resume Time\n"
BORROW = """#BOF|2023.11.15|07:45:03
#SYM|CUR|NAME|CON|ISIN|REBATERATE|FEERATE|AVAILABLE|
A|USD|AGILENT TECHNOLOGIES INC|1715006|XXXXXXXU1016|4.9119|0.4081|>10000000|
AAA|USD|AAF FIRST PRIORITY CLO|1|XX|-2.1607|7.4807|45000|
ZZ|USD|NO RATE|2|XX|NA|NA|0|
#EOF|3
"""


def write(tmp_path: Path, text: str, name: str = "x.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def texts(facts: pl.DataFrame, *names: str) -> list[tuple[str, ...]]:
    return [tuple("" if cell is None else str(cell)[:19] for cell in row) for row in facts.select(names).iter_rows()]


def test_the_end_of_a_halt_is_a_later_fact_of_the_same_halt(tmp_path: Path) -> None:
    """PIT: while a share is halted nobody knows when it will resume."""
    path = write(tmp_path, NYSE + "03/09/2020,09:34:13,AAPL,Apple,Nasdaq,LUDP,03/09/2020,09:49:13\n")

    facts = halts(path).facts

    assert texts(facts, "symbol", "halted_at", "resumed_at", "known_at") == [
        ("AAPL", "2020-03-09 13:34:13", "", "2020-03-09 13:34:13"),
        ("AAPL", "2020-03-09 13:34:13", "2020-03-09 13:49:13", "2020-03-09 13:49:13"),
    ]
    assert facts["event_at"].n_unique() == 1


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("03/09/2020,09:34:13,,Apple,Nasdaq,LUDP,,", "is empty"),
        ("yesterday,09:34:13,AAPL,Apple,Nasdaq,LUDP,,", "no New York time"),
        ("03/09/2020,25:34:13,AAPL,Apple,Nasdaq,LUDP,,", "no New York time"),
        ("03/09/2020,09:34:13,AAPL,Apple,Nasdaq,LUDP,03/09/2020,soon", "resumption that is no time"),
        ("03/09/2020,09:34:13,AAPL,Apple,Nasdaq,LUDP,03/08/2020,09:40:00", "after the resumption"),
    ],
)
def test_a_halt_that_cannot_be_placed_is_set_aside(tmp_path: Path, row: str, reason: str) -> None:
    parsed = halts(write(tmp_path, f"{NYSE}{row}\n03/10/2020,10:00:00,IBM,IBM,NYSE,T1,,\n"))

    assert parsed.facts["symbol"].to_list() == ["IBM"]
    assert reason in parsed.rejected["reason"][0]
    assert parsed.rejected["line"].to_list() == [2]


def test_nasdaqs_words_for_the_columns_are_read_too(tmp_path: Path) -> None:
    text = "HaltDate,HaltTime,IssueSymbol,Market,ReasonCode,ResumptionDate,ResumptionTradeTime\n"

    facts = halts(write(tmp_path, text + "03/09/2020,09:34:13.123,AAPL,NASDAQ,LUDP,03/09/2020,09:49:13\n")).facts

    assert facts.select("symbol", "reason", "market").row(0) == ("AAPL", "LUDP", "NASDAQ")


def test_a_file_of_other_columns_is_refused_by_the_one_that_it_lacks(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no column for \['halt_date', 'halt_time'\]"):
        halts(write(tmp_path, "symbol,price\nA,1\n"))


def test_the_real_halts_of_2020_are_kept_but_for_rows_that_say_why(tmp_path: Path, shared_data: Path) -> None:
    rows = pl.read_parquet(shared_data / "d1_trading_halts_2020.parquet").drop("name")
    path = tmp_path / "2020.csv"
    rows.write_csv(path)

    parsed = halts(path)

    begun = parsed.facts.filter(pl.col("resumed_at").is_null())
    assert begun.height + parsed.rejected.filter(pl.col("column") == "halt_time").height <= rows.height
    assert begun.height > 0.99 * rows.height
    assert parsed.rejected["reason"].is_not_null().all()


def test_short_interest_is_known_when_finra_has_published_it_not_when_it_settled(tmp_path: Path) -> None:
    text = (
        "accountingYearMonthNumber|symbolCode|currentShortPositionQuantity|settlementDate\n"
        "20260515|AAPL|123|2026-05-15\n"
    )

    facts = short_interest(write(tmp_path, text)).facts

    assert texts(facts, "settled_on", "event_at", "known_at") == [
        ("2026-05-15", "2026-05-15 20:00:00", "2026-05-28 13:30:00")
    ]


def test_short_interest_below_zero_or_without_a_date_is_set_aside(tmp_path: Path) -> None:
    parsed = short_interest(write(tmp_path, "ticker,date,short_shares\nA,2026-05-15,-1\nB,,5\nC,2026-05-15,7\n"))

    assert parsed.facts["symbol"].to_list() == ["C"]
    assert parsed.rejected["line"].to_list() == [2, 3]


@pytest.mark.parametrize(
    ("settled", "known"), [("20200901", "2020-10-01 13:30:00"), ("20201231", "2021-01-19 14:30:00")]
)
def test_fails_are_known_when_the_half_month_is_published(tmp_path: Path, settled: str, known: str) -> None:
    text = "SETTLEMENT DATE|CUSIP|SYMBOL|QUANTITY (FAILS)|DESCRIPTION|PRICE\n"
    path = write(tmp_path, f"{text}{settled}|00165C104|AMC|20319|AMC|.\nTrailer record count 1\n")

    parsed = fails_to_deliver(path)

    assert texts(parsed.facts, "shares", "price_usd", "known_at") == [("20319", "", known)]
    assert parsed.rejected.is_empty()


def test_borrow_rates_are_fractions_and_a_cap_is_the_number_it_caps_at(tmp_path: Path) -> None:
    parsed = borrow_list(write(tmp_path, BORROW, "usa.txt"))

    rows = parsed.facts.select("symbol", "available_shares", "fee_rate_frac", "rebate_rate_frac").rows()
    assert rows[0] == ("A", 10_000_000, 0.004081, 0.049119)
    assert rows[2] == ("ZZ", 0, None, None)
    assert {str(at) for at in parsed.facts["known_at"]} == {"2023-11-15 12:45:03+00:00"}
    assert parsed.rejected.is_empty()


def test_a_borrow_list_that_was_cut_off_says_so_and_keeps_what_it_has(tmp_path: Path) -> None:
    parsed = borrow_list(write(tmp_path, BORROW.replace("#EOF|3", "#EOF|17065"), "usa.txt"))

    assert parsed.facts.height == 3
    assert "says #EOF|17065 and has 3 rows" in parsed.rejected["reason"][0]


def test_a_bad_row_of_a_borrow_list_is_placed_by_its_line_in_the_file(tmp_path: Path) -> None:
    parsed = borrow_list(write(tmp_path, BORROW.replace("45000", "many"), "usa.txt"))

    assert parsed.rejected.select("line", "column", "value").rows() == [(4, "available", "many")]


def test_a_borrow_list_without_its_stamp_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no #BOF"):
        borrow_list(write(tmp_path, "A|USD\n", "usa.txt"))


def test_the_real_borrow_list_is_read_whole(tmp_path: Path, shared_data: Path) -> None:
    rows = pl.read_parquet(shared_data / "d3_ib_borrow_20231115.parquet")
    body = "".join(
        f"{s}|USD|N|1|X|{r}|{f}|{a}|\n"
        for s, a, r, f in rows.select("symbol", "available", "rebate_rate", "fee_rate").iter_rows()
    )
    head = "#BOF|2023.11.15|07:45:03\n#SYM|CUR|NAME|CON|ISIN|REBATERATE|FEERATE|AVAILABLE|\n"

    parsed = borrow_list(write(tmp_path, f"{head}{body.replace('None', 'NA')}#EOF|{rows.height}\n", "usa.txt"))

    assert (parsed.facts.height, parsed.rejected.height) == (rows.height, 0)
    assert set(parsed.facts["day_on"]) == {date(2023, 11, 15)}
