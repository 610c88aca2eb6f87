"""What a live feed overwrites is known from the fetch that brought it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.parsed import Parsed
from adapters.feeds.files.tables import no_rejects
from adapters.feeds.settled import settled
from adapters.feeds.source import Pace
from adapters.lake.domains.factors import FACTORS
from adapters.lake.facts.store import FactStore

CLOSE = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
FETCHED = CLOSE + timedelta(days=3)
INSTANT = pl.Datetime("ns", "UTC")


def _part(value: float | None, known_at: datetime = CLOSE) -> Parsed:
    row = ("vix", date(2026, 11, 20), value, None, CLOSE, known_at)
    schema = {**FACTORS.keys, **FACTORS.values, "event_at": INSTANT, "known_at": INSTANT}
    return Parsed(FACTORS, "vendor", pl.DataFrame([row], schema=schema, orient="row"), no_rejects())


@pytest.fixture
def store(tmp_path: Path) -> FactStore:
    held = FactStore(tmp_path, lambda: FETCHED)
    held.ingested(FACTORS, _part(17.0).facts, "vendor")
    return held


@pytest.mark.parametrize(
    ("part", "is_vintaged", "known"),
    [
        (_part(17.0), False, []),
        (_part(17.5), False, [FETCHED]),
        (_part(None), False, [FETCHED]),
        (_part(17.5, CLOSE + timedelta(hours=1)), False, [CLOSE + timedelta(hours=1)]),
        (_part(17.5), True, [CLOSE]),
    ],
    ids=["same", "changed", "withdrawn", "dated", "vintage"],
)
def test_a_fact_is_known_from_when_it_could_be(
    store: FactStore, part: Parsed, *, is_vintaged: bool, known: list[datetime]
) -> None:
    pace = Pace("1/second", timedelta(1), timedelta(1), is_vintaged=is_vintaged)
    assert settled(store, part, pace, FETCHED).facts["known_at"].to_list() == known


def test_a_fact_that_is_new_keeps_its_instant(tmp_path: Path) -> None:
    empty = FactStore(tmp_path, lambda: FETCHED)
    pace = Pace("1/second", timedelta(1), timedelta(1))
    assert settled(empty, _part(17.0), pace, FETCHED).facts["known_at"].to_list() == [CLOSE]
