"""`assay data import` of files as their vendors give them, made of the real data beside the checkout."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.adapters.feeds.files.sec_json import csv_of
from tests.api.cli.invoking import answer, invoked, json_answer

ATM = """mapping: atm-volatilities
domain: option_atm_volatility
files: "*.csv"
columns:
  session_on: {from: date, form: "%Y-%m-%dT%H:%M:%S%.f"}
unpivot:
  columns: {AAPL: AAPL, XOM: XOM}
  name: symbol
  value: implied_volatility_frac
event_at: {of: session_on, rule: session_close}
known_at: {of: session_on, rule: next_open}
"""
SPLITS = """mapping: splits
domain: corporate_actions
files: "*.csv"
columns:
  security_id: {from: symbol}
  kind: {constant: split}
  ex_on: {from: ex_on}
  ratio: {from: ratio}
event_at: {of: ex_on, rule: session_open}
known_at: {of: ex_on, rule: session_open}
"""
IDENTITY = """mapping: names
domain: identity
files: "*.csv"
columns:
  security_id: {from: symbol}
  symbol: {from: symbol}
  valid_from_on: {from: first_on}
event_at: {of: valid_from_on, rule: session_open}
known_at: {of: valid_from_on, rule: session_open}
"""


@pytest.fixture
def lake(tmp_path: Path) -> str:
    return str(tmp_path / "lake")


@pytest.fixture
def files(tmp_path: Path, shared_data: Path) -> tuple[Path, Path]:
    """Where files are written, and what they are made of."""
    return tmp_path, shared_data


def counts(kind: str, path: Path, lake: str, *options: str) -> dict[str, tuple[int, int, int]]:
    """New, unchanged and quarantined by domain."""
    done = json_answer("data", "import", kind, str(path), "--lake", lake, *options)
    return {one["domain"]: (one["n_accepted"], one["n_unchanged"], one["n_quarantined"]) for one in done}


def written(tmp_path: Path, shared_data: Path, name: str) -> Path:
    path = tmp_path / f"{name}.csv"
    path.write_bytes(csv_of(shared_data, f"{name}.parquet"))
    return path


def mapped(tmp_path: Path, lake: str, name: str, mapping: str, table: str) -> None:
    (tmp_path / f"{name}.yaml").write_text(mapping, encoding="utf-8")
    (tmp_path / f"{name}.csv").write_text(table, encoding="utf-8")
    given = ("--mapping", str(tmp_path / f"{name}.yaml"), "--lake", lake)
    answer("data", "import", "csv", str(tmp_path / f"{name}.csv"), *given)


@pytest.mark.parametrize(
    ("kind", "file", "domain"),
    [
        ("estimates", "c4_estimize_estimates_aapl", "estimates"),
        ("releases", "c5_estimize_releases_aapl", "earnings_actuals"),
        ("13f", "c7_13f_infotable", "ownership_13f"),
    ],
)
def test_a_real_file_is_imported_once(files: tuple[Path, Path], lake: str, kind: str, file: str, domain: str) -> None:
    path = written(*files, file)

    first, again = counts(kind, path, lake), counts(kind, path, lake)

    assert first[domain][0] > 5 * first[domain][2]
    assert again[domain][0] == 0
    assert again[domain][1] == sum(first[domain][:2])


@pytest.mark.parametrize(
    ("file", "domain"),
    [("e2_option_trades_minute", "option_trades"), ("e3_option_open_interest", "option_open_interest")],
)
def test_real_tables_of_options_are_imported(lake: str, shared_data: Path, file: str, domain: str) -> None:
    found = counts("options", shared_data / f"{file}.parquet", lake)

    assert found[domain][0] > 6_000


def test_a_real_calendar_needs_the_ends_of_fiscal_years(tmp_path: Path, lake: str, shared_data: Path) -> None:
    path = written(tmp_path, shared_data, "c3_earnings_calendar")

    (n_new, _, n_refused) = counts("earnings-calendar", path, lake, "--year-end", "AAPL=9")["earnings_calendar"]

    assert n_new > 40
    assert n_refused > 0
    reasons = {row["reason"] for row in json_answer("data", "quarantine", "earnings_calendar", "--lake", lake)}
    assert any("no last month of" in reason for reason in reasons)
    assert invoked("data", "import", "earnings-calendar", str(path), "--year-end", "AAPL=13").exit_code == 2


def test_amounts_that_a_vendor_split_are_as_announced_once_the_lake_knows_the_splits(
    tmp_path: Path, lake: str, shared_data: Path
) -> None:
    """The file says 2.07 for the 14.50 that Apple announced in January 2014: divided by seven in June."""
    mapped(tmp_path, lake, "names", IDENTITY, "symbol,first_on\nAAPL,1998-01-02\n")
    mapped(tmp_path, lake, "splits", SPLITS, "symbol,ex_on,ratio\nAAPL,2014-06-09,7\n")
    path = written(tmp_path, shared_data, "c5_estimize_releases_aapl")

    counts("releases", path, lake, "--splits-until", "2019-07-11")

    facts = pl.scan_delta(str(Path(lake) / "earnings_actuals")).filter(
        pl.col("fiscal_year") == 2014, pl.col("fiscal_quarter") == 1, pl.col("measure") == "eps_usd"
    )
    (row,) = facts.collect().rows(named=True)
    assert (row["basis"], round(row["value"], 1)) == ("rescaled", 14.5)


def test_a_vendors_volatilities_at_the_money_are_imported_by_a_mapping(
    tmp_path: Path, lake: str, shared_data: Path
) -> None:
    (tmp_path / "atm.yaml").write_text(ATM, encoding="utf-8")
    wide = pl.read_parquet(shared_data / "e6_atm_iv_20names_wide.parquet").select("date", "AAPL", "XOM")
    wide.write_csv(tmp_path / "atm.csv")

    found = counts("csv", tmp_path / "atm.csv", lake, "--mapping", str(tmp_path / "atm.yaml"))

    assert found["option_atm_volatility"][0] == wide.height * 2
