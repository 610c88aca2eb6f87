from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.mapped import mapped_files
from adapters.feeds.files.mapping import import_mapping
from adapters.feeds.files.parsed import Parsed
from adapters.lake.domains.bars import BARS_DAILY
from adapters.lake.domains.factors import FACTORS, MACRO
from nodes.vocabulary.errors import DataError

DOMAINS = {domain.name: domain for domain in (BARS_DAILY, FACTORS, MACRO)}
VIX = """mapping: cboe-vix
domain: factors
files: "VIX*.csv"
columns:
  factor: {constant: vix}
  period_on: {from: DATE, form: "%m/%d/%Y"}
  value: {from: CLOSE}
"""
BARS = """mapping: my-vendor
domain: bars_daily
files: "*.csv"
separator: ";"
skip_lines: 1
columns:
  security_id: {from: Ticker, upper: true}
  symbol: {from: Ticker, upper: true}
  session_on: {from: Day}
  open_usd: {from: O, divide_by: 100}
  high_usd: {from: H, divide_by: 100}
  low_usd: {from: L, divide_by: 100}
  close_usd: {from: C, divide_by: 100}
  volume_shares: {from: V}
event_at: {of: session_on, rule: session_close}
known_at: {of: session_on, rule: session_close}
"""
CURVE = """mapping: treasury
domain: factors
files: "curve*"
format: parquet
columns:
  period_on: {from: date}
unpivot:
  columns: {y_3month: y_3month, y_10year: y_10year}
  name: factor
  value: value
"""


def read(tmp_path: Path, mapping: str) -> list[Parsed]:
    return list(mapped_files(tmp_path, import_mapping(mapping.encode(), "m.yaml"), DOMAINS))


def test_a_factor_has_the_unit_and_the_lag_of_its_law(tmp_path: Path) -> None:
    """SVC-MKT-02: the VIX closes at 16:15, so the shares' close does not see it."""
    (tmp_path / "VIX_History.csv").write_text("DATE,OPEN,CLOSE\n03/16/2020,57.83,82.69\n", encoding="utf-8")

    (parsed,) = read(tmp_path, VIX)

    row = parsed.facts.row(0, named=True)
    assert (row["factor"], row["period_on"], row["value"], row["unit"]) == ("vix", date(2020, 3, 16), 82.69, "points")
    assert str(row["known_at"]) == "2020-03-16 20:15:00+00:00"


def test_bars_in_cents_between_semicolons_are_read_and_judged(tmp_path: Path) -> None:
    text = (
        "made by a vendor\nTicker;Day;O;H;L;C;V\n"
        "aapl;2014-06-06;64990;65148;64447;64557;87484701\naapl;2014-06-09;1;2;3;2;5\n"
    )
    (tmp_path / "bars.csv").write_text(text, encoding="utf-8")

    (parsed,) = read(tmp_path, BARS)

    assert parsed.facts.select("security_id", "close_usd", "volume_shares").rows() == [("AAPL", 645.57, 87484701)]
    assert parsed.rejected["line"].to_list() == [4]
    assert "high is under the low" in parsed.rejected["reason"][0]


def test_a_wide_file_becomes_rows_and_an_empty_cell_no_fact(tmp_path: Path) -> None:
    days = [datetime(2000, 1, 3), datetime(2000, 1, 4)]  # noqa: DTZ001  # as the file has it
    pl.DataFrame({"date": days, "y_3month": [None, 0.0552], "y_10year": [0.0658, 0.0649]}).write_parquet(
        tmp_path / "curve.parquet"
    )

    (parsed,) = read(tmp_path, CURVE)

    rows = sorted((row[0], row[1], row[2]) for row in parsed.facts.select("factor", "period_on", "value").iter_rows())
    assert rows == [
        ("y_10year", date(2000, 1, 3), 0.0658),
        ("y_10year", date(2000, 1, 4), 0.0649),
        ("y_3month", date(2000, 1, 4), 0.0552),
    ]
    assert str(parsed.facts["known_at"].min()) == "2000-01-04 14:30:00+00:00"


def test_the_negative_print_of_oil_is_kept(shared_data: Path) -> None:
    """DESIGN section 10: WTI closed at -36.98 on 2020-04-20 (EIA spot)."""
    mapping = VIX.replace("VIX*.csv", 'g2_*.parquet"\nformat: "parquet').replace("constant: vix", "constant: wti")
    mapping = mapping.replace('{from: DATE, form: "%m/%d/%Y"}', "{from: date}").replace("CLOSE", "price")

    (parsed,) = mapped_files(shared_data, import_mapping(mapping.encode(), "m.yaml"), DOMAINS)

    fact = parsed.facts.filter(pl.col("period_on") == date(2020, 4, 20)).row(0, named=True)
    assert -40.0 < fact["value"] < -30.0
    assert str(fact["known_at"]) == "2020-04-29 13:30:00+00:00"
    assert parsed.rejected.height == parsed.rejected.filter(pl.col("reason").str.contains("names no instant")).height


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("domain: factors", "domain: weather", "domain 'weather' is unknown; use one of bars_daily"),
        ("  factor: {constant: vix}\n", "", "columns lack 'factor', a key of factors; add it"),
        ("domain: factors", "domain: macro", "columns lack 'series'"),
        ("VIX*.csv", "VOX*.csv", "has no file named like"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    (tmp_path / "VIX_History.csv").write_text("DATE,OPEN,CLOSE\n03/16/2020,57.83,82.69\n", encoding="utf-8")

    with pytest.raises(DataError, match=said.replace("*", r"\*")):
        read(tmp_path, VIX.replace(old, new))


def test_a_domain_without_laws_of_its_own_needs_them_in_the_mapping(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("", encoding="utf-8")

    with pytest.raises(DataError, match="bars_daily needs event_at and known_at"):
        read(tmp_path, BARS[: BARS.index("event_at")])


@pytest.mark.parametrize(("text", "said"), [("DATE,LAST\n1,2\n", "no column 'CLOSE'"), ("", "is empty")])
def test_a_file_that_does_not_fit_is_quarantined_and_the_others_are_read(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "VIX_1.csv").write_text(text, encoding="utf-8")
    (tmp_path / "VIX_2.csv").write_text("DATE,CLOSE\n03/16/2020,82.69\n", encoding="utf-8")

    bad, good = read(tmp_path, VIX)

    assert said in bad.rejected["reason"][0]
    assert good.facts.height == 1


def test_a_factor_without_a_law_or_in_another_unit_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "VIX.csv").write_text(
        "DATE,CLOSE,F,U\n03/16/2020,1,mood,points\n03/16/2020,1,vix,percent\n", encoding="utf-8"
    )
    mapping = VIX.replace("{constant: vix}", "{from: F}").replace("value:", "unit: {from: U}\n  value:")

    (parsed,) = read(tmp_path, mapping)

    assert parsed.facts.is_empty()
    assert "no law of when it is known" in parsed.rejected["reason"][0]
    assert "unit of vix was percent, expected points" in parsed.rejected["reason"][1]


def test_a_parquet_file_that_is_none_is_quarantined(tmp_path: Path) -> None:
    (tmp_path / "curve.parquet").write_bytes(b"PAR1 broken PAR1")

    assert "is no Parquet file" in read(tmp_path, CURVE)[0].rejected["reason"][0]
