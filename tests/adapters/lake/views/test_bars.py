from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from adapters.feeds.files.lean import lean_folder
from adapters.feeds.files.leases import no_leases
from adapters.feeds.files.parsed import in_batches
from adapters.lake.domains.bars import BARS_DAILY
from adapters.lake.domains.corporate_actions import CORPORATE_ACTIONS
from adapters.lake.facts.store import FactStore
from adapters.lake.views.bars import Adjustment, actions, adjusted, intraday, raw
from tests.adapters.feeds.files.lean_writing import daily_zip, day_zips, minute_columns
from tests.adapters.lake.views.holding import at, clock, held, lean_lake

NOW = clock()
AAPL = "AAPL:1998-01-02"
SPLIT_EVE = date(2014, 6, 6)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> FactStore:
    return lean_lake(tmp_path_factory.mktemp("bars"), shared_data, ("AAPL", "AIG"))


def close(frame: pl.DataFrame, on: date) -> float:
    return float(frame.filter(pl.col("session_on") == on)["adjusted_close_usd"][0])


@pytest.mark.parametrize(
    ("known_at", "price"),
    [
        ("2014-06-06 20:00", 645.57),
        ("2014-06-09 13:29", 645.57),
        ("2014-06-09 13:30", 645.57 / 7),
        ("2020-08-31 20:00", 645.57 / 28),
    ],
)
def test_a_split_adjusts_a_price_only_for_who_asks_after_it(lake: FactStore, known_at: str, price: float) -> None:
    """SVC-MKT-01 and DESIGN section 10: AAPL 7 for 1 on 2014-06-09, 4 for 1 on 2020-08-31."""
    assert close(adjusted(lake, AAPL, at(known_at), Adjustment.SPLITS), SPLIT_EVE) == pytest.approx(price, rel=1e-12)


def test_the_raw_price_is_the_same_whenever_it_is_asked(lake: FactStore) -> None:
    """SVC-MKT-01: raw bars are what is stored."""
    then = raw(lake, AAPL, at("2014-06-06 20:00"))

    assert then["session_on"].max() == SPLIT_EVE
    assert raw(lake, AAPL, NOW).head(then.height).equals(then)


def test_a_bar_is_not_known_before_its_close(lake: FactStore) -> None:
    assert raw(lake, AAPL, at("2014-06-06 19:59"))["session_on"].max() == date(2014, 6, 5)


def test_what_is_adjusted_as_of_a_day_does_not_move_when_the_future_does(
    lake: FactStore, tmp_path: Path, shared_data: Path
) -> None:
    """PIT: rewrite everything after T, nothing known by T changes."""
    known_at = at("2014-06-30 20:00")
    future = lean_lake(tmp_path, shared_data, ("AAPL",))
    held(future, CORPORATE_ACTIONS, [action(AAPL, "split", date(2014, 7, 1), "2014-07-01 13:30", ratio=1000.0)])

    assert adjusted(future, AAPL, known_at).equals(adjusted(lake, AAPL, known_at))


def action(security_id: str, kind: str, ex_on: date, known_at: str, **values: float) -> dict[str, object]:
    effective = at(f"{ex_on} 14:00")
    stamps = {"event_at": effective, "effective_at": effective, "known_at": at(known_at)}
    return {"security_id": security_id, "kind": kind, "ex_on": ex_on, **values, **stamps}


@pytest.fixture
def small(tmp_path: Path) -> FactStore:
    store = FactStore(tmp_path, clock)
    closes = {3: 100.0, 4: 98.0, 5: 49.0}
    held(store, BARS_DAILY, [bar(day, price) for day, price in closes.items()])
    held(
        store,
        CORPORATE_ACTIONS,
        [
            action("X", "dividend", date(2000, 1, 4), "2000-01-04 14:30", amount_usd=2.0),
            action("X", "split", date(2000, 1, 5), "1999-12-01 14:30", ratio=2.0),
        ],
    )
    return store


def bar(day: int, price: float, known_at: str | None = None) -> dict[str, object]:
    closed = at(f"2000-01-0{day} 21:00")
    prices = dict.fromkeys(("open_usd", "high_usd", "low_usd", "close_usd"), price)
    stamps = {"event_at": closed, "known_at": closed if known_at is None else at(known_at)}
    return {
        "security_id": "X",
        "session_on": date(2000, 1, day),
        "symbol": "X",
        **prices,
        "volume_shares": 10,
        **stamps,
    }


