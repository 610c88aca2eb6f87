from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.sec_folder import sec_folder
from nodes.vocabulary.errors import EdgeError
from tests.adapters.feeds.files.sec_json import companyfacts_json, submissions_json

FACTS = b'{"cik": 320193, "entityName": "X", "facts": {}}'


def test_filings_come_first_and_give_the_facts_their_ticker(tmp_path: Path, shared_data: Path) -> None:
    (tmp_path / "CIK0000320193.json").write_bytes(submissions_json(shared_data, "AAPL"))
    (tmp_path / "CIK0000320193-facts.json").write_bytes(companyfacts_json(shared_data, "AAPL"))

    filings, facts = sec_folder(tmp_path)

    assert (filings.domain.name, facts.domain.name) == ("filings", "fundamentals")
    assert facts.facts["symbol"].unique().to_list() == ["AAPL"]
    restated = facts.facts.filter(
        pl.col("concept") == "Assets", pl.col("period_end_on") == date(2008, 9, 27), pl.col("unit") == "USD"
    )
    assert restated.sort("known_at")["value"].unique(maintain_order=True).to_list() == [39.572e9, 36.171e9]


def test_facts_without_a_ticker_are_set_aside_unless_one_is_given(tmp_path: Path) -> None:
    path = tmp_path / "facts.json"
    path.write_bytes(FACTS)

    (silent,) = sec_folder(path)
    (named,) = sec_folder(path, "AAPL")

    assert "put the company's submissions beside it" in silent.rejected["reason"][0]
    assert named.rejected.is_empty()


@pytest.mark.parametrize("text", [b"<html>", b'{"cik": ', b"[1]", b'{"cik": {}, "facts": {}}'])
def test_a_file_that_is_none_of_them_is_set_aside_and_the_rest_is_read(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "a.json").write_bytes(text)
    (tmp_path / "b.json").write_bytes(FACTS)

    parts = list(sec_folder(tmp_path, "AAPL"))

    assert [part.domain.name for part in parts] == ["filings", "fundamentals"]
    assert "is none of SEC's JSON files" in parts[0].rejected["reason"][0]


def test_a_folder_without_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="holds no JSON file"):
        list(sec_folder(tmp_path))
