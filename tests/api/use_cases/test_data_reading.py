"""What readings have in common."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import polars as pl
import pytest

from adapters.lake.domains.factors import FACTORS
from adapters.lake.domains.texts import TEXTS
from adapters.lake.facts.store import FactStore
from api.use_cases.data_reading import (
    N_READERS,
    DataRoom,
    Reading,
    Says,
    Standpoint,
    Symbol,
    known_domain,
    within,
)
from nodes.vocabulary.errors import EdgeError
from tests.adapters.lake.views.holding import at, clock


def _days(
    at: Standpoint,
    symbol: Symbol,
    count: Annotated[int, Says("How many.", least=1, most=9)] = 3,
    on: date | None = None,
) -> pl.DataFrame:
    """Days of nothing.

    More words.
    """
    return pl.DataFrame({"day": [on or at.today_on] * count, "symbol": [symbol] * count})


READING = Reading("days", "/days/{symbol}", "tests", _days, {"day": pl.Date()}, (FACTORS,), (TEXTS,))


def test_a_reading_says_what_it_is_told_by_its_signature() -> None:
    symbol, count, on = READING.parameters
    assert (symbol.is_place, symbol.kind, count.default, count.says.most, on.kind) == (True, str, 3, 9, date)
    assert READING.summary == "Days of nothing"


def test_an_answer_has_the_declared_columns_and_no_other(sample_lake: Path) -> None:
    store = FactStore(sample_lake, clock)
    found = READING.answer(Standpoint(store, clock()), {"symbol": "A", "count": 2})
    assert (found.columns, found.height) == (["day"], 2)
    assert list(READING.versions(store)) == ["factors", "texts"]


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="holds no table 'factors'; import it"):
        READING.answer(Standpoint(FactStore(tmp_path, clock), clock()), {"symbol": "A"})
    with pytest.raises(EdgeError, match="table 'nope' does not exist"):
        known_domain("nope")


def test_the_day_of_a_standpoint_is_that_of_new_york(tmp_path: Path) -> None:
    assert Standpoint(FactStore(tmp_path, clock), at("2020-06-06 03:00")).today_on == date(2020, 6, 5)


@pytest.mark.parametrize(("start", "end", "n_days"), [(None, None, 3), (2, None, 2), (None, 2, 2), (2, 2, 1)])
def test_a_span_includes_both_its_days(start: int | None, end: int | None, n_days: int) -> None:
    days = pl.DataFrame({"on": [date(2020, 1, day) for day in (1, 2, 3)]})
    first, last = (None if day is None else date(2020, 1, day) for day in (start, end))
    assert days.filter(within("on", first, last)).height == n_days


def test_a_room_opens_its_lake_once_and_when_it_is_asked_for(tmp_path: Path) -> None:
    opened: list[FactStore] = []

    def opening() -> tuple[FactStore, Path]:
        opened.append(FactStore(tmp_path, clock))
        return opened[-1], tmp_path

    room = DataRoom(opening, clock)
    assert opened == []
    for _ in range(N_READERS + 1):
        with room.store():
            pass
    assert (len(opened), room.alerts() is room.alerts()) == (1, True)


def test_a_lake_that_grows_is_read_and_one_that_has_lost_a_table_is_away_rather_than_empty(tmp_path: Path) -> None:
    """What was there and is gone is no answer that says no; journey 4."""
    room = DataRoom(lambda: (FactStore(tmp_path, clock), tmp_path), clock)
    assert room.read(lambda store: store.domains()) == ()
    for name in ("factors", "texts", "notes"):
        (tmp_path / name).mkdir()
    room.probed()
    (tmp_path / "notes").rmdir()
    room.probed()
    (tmp_path / "texts").rmdir()
    with pytest.raises(EdgeError, match=r"texts of the lake at .* were there and are gone; mount or restore it"):
        room.probed()
    assert room.upstream.standing.n_failed == 1
    (tmp_path / "texts").mkdir()
    room.probed()
    assert room.upstream.standing.n_failed == 0
