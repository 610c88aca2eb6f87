"""LEAN's option zips: the contract in the table's name, prices in ten-thousandths, damage set aside."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from adapters.feeds.files.lean_options import lean_options
from adapters.feeds.files.leases import no_leases
from adapters.feeds.files.parsed import Parsed
from nodes.vocabulary.errors import EdgeError

CALL = "20140606_aapl_minute_quote_american_call_6450000_20140621.csv"
PUT = "20140606_aapl_minute_quote_american_put_6425000_20140621.csv"
BOTH_SIDES = "34200000,20000,21000,19000,20500,5,22000,23000,21500,22500,7\n"
ONE_SIDE = "34260000,,,,,0,22000,23000,21500,22500,7\n"


def zipped(path: Path, tables: Mapping[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in tables.items():
            archive.writestr(name, text)


def minute(root: Path, name: str = "20140606_quote_american.zip") -> Path:
    return root / "option" / "usa" / "minute" / "aapl" / name


def read(root: Path) -> list[Parsed]:
    return list(lean_options(root, no_leases()))


def test_minute_quotes_have_their_contract_and_known_at_the_minutes_end(tmp_path: Path) -> None:
    zipped(minute(tmp_path), {CALL: BOTH_SIDES + ONE_SIDE, PUT: BOTH_SIDES})
    (parsed,) = read(tmp_path)
    rows = parsed.facts.sort("right", "known_at").rows(named=True)
    assert [(row["right"], row["strike_usd"], row["bid_usd"], row["ask_usd"]) for row in rows] == [
        ("C", 645.0, 2.05, 2.25),
        ("C", 645.0, None, 2.25),
        ("P", 642.5, 2.05, 2.25),
    ]
    assert rows[0]["known_at"].isoformat() == "2014-06-06T13:31:00+00:00"
    assert (rows[1]["bid_size"], rows[1]["ask_size"]) == (None, 7)


def test_daily_quotes_are_those_of_the_close(tmp_path: Path) -> None:
    table = {"aapl_quote_american_call_6450000_20140621.csv": "20140606 00:00,1,1,1,20500,5,1,1,1,22500,7\n"}
    zipped(tmp_path / "option" / "usa" / "daily" / "aapl_2014_quote_american.zip", table)
    (parsed,) = read(tmp_path)
    assert parsed.facts["known_at"][0].isoformat() == "2014-06-06T20:00:00+00:00"


def test_open_interest_is_read_beside_the_quotes(tmp_path: Path) -> None:
    zipped(minute(tmp_path), {CALL: BOTH_SIDES})
    name = "20140606_aapl_minute_openinterest_american_call_6450000_20140621.csv"
    zipped(minute(tmp_path, "20140606_openinterest_american.zip"), {name: "23460000,9325\n"})
    found = {parsed.domain.name: parsed.facts for parsed in read(tmp_path)}
    assert found["option_open_interest"]["open_interest"].to_list() == [9325]
    assert found["option_open_interest"]["known_at"][0].isoformat() == "2014-06-06T10:31:00+00:00"
    assert found["option_quotes"].height == 1


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("notes.txt", "hello", "names no contract as LEAN does"),
        (PUT, "34200000,1,2\n", "is no table of time, bid_open"),
        (PUT, "34200000,a,b,c,d,e,f,g,h,i,j\n", "is no table of"),
    ],
)
def test_a_table_that_cannot_be_read_is_set_aside_and_the_rest_is_kept(
    tmp_path: Path, name: str, text: str, reason: str
) -> None:
    zipped(minute(tmp_path), {CALL: BOTH_SIDES, name: text})
    (parsed,) = read(tmp_path)
    assert parsed.facts.height == 1
    assert parsed.rejected["value"].to_list() == [name]
    assert reason in parsed.rejected["reason"][0]


def test_a_damaged_zip_is_one_row_of_the_quarantine(tmp_path: Path) -> None:
    zipped(minute(tmp_path), {CALL: BOTH_SIDES})
    minute(tmp_path, "20140605_quote_american.zip").write_bytes(b"PK\x03\x04broken")
    damaged, sound = read(tmp_path)
    assert damaged.facts.is_empty()
    assert "is no sound zip" in damaged.rejected["reason"][0]
    assert sound.facts.height == 1


def test_a_zip_without_tables_holds_nothing(tmp_path: Path) -> None:
    zipped(minute(tmp_path), {})
    (parsed,) = read(tmp_path)
    assert parsed.facts.is_empty()


def test_a_folder_without_options_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="holds no option/usa; name a LEAN data folder"):
        read(tmp_path)


def test_trades_are_read_beside_the_quotes(tmp_path: Path) -> None:
    name = "20140606_aapl_minute_trade_american_call_6450000_20140621.csv"
    zipped(minute(tmp_path, "20140606_trade_american.zip"), {name: "34200000,20000,21000,19000,20500,5\n"})
    (parsed,) = read(tmp_path)
    (row,) = parsed.facts.rows(named=True)
    assert (parsed.domain.name, row["close_usd"], row["volume_contracts"]) == ("option_trades", 2.05, 5)
    assert row["known_at"].isoformat() == "2014-06-06T13:31:00+00:00"
