from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.adapters.feeds.files.lean_writing import map_file, shared_folder, zipped
from tests.api.cli.invoking import answer, invoked, json_answer

INDEX = """mapping: sp500-close
domain: factors
files: "sp500.csv"
columns:
  factor: {constant: sp500}
  period_on: {from: date, form: "%Y-%m-%dT%H:%M:%S%.f"}
  value: {from: SP500}
"""
BARS = ("20140605 00:00,6460000,6470000,6400000,6410000,100", "20140606 00:00,6499000,6400000,6444700,6455700,100")


@pytest.fixture
def lean(tmp_path: Path) -> str:
    root = tmp_path / "lean"
    zipped(root / "equity" / "usa" / "daily" / "aapl.zip", "aapl.csv", BARS)
    map_file(root, "aapl", [("19980102", "AAPL", "Q"), ("20501231", "AAPL", "Q")])
    return str(root)


@pytest.fixture
def lake(tmp_path: Path) -> str:
    return str(tmp_path / "lake")


def test_an_import_prints_what_is_new_what_was_there_and_what_was_set_aside(lean: str, lake: str) -> None:
    first = answer("data", "import", "lean", lean, "--lake", lake)
    again = json_answer("data", "import", "lean", lean, "--lake", lake)

    assert ["bars_daily", "lean", "1", "0", "1"] in [line.split() for line in first.splitlines()]
    assert [one["n_accepted"] for one in again] == [0, 0, 0]


def test_tables_sources_and_quarantine_are_shown(lean: str, lake: str) -> None:
    answer("data", "import", "lean", lean, "--lake", lake)

    assert "bars_daily" in answer("data", "tables", "--lake", lake)
    assert ["bars_daily", "lean", "1", "2014-06-05", "20:00", "2014-06-05", "20:00"] in [
        line.split() for line in answer("data", "sources", "--lake", lake).splitlines()
    ]
    told = answer("data", "quarantine", "bars_daily", "--lake", lake)
    assert told.startswith("daily/aapl.zip:2 close_usd '645.57': the high is under the low: open 649.9")
    assert answer("data", "quarantine", "halts", "--lake", lake) == "Nothing of halts was set aside.\n"
    assert json_answer("data", "quarantine", "bars_daily", "--lake", lake)[0]["source"] == "lean"
    assert {row["domain"] for row in json_answer("data", "tables", "--lake", lake)} >= {"bars_daily", "halts"}
    assert len(json_answer("data", "sources", "--lake", lake)) == 3


def test_a_command_without_a_lake_says_how_to_name_one() -> None:
    result = invoked("data", "tables")

    assert result.exit_code != 0
    assert "give --lake FOLDER or set ASSAY_LAKE" in " ".join(result.output.split())


def test_a_run_on_a_lake_needs_symbols(lake: str, tmp_path: Path) -> None:
    result = invoked("run", "--lake", lake, "--home", str(tmp_path / "home"))

    assert result.exit_code != 0
    assert "give --universe A,B or set ASSAY_UNIVERSE" in " ".join(result.output.split())
    assert not (tmp_path / "home").exists()


def test_the_same_dataflow_runs_on_imported_data_and_is_verified_and_replayed(
    tmp_path: Path, lake: str, shared_data: Path
) -> None:
    """Journey 4 of the data: files that anyone can download, the shipped policy, through the split of 2014-06-09."""
    tickers = ("AAPL", "AIG", "BAC", "GOOG", "GOOGL", "GOOCV", "IBM")
    root = shared_folder(shared_data, tmp_path / "lean", tickers)
    wide = pl.read_parquet(shared_data / "a5_adjclose_20_plus_sp500_wide.parquet")
    wide.select("date", "SP500").write_csv(tmp_path / "sp500.csv")
    (tmp_path / "sp500.yaml").write_text(INDEX, encoding="utf-8")
    answer("data", "import", "lean", str(root), "--lake", lake)
    answer(
        "data", "import", "csv", str(tmp_path / "sp500.csv"), "--mapping", str(tmp_path / "sp500.yaml"), "--lake", lake
    )
    span = ("--from", "2014-06-04", "--to", "2014-06-11", "--replays", "4")
    home = str(tmp_path / "home")

    job = json_answer("run", "--lake", lake, "--universe", "AAPL,AIG,BAC,GOOG,GOOGL,IBM", *span, "--home", home)

    assert (job["n_sessions"], job["findings"]) == (6, [])
    assert job["n_decisions"] > 0
    assert set(job["replays"]) == {"identical"}
    assert float(job["equity_usd"]) > 900_000
    assert "intact" in answer("verify", "--home", home)
    assert answer("positions", "--home", home, "--account", "demo")