def test_a_dividend_lowers_earlier_prices_by_its_part_of_the_close_before_and_no_volume(small: FactStore) -> None:
    """SVC-EVT-01: back-adjustment."""
    found = adjusted(small, "X", at("2000-01-05 21:00"))

    assert found["adjusted_close_usd"].to_list() == pytest.approx([49.0, 49.0, 49.0])
    assert found["adjusted_volume_shares"].to_list() == [20.0, 20.0, 10.0]


def test_an_announced_split_is_known_and_not_applied_until_it_is_in_force(small: FactStore) -> None:
    """SVC-EVT-01: announce and effective times are two."""
    assert actions(small, "X", at("2000-01-04 21:00"))["kind"].to_list() == ["dividend"]
    assert adjusted(small, "X", at("2000-01-04 21:00"))["share_factor"].to_list() == [1.0, 1.0]


def test_a_correction_is_seen_from_when_it_came(small: FactStore) -> None:
    """SVC-MKT-01: corrected bars."""
    held(small, BARS_DAILY, [bar(3, 101.0, "2000-01-06 15:00")])

    assert raw(small, "X", at("2000-01-06 14:59"))["close_usd"][0] == 100.0
    assert raw(small, "X", at("2000-01-06 15:00"))["close_usd"][0] == 101.0


def test_a_late_bar_is_seen_from_when_it_came(small: FactStore) -> None:
    """SVC-MKT-01: late bars."""
    held(small, BARS_DAILY, [bar(6, 50.0, "2000-01-07 15:00")])

    assert raw(small, "X", at("2000-01-06 23:00")).height == 3
    assert raw(small, "X", at("2000-01-07 15:00")).height == 4


def test_real_adjusted_returns_are_total_returns(lake: FactStore) -> None:
    """The return over an ex-date is (close + dividend) / (close before) to the first order of the dividend."""
    found = adjusted(lake, AAPL, NOW).filter(pl.col("session_on").is_between(date(2014, 5, 7), date(2014, 5, 8)))

    close_usd, adjusted_usd = found["close_usd"].to_numpy(), found["adjusted_close_usd"].to_numpy()
    assert adjusted_usd[1] / adjusted_usd[0] == pytest.approx(close_usd[1] / (close_usd[0] - 3.29), rel=1e-4)
    assert np.isfinite(adjusted_usd).all()


def test_a_minute_is_not_known_until_it_is_over(tmp_path: Path, shared_data: Path) -> None:
    """PIT: b1 stamps bars at their start; GOOG's half day of 2015-12-24 included."""
    minutes = pl.read_parquet(shared_data / "b1_minute_trade.parquet").filter(pl.col("symbol") == "GOOG")
    hours = pl.read_parquet(shared_data / "a8_hour_crash_windows.parquet").filter(pl.col("file_symbol") == "SPY")
    day_zips(tmp_path, "GOOG", minutes, "minute trade", minute_columns())
    daily_zip(tmp_path, "SPY", hours, "ts", "hour")
    store = FactStore(tmp_path / "lake", clock)
    for part in in_batches(lean_folder(tmp_path, no_leases())):
        assert part.rejected.is_empty()
        store.ingested(part.domain, part.facts, part.source)
    google, spy = (
        f"{name}:{min(rows['ts'].dt.date().to_list())}" for name, rows in (("GOOG", minutes), ("SPY", hours))
    )

    assert intraday(store, google, 60, NOW)["close_usd"].to_list() == minutes["close"].to_list()
    half_past = intraday(store, google, 60, at("2015-12-24 14:30:59"))
    assert str(half_past["starts_at"].max()) < "2015-12-24 14:30"
    assert intraday(store, google, 3600, NOW).is_empty()
    assert intraday(store, spy, 3600, NOW).height == hours.height


def test_a_reverse_split_raises_earlier_prices(lake: FactStore) -> None:
    before = date(2009, 6, 30)
    found = adjusted(lake, "AIG:1998-01-02", at("2009-07-01 20:00"), Adjustment.SPLITS)

    row = found.filter(pl.col("session_on") == before).row(0, named=True)
    assert row["adjusted_close_usd"] == pytest.approx(20 * row["close_usd"], rel=1e-12)
