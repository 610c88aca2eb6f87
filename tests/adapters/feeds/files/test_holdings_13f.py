"""13F filings in files: several of a folder, amendments after what they amend, tickers where they are known."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.holdings_13f import holdings_13f
from adapters.feeds.files.leases import no_leases
from adapters.feeds.files.request import Besides, Held, ImportRequest
from adapters.lake.domains.registry import DOMAINS
from nodes.vocabulary.errors import DataError, EdgeError
from tests.adapters.feeds.files.filing_13f import LABELS, submission
from tests.adapters.feeds.files.test_ownership import APPLE, SALESFORCE, line, table

NOW = datetime(2026, 1, 1, tzinfo=UTC)
AMENDED = LABELS.replace("25-000093", "25-000101").replace("20250122", "20250203")


def request(place: Path, besides: Besides | None = None) -> ImportRequest:
    held = Held(NOW, no_leases(), DOMAINS, lambda domain: pl.DataFrame(schema=pl.Schema(domain.schema)))
    return ImportRequest(place, held, besides or Besides())


def test_a_filing_is_known_from_its_acceptance(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(submission(table(line(APPLE, 10, 100)).decode()))

    (parsed,) = holdings_13f(request(path))

    row = parsed.facts.row(0, named=True)
    assert row["known_at"] == datetime(2025, 1, 22, 20, 15, tzinfo=UTC)
    assert (row["filer"], row["cusip"], row["symbol"], row["shares"]) == ("0001951757", APPLE, None, 10)


def test_an_amendment_of_the_same_folder_takes_back_what_it_no_longer_names(tmp_path: Path) -> None:
    """Its name sorts first; its filing date does not."""
    first = table(line(APPLE, 10, 100), line(SALESFORCE, 3, 30)).decode()
    (tmp_path / "b.txt").write_bytes(submission(first))
    (tmp_path / "a.txt").write_bytes(submission(table(line(APPLE, 11, 110)).decode(), AMENDED, "RESTATEMENT"))

    before, after = holdings_13f(request(tmp_path))

    assert before.facts["is_retracted"].to_list() == [False, False]
    assert after.facts.select("cusip", "shares", "is_retracted").rows() == [(APPLE, 11, False), (SALESFORCE, 3, True)]


def test_a_bad_file_of_a_folder_is_set_aside_and_the_rest_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(submission(table(line(APPLE, 10, 100)).decode()))
    (tmp_path / "b.txt").write_bytes(b"<html>")
    (tmp_path / "c.txt").write_bytes(submission("<x/>"))

    found = list(holdings_13f(request(tmp_path)))

    assert sum(parsed.facts.height for parsed in found) == 1
    assert sorted(name for parsed in found for name in parsed.rejected["file"]) == ["b.txt", "c.txt"]


def test_tickers_come_from_a_table_of_cusips(tmp_path: Path) -> None:
    path, cusips = tmp_path / "a.txt", tmp_path / "cusips.csv"
    path.write_bytes(submission(table(line(APPLE, 10, 100)).decode()))
    cusips.write_text(f"cusip,symbol\n{APPLE},aapl\n", encoding="utf-8")

    (parsed,) = holdings_13f(request(path, Besides(cusips=cusips)))

    assert parsed.facts["symbol"].to_list() == ["AAPL"]


def test_a_table_of_cusips_with_a_hole_is_refused(tmp_path: Path) -> None:
    cusips = tmp_path / "cusips.csv"
    cusips.write_text(f"cusip,symbol\n{APPLE},\n", encoding="utf-8")

    with pytest.raises(DataError, match=r"cusips.csv:2: symbol is None, expected text"):
        list(holdings_13f(request(tmp_path, Besides(cusips=cusips))))


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    """A billion laughs: refused before anything is expanded."""
    bomb = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><informationTable>&b;</informationTable>'
    (tmp_path / "a.txt").write_bytes(submission(bomb))

    (parsed,) = holdings_13f(request(tmp_path))

    assert "no XML document that is safe to read" in parsed.rejected["reason"][0]


def test_an_empty_folder_is_the_operators(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="holds no file"):
        list(holdings_13f(request(tmp_path)))


def test_the_real_table_of_one_filing_is_read(tmp_path: Path, shared_data: Path) -> None:
    rows = pl.read_parquet(shared_data / "c7_13f_infotable.parquet")
    path = tmp_path / "c7.csv"
    rows.write_csv(path)

    (parsed,) = holdings_13f(request(path))

    assert parsed.rejected.is_empty()
    assert parsed.facts["value_usd"].sum() == rows["value"].sum()
