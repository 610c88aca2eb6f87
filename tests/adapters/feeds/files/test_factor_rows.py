from __future__ import annotations

from datetime import date

import polars as pl

from adapters.feeds.files.factor_rows import placed_by_law
from adapters.feeds.files.fields import Typed
from adapters.feeds.files.tables import no_rejects

SCHEMA = {"line": pl.Int64, "factor": pl.String, "period_on": pl.Date, "value": pl.Float64}


def known(*rows: tuple[int, str, date, float]) -> Typed:
    return placed_by_law(Typed(pl.DataFrame(rows, schema=SCHEMA, orient="row"), no_rejects()), "f.csv")


def test_each_factor_is_known_by_its_own_law() -> None:
    """SVC-MKT-02."""
    day = date(2014, 6, 6)
    found = known(
        (1, "sp500", day, 1949.44),
        (2, "vix", day, 10.73),
        (3, "y_10year", day, 0.026),
        (4, "eurusd", day, 1.36),
        (5, "wti", day, 102.0),
    )

    at = {factor: str(instant)[:19] for factor, instant in found.rows.select("factor", "known_at").iter_rows()}
    assert at == {
        "sp500": "2014-06-06 20:00:00",
        "vix": "2014-06-06 20:15:00",
        "y_10year": "2014-06-09 13:30:00",
        "eurusd": "2014-06-06 23:59:59",
        "wti": "2014-06-16 13:30:00",
    }


def test_no_factor_is_known_before_it_was_true() -> None:
    found = known((1, "sp500", date(2014, 6, 6), 1.0), (2, "mkt_rf_month", date(2014, 6, 30), 1.0)).rows

    assert (found["known_at"] >= found["event_at"]).all()


def test_no_rows_are_no_facts() -> None:
    assert known().rows.columns[-2:] == ["event_at", "known_at"]


def test_a_level_of_a_day_without_a_session_is_set_aside() -> None:
    found = known((1, "sp500", date(2014, 6, 7), 1.0))

    assert (found.rows.height, found.rejected["line"].to_list()) == (0, [1])
