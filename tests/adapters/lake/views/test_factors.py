from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.mapped import mapped_files
from adapters.feeds.files.mapping import import_mapping
from adapters.feeds.files.vintages import vintages
from adapters.lake.domains.registry import DOMAINS
from adapters.lake.facts.store import FactStore
from adapters.lake.views.factors import factor_levels, macro_first_prints, macro_series, newest_factor
from tests.adapters.lake.views.holding import at, clock

NOW = clock()
FILES = {
    "g1_vix_daily": "factor: {constant: vix}, period_on: {from: date}, value: {from: close}",
    "g2_wti_daily": "factor: {constant: wti}, period_on: {from: date}, value: {from: price}",
    "g6_eurusd_daily": "factor: {constant: eurusd}, period_on: {from: date}, value: {from: bid_close}",
    "g7_xauusd_daily": "factor: {constant: gold}, period_on: {from: date}, value: {from: bid_close}",
}
CURVE = "unpivot: {columns: {y_2year: y_2year, y_10year: y_10year}, name: factor, value: value}\n"
GDP = "observation_date,GDP_20240125,GDP_20240228,GDP_20240328\n2023-10-01,27938.8,27944.6,27956.9\n"


def put(store: FactStore, place: Path, text: str) -> None:
    for parsed in mapped_files(place, import_mapping(text.encode(), "m.yaml"), DOMAINS):
        store.ingested(parsed.domain, parsed.facts, parsed.source, parsed.rejected)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> FactStore:
    store = FactStore(tmp_path_factory.mktemp("factors"), clock)
    for name, columns in FILES.items():
        text = f"mapping: {name[:2]}\ndomain: factors\nfiles: x\nformat: parquet\ncolumns: {{{columns}}}\n"
        put(store, shared_data / f"{name}.parquet", text)
    head = "mapping: g5\ndomain: factors\nfiles: x\nformat: parquet\ncolumns: {period_on: {from: date}}\n"
    put(store, shared_data / "g5_treasury_curve_daily.parquet", head + CURVE)
    return store


@pytest.mark.parametrize(
    ("factor", "known_at", "period_on"),
    [
        ("vix", "2014-06-06 20:00", date(2014, 6, 5)),
        ("vix", "2014-06-06 20:15", date(2014, 6, 6)),
        ("y_10year", "2014-06-06 20:00", date(2014, 6, 5)),
        ("y_2year", "2014-06-09 13:30", date(2014, 6, 6)),
        ("eurusd", "2014-06-06 20:00", date(2014, 6, 5)),
        ("gold", "2014-06-06 20:00", date(2014, 6, 5)),
        ("wti", "2014-06-06 20:00", date(2014, 5, 28)),
    ],
)
def test_what_a_close_sees_of_a_factor_is_what_was_published_by_then(
    lake: FactStore, factor: str, known_at: str, period_on: date
) -> None:
    """SVC-MKT-02: each factor with its lag, joined as of."""
    assert factor_levels(lake, factor, at(known_at))["period_on"].max() == period_on


def test_the_negative_print_of_oil_is_served_as_it_was(lake: FactStore) -> None:
    """DESIGN section 10: negative oil."""
    levels = factor_levels(lake, "wti", NOW).filter(pl.col("period_on") == date(2020, 4, 20))

    assert levels["value"][0] == pytest.approx(-36.98)
    assert levels["unit"][0] == "usd"


def test_a_yield_that_was_not_quoted_is_no_fact(lake: FactStore, shared_data: Path) -> None:
    rows = pl.read_parquet(shared_data / "g5_treasury_curve_daily.parquet")

    assert factor_levels(lake, "y_10year", NOW).height <= rows["y_10year"].drop_nulls().len()
    assert newest_factor(lake, "y_30year", NOW) is None


def test_a_macro_series_is_that_of_its_vintage(tmp_path: Path) -> None:
    """SVC-MKT-05: GDP of 2023 Q4 was 27,938.8, then 27,944.6, then 27,956.9."""
    path = tmp_path / "GDP.csv"
    path.write_text(GDP, encoding="utf-8")
    store = FactStore(tmp_path / "lake", clock)
    parsed = vintages(path)
    store.ingested(parsed.domain, parsed.facts, parsed.source, parsed.rejected)

    asked = ["2024-01-26 14:29", "2024-01-26 14:30", "2024-02-29 14:29", "2024-02-29 14:30", "2024-04-02 00:00"]
    found = [macro_series(store, "GDP", at(text))["value"].to_list() for text in asked]
    assert found == [[], [27938.8], [27938.8], [27944.6], [27956.9]]
    assert macro_first_prints(store, "GDP", NOW)["value"].to_list() == [27938.8]
