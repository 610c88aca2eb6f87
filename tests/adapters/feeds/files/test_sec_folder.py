"""A folder of SEC's files: told apart by content, filings first."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.feeds.files.sec_folder import sec_folder
from nodes.vocabulary.errors import EdgeError
from tests.adapters.feeds.files.sec_json import companyfacts_of, submissions_of
from tests.adapters.feeds.files.test_companyfacts import FACT
from tests.adapters.feeds.files.test_submissions import RESULTS, filing

OWN = filing("2009-07-22", "2009-07-22T16:30:00.000Z", form="10-Q", items="") | {"accessionNumber": FACT["accn"]}


def test_facts_are_known_when_their_filing_was(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(companyfacts_of([FACT]))
    (tmp_path / "b.json").write_bytes(submissions_of([*RESULTS, OWN]))
    filings, facts = sec_folder(tmp_path)
    assert (filings.domain.name, filings.facts.height) == ("filings", len(RESULTS) + 1)
    assert facts.facts["symbol"].to_list() == ["AAPL"]
    assert facts.facts["known_at"].to_list() == [datetime(2009, 7, 22, 20, 30, tzinfo=UTC)]


def test_older_filings_join_their_company(tmp_path: Path) -> None:
    older = json.loads(submissions_of([OWN]))["filings"]["recent"]
    (tmp_path / "CIK0000320193-submissions-001.json").write_text(json.dumps(older))
    (tmp_path / "CIK0000320193.json").write_bytes(submissions_of(RESULTS))
    (filings,) = sec_folder(tmp_path)
    assert filings.facts.height == len(RESULTS) + 1


def test_what_is_none_of_them_is_set_aside_and_the_rest_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    (tmp_path / "b.json").write_text('{"x": 1}')
    (tmp_path / "c.json").write_bytes(companyfacts_of([FACT]))
    (tmp_path / "d.json").write_bytes(submissions_of([], cik="1", ticker="B"))
    (tmp_path / "e.json").write_text('{"cik": 5, "filings": {}}')
    parts = list(sec_folder(tmp_path))
    reasons = [reason for part in parts for reason in part.rejected["reason"]]
    assert [reason.partition(";")[0][:44] for reason in reasons] == [
        "a.json is no JSON object: Input data was tru",
        "b.json holds ['x'], neither submissions nor ",
        "submissions.json of CIK 5 names no ticker (N",
        "no submissions file names the ticker of CIK ",
    ]


def test_a_folder_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="holds no JSON file"):
        list(sec_folder(tmp_path))
