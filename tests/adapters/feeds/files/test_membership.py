from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.membership import membership
from nodes.vocabulary.errors import DataError


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "members.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_that_a_stay_ends_is_known_only_when_it_ends(tmp_path: Path) -> None:
    facts = membership(
        write(tmp_path, "ticker,start,end\nAABA,1999-12-08,2017-06-19\nTRUE,2000-06-05,\n"), "sp500"
    ).facts

    rows = [
        (s, str(e or ""), str(k)[:10])
        for s, e, k in facts.sort("symbol", "known_at").select("symbol", "end_on", "known_at").iter_rows()
    ]
    assert rows == [("AABA", "", "1999-12-08"), ("AABA", "2017-06-19", "2017-06-19"), ("TRUE", "", "2000-06-05")]


def test_a_stay_that_ends_before_it_begins_is_set_aside(tmp_path: Path) -> None:
    parsed = membership(write(tmp_path, "ticker,start,end\nA,2010-01-04,2009-01-05\nB,x,\n"), "sp500")

    assert parsed.facts.is_empty()
    assert parsed.rejected["line"].to_list() == [2, 3]


def test_a_list_without_a_start_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no column 'start'"):
        membership(write(tmp_path, "ticker,end\nA,2010-01-04\n"), "sp500")


def test_the_real_list_is_read_whole_with_tickers_that_look_like_other_things(
    tmp_path: Path, shared_data: Path
) -> None:
    """`NA`, `TRUE` and the like are tickers."""
    rows = pl.read_parquet(shared_data / "a6_sp500_membership.parquet")
    path = tmp_path / "members.csv"
    rows.with_columns(pl.all().replace("", None)).write_csv(path)

    parsed = membership(path, "sp500")

    assert parsed.rejected.is_empty()
    begun = parsed.facts.filter(pl.col("end_on").is_null())
    assert begun.height == rows.height
