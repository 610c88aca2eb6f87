from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.fama_french import fama_french
from nodes.vocabulary.errors import DataError

MONTHLY = """This file was created by CMPT_ME_BEME_RETS using the 201908 CRSP database.
The 1-month TBill return is from Ibbotson and Associates, Inc.

,Mkt-RF,SMB,HML,RF
201907,    1.19,   -1.95,    0.49,    0.19
201908,   -2.58,   -2.39,   -4.79,    0.16

  Annual Factors: January-December
,Mkt-RF,SMB,HML,RF
  2018,   -6.93,   -3.25,   -9.32,    1.83

Copyright 2019 Kenneth R. French
"""
DAILY = """Preamble, with a comma and 20 words.

,Mkt-RF,SMB,HML,RF
20190829,    1.35,    0.31,    0.34,   0.007
20190830,    0.03,  -99.99,    0.26,   0.007
"""


def read(tmp_path: Path, text: str) -> pl.DataFrame:
    path = tmp_path / "F-F_Research_Data_Factors.CSV"
    path.write_text(text, encoding="utf-8")
    return fama_french(path).facts


def test_months_and_the_years_below_them_are_different_factors(tmp_path: Path) -> None:
    """A reader that takes every dated row for a month has 2018's -6.93 as a month's return."""
    facts = read(tmp_path, MONTHLY)

    market = facts.filter(pl.col("factor").str.starts_with("mkt")).select("factor", "period_on", "value").rows()
    assert market == [
        ("mkt_rf_month", date(2019, 7, 31), 1.19),
        ("mkt_rf_month", date(2019, 8, 31), -2.58),
        ("mkt_rf_year", date(2018, 12, 31), -6.93),
    ]
    assert facts["unit"].unique().to_list() == ["percent"]


def test_a_missing_return_is_no_fact_and_never_minus_ninety_nine(tmp_path: Path) -> None:
    facts = read(tmp_path, DAILY).filter(pl.col("factor") == "smb")

    assert facts.select("period_on", "value").rows() == [(date(2019, 8, 29), 0.31)]


def test_returns_are_known_long_after_their_month(tmp_path: Path) -> None:
    """SVC-MKT-02: the lag of a factor is part of it."""
    facts = read(tmp_path, DAILY)

    assert {str(at) for at in facts["known_at"]} == {"2019-10-31 13:30:00+00:00"}
    assert str(facts["event_at"][0]) == "2019-08-29 20:00:00+00:00"


def test_rows_that_cannot_be_read_are_set_aside_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(DAILY + "20190831,0.1,0.1,0.1,0.1\n20190903,x,0.1,0.1,0.1\n20190904,1\n", encoding="utf-8")

    parsed = fama_french(path)

    assert parsed.rejected["line"].to_list() == [6, 6, 6, 6, 7, 8]
    assert set(parsed.facts["period_on"]) == {date(2019, 8, 29), date(2019, 8, 30), date(2019, 9, 3)}


def test_a_file_without_a_header_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="has no header row"):
        read(tmp_path, "<html>not found</html>\n")


def test_the_real_daily_factors_are_all_read(tmp_path: Path, shared_data: Path) -> None:
    rows = pl.read_parquet(shared_data / "g3_fama_french_daily.parquet")
    body = "\n".join(f"{row[0]:%Y%m%d},{row[1]},{row[2]},{row[3]},{row[4]}" for row in rows.iter_rows())

    facts = read(tmp_path, f"Prose.\n\n,Mkt-RF,SMB,HML,RF\n{body}\n\nCopyright\n")

    assert facts.height == 4 * rows.height
    assert facts.filter(pl.col("factor") == "hml").sort("period_on")["value"].to_list() == rows["hml"].to_list()
