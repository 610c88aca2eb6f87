"""13F holdings: usable once the filing is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.ownership import Filing13F, holdings_table, information_table
from nodes.vocabulary.errors import DataError
from tests.adapters.feeds.files.sec_json import csv_of

FILING = Filing13F("0001951757", "0001951757-25-000093", date(2024, 12, 31), date(2025, 1, 22))
APPLE, SALESFORCE = "037833100", "79466L302"
SYMBOLS = {APPLE: "AAPL"}


def line(cusip: str, shares: int, value: int, put_call: str = "", kind: str = "SH") -> str:
    """One holding as the form writes it."""
    option = f"<putCall>{put_call}</putCall>" if put_call else ""
    return f"""<infoTable><nameOfIssuer>ISSUER {cusip}</nameOfIssuer><titleOfClass>COM</titleOfClass>
      <cusip>{cusip}</cusip>
      <value>{value}</value><shrsOrPrnAmt><sshPrnamt>{shares}</sshPrnamt>
      <sshPrnamtType>{kind}</sshPrnamtType></shrsOrPrnAmt>
      {option}<investmentDiscretion>SOLE</investmentDiscretion></infoTable>"""


def table(*lines: str) -> bytes:
    """An information table."""
    space = "http://www.sec.gov/edgar/document/thirteenf/informationtable"
    return f'<?xml version="1.0"?><informationTable xmlns="{space}">{"".join(lines)}</informationTable>'.encode()


def test_a_holding_is_known_after_its_filing_and_not_at_its_quarter_end() -> None:
    """SVC-FND-03: the filing lag is enforced."""
    row = information_table(table(line(APPLE, 18577, 4652092)), FILING, SYMBOLS).facts.row(0, named=True)
    assert row["event_at"].date() == date(2024, 12, 31)
    assert row["known_at"] == datetime(2025, 1, 23, 14, 30, tzinfo=UTC)
    assert (row["symbol"], row["shares"], row["value_usd"]) == ("AAPL", 18577, 4652092.0)


def test_a_filing_with_an_acceptance_is_known_from_then() -> None:
    accepted = replace(FILING, accepted_at=datetime(2025, 1, 22, 20, 0, tzinfo=UTC))
    assert (
        information_table(table(line(APPLE, 1, 1)), accepted, SYMBOLS).facts["known_at"].item() == accepted.accepted_at
    )


def test_lines_of_several_managers_are_one_holding_and_options_are_apart() -> None:
    facts = information_table(
        table(line(APPLE, 10, 100), line(APPLE, 5, 50), line(APPLE, 7, 70, put_call="Put")), FILING, SYMBOLS
    ).facts
    assert facts.select("put_call", "shares", "value_usd").rows() == [("", 15, 150.0), ("put", 7, 70.0)]


def test_values_before_2023_are_in_thousands() -> None:
    old = replace(FILING, filed_on=date(2022, 11, 14), period_on=date(2022, 9, 30))
    assert information_table(table(line(APPLE, 10, 100)), old, SYMBOLS).facts["value_usd"].item() == 100_000.0


def test_an_amendment_that_restates_retracts_what_it_no_longer_names() -> None:
    first = information_table(table(line(APPLE, 10, 100), line(SALESFORCE, 3, 30)), FILING, SYMBOLS).facts
    again = replace(FILING, accession="0001951757-25-000101", filed_on=date(2025, 2, 3))
    facts = information_table(table(line(APPLE, 11, 110)), again, SYMBOLS, first.drop("is_retracted")).facts
    assert facts.select("cusip", "shares", "is_retracted").rows() == [(APPLE, 11, False), (SALESFORCE, 3, True)]
    assert facts["known_at"].n_unique() == 1


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (line("03783310", 1, 1), "cusip is '03783310', expected nine"),
        (line(APPLE, 1, 1, kind="XX"), "kind is 'XX', expected SH or PRN"),
        (line(APPLE, 1, 1).replace("<sshPrnamt>1</sshPrnamt>", ""), "shares is None, expected a finite number"),
    ],
)
def test_a_malformed_line_is_set_aside_and_the_rest_is_kept(bad: str, reason: str) -> None:
    parsed = information_table(table(line(SALESFORCE, 3, 30), bad), FILING, {})
    assert (parsed.facts.height, parsed.facts["symbol"].item()) == (1, None)
    assert parsed.rejected["column"].item() == "infoTable[2]"
    assert parsed.rejected["reason"].item().startswith(reason)


@pytest.mark.parametrize(
    "text", [b"", b"<html></html>", b"<informationTable>", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>']
)
def test_a_document_of_another_kind_is_refused(text: bytes) -> None:
    with pytest.raises(DataError, match="information table 0001951757-25-000093"):
        information_table(text, FILING, SYMBOLS)


@pytest.mark.shared_data
def test_a_real_13f_in_table_and_in_xml_is_the_same(shared_data: Path) -> None:
    """SVC-FND-03 on a real 13F-HR: 77 holdings, 92.6 million dollars, known three weeks after the quarter."""
    from_table = holdings_table(csv_of(shared_data, "c7_13f_infotable.parquet"), SYMBOLS)
    assert (from_table.facts.height, from_table.rejected.height) == (77, 0)
    rows = pl.read_parquet(shared_data / "c7_13f_infotable.parquet").iter_rows(named=True)
    lines = [line(row["cusip"], int(row["shares"]), int(row["value"])) for row in rows]
    from_xml = information_table(table(*lines), replace(FILING, filer="ACORN CREEK CAPITAL LLC"), SYMBOLS)
    same = ["filer", "cusip", "period_on", "shares", "value_usd", "known_at"]
    assert from_table.facts.select(same).equals(from_xml.facts.select(same))
    assert from_table.facts["known_at"].unique().to_list() == [datetime(2025, 1, 23, 14, 30, tzinfo=UTC)]
