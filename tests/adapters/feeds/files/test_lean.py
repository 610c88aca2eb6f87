from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.lean import lean_folder
from adapters.feeds.files.leases import no_leases
from adapters.feeds.files.parsed import Parsed, in_batches
from tests.adapters.feeds.files.lean_writing import map_file, shared_folder, zipped

BAR = "20140611 00:00,910000,930000,900000,920000,100"


def facts(parts: Iterable[Parsed], domain: str) -> pl.DataFrame:
    return pl.concat([part.facts for part in parts if part.domain.name == domain])


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> list[Parsed]:
    root = shared_folder(
        shared_data, tmp_path_factory.mktemp("lean"), ("AAPL", "GOOG", "GOOGL", "GOOCV", "WM", "WMI", "UW")
    )
    return list(in_batches(lean_folder(root, no_leases())))


def test_a_ticker_that_changed_hands_is_two_securities(read: list[Parsed]) -> None:
    """DESIGN section 10: WM was Washington Mutual until 2008-09-26, Waste Management from 2009-08-05."""
    bars = facts(read, "bars_daily").filter(pl.col("symbol") == "WM").group_by("security_id")

    spans = bars.agg(first=pl.col("session_on").min(), last=pl.col("session_on").max()).sort("first").rows()
    assert spans == [
        ("WM:1998-12-09", date(1998, 12, 9), date(2008, 9, 26)),
        ("UW:1998-01-02", date(2009, 8, 5), date(2021, 3, 31)),
    ]


def test_a_security_keeps_its_id_through_every_ticker(read: list[Parsed]) -> None:
    """DESIGN section 10: GOOG is the class A share until 2014-04-02 and the class C share from 2014-04-03."""
    bars = (
        facts(read, "bars_daily")
        .group_by("security_id", "symbol")
        .agg(pl.col("session_on").max())
        .sort("security_id", "symbol")
    )

    google = bars.filter(pl.col("security_id").str.starts_with("GOO")).rows()
    assert google == [
        ("GOOCV:2014-03-27", "GOOCV", date(2014, 4, 2)),
        ("GOOCV:2014-03-27", "GOOG", date(2021, 3, 31)),
        ("GOOG:2004-08-19", "GOOG", date(2014, 4, 2)),
        ("GOOG:2004-08-19", "GOOGL", date(2021, 3, 31)),
    ]
    assert set(bars.filter(pl.col("security_id") == "UW:1998-01-02")["symbol"]) == {"UW", "WM", "WMI"}


def test_splits_are_whole_and_the_class_change_is_one(read: list[Parsed]) -> None:
    """SVC-EVT-01."""
    splits = facts(read, "corporate_actions").filter(pl.col("kind") == "split").sort("security_id", "ex_on")

    found = {(row[0], row[1]): row[2] for row in splits.select("security_id", "ex_on", "ratio").iter_rows()}
    assert found["AAPL:1998-01-02", date(2014, 6, 9)] == 7.0
    assert found["GOOG:2004-08-19", date(2014, 4, 3)] == 2.0
    assert found["GOOCV:2014-03-27", date(2015, 4, 27)] == pytest.approx(1.0027, abs=1e-5)


def test_nothing_of_the_sound_folder_is_set_aside_but_factors_without_a_map(read: list[Parsed]) -> None:
    assert sum(part.rejected.height for part in read) == 0


def test_a_damaged_file_costs_itself_only(tmp_path: Path) -> None:
    daily = tmp_path / "equity" / "usa" / "daily"
    zipped(daily / "ibm.zip", "ibm.csv", [BAR])
    (daily / "aapl.zip").write_bytes(b"half a download")
    map_file(tmp_path, "ibm", [("20000103", "IBM", "N"), ("20501231", "IBM", "N")])
    (daily.parent / "map_files" / "bad.csv").write_bytes(b"\xff\xff\n")

    parts = list(lean_folder(tmp_path, no_leases()))

    assert facts(parts, "bars_daily")["security_id"].to_list() == ["IBM:2000-01-03"]
    reasons = [reason for part in parts for reason in part.rejected["reason"]]
    assert any("is no sound zip" in reason for reason in reasons)
    assert any("fields, expected" in reason or "UTF-8" in reason for reason in reasons)


def test_factors_that_no_map_file_owns_are_set_aside(tmp_path: Path) -> None:
    folder = tmp_path / "equity" / "usa"
    zipped(folder / "daily" / "ibm.zip", "ibm.csv", [BAR])
    (folder / "factor_files").mkdir()
    (folder / "factor_files" / "ibm.csv").write_text("20140606,1,0.5,10\n20501231,1,1,0\n", encoding="utf-8")

    parts = list(lean_folder(tmp_path, no_leases()))

    assert facts(parts, "corporate_actions").is_empty()
    assert (
        "no map file says whose factors" in next(part for part in parts if part.rejected.height).rejected["reason"][0]
    )
