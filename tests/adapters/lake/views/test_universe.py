from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.lean_ticks import coarse_universe
from adapters.feeds.files.membership import membership
from adapters.lake.domains.universe import MEMBERSHIP, UNIVERSE
from adapters.lake.facts.store import FactStore
from adapters.lake.views.universe import advance_share, cross_section, members
from tests.adapters.feeds.files.lean_writing import csv_lines
from tests.adapters.lake.views.holding import at, clock

NOW = clock()


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> FactStore:
    folder = tmp_path_factory.mktemp("universe")
    store = FactStore(folder / "lake", clock)
    path = folder / "members.csv"
    pl.read_parquet(shared_data / "a6_sp500_membership.parquet").with_columns(pl.all().replace("", None)).write_csv(
        path
    )
    parsed = membership(path, "sp500")
    store.ingested(parsed.domain, parsed.facts, parsed.source, parsed.rejected)
    days = pl.read_parquet(shared_data / "d7_us_universe_3days_2014.parquet")
    for (day,), rows in days.group_by(pl.col("date").dt.date().alias("day"), maintain_order=True):
        numbers = [pl.col(name).cast(pl.String) for name in ("close", "volume", "dollar_volume")]
        path = folder / f"{day:%Y%m%d}.csv"
        path.write_text("\n".join(csv_lines(rows, pl.col("lean_sid"), pl.col("ticker"), *numbers)), encoding="utf-8")
        parsed = coarse_universe(path)
        store.ingested(parsed.domain, parsed.facts, parsed.source, parsed.rejected)
    return store


def test_members_of_a_day_are_those_of_that_day_the_dead_included(lake: FactStore) -> None:
    """Survivorship: Lehman is a member until it is not, and Facebook is not one before it was."""
    then, now = (set(members(lake, "sp500", day, NOW)) for day in (date(2008, 9, 2), date(2025, 7, 1)))

    assert 480 <= len(then) <= 520
    assert "AABA" in then
    assert "AABA" not in now
    assert "ABNB" in now - then


def test_whoever_asks_inside_a_stay_does_not_learn_that_it_ends(lake: FactStore) -> None:
    stays = lake.as_of(MEMBERSHIP, at("2016-01-04 21:00"), where=pl.col("index") == "sp500").collect()

    assert stays.filter(pl.col("symbol") == "AABA")["end_on"].to_list() == [None]
    assert (stays["start_on"] <= date(2016, 1, 4)).all()


def test_a_member_leaves_on_the_day_on_which_the_stay_ends(lake: FactStore) -> None:
    assert "AABA" in members(lake, "sp500", date(2017, 6, 16), NOW)
    assert "AABA" not in members(lake, "sp500", date(2017, 6, 19), NOW)


def test_a_list_of_todays_members_is_not_that_of_then(lake: FactStore) -> None:
    """Index hindsight: of 2005's members a third are gone."""
    then, now = (set(members(lake, "sp500", day, NOW)) for day in (date(2005, 1, 3), date(2025, 7, 1)))

    assert len(then & now) < 0.75 * len(then)


def test_a_cross_section_has_every_name_that_traded_once_its_close_is_known(lake: FactStore) -> None:
    assert cross_section(lake, date(2014, 3, 27), at("2014-03-27 19:59")).is_empty()

    found = cross_section(lake, date(2014, 3, 27), at("2014-03-27 20:00"))
    assert found.height > 7000
    assert found.columns == [*UNIVERSE.keys, *UNIVERSE.values]
    assert {"GOOAV:2014-03-27", "GOOCV:2014-03-27", "GOOG:2004-08-19"} <= set(found["security_id"])


def test_breadth_is_the_fraction_of_names_that_closed_higher(lake: FactStore) -> None:
    """SVC-MKT-02: breadth."""
    share = advance_share(lake, date(2014, 4, 3), date(2014, 4, 2), NOW)

    assert share is not None
    assert 0.2 < share < 0.6
    assert advance_share(lake, date(2014, 4, 3), date(2014, 4, 2), at("2014-04-03 19:00")) is None
