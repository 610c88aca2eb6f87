"""What a reader of the lake sees, as of when."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tests.adapters.lake.facts.examples import ASSETS, NOW, day, fact, frame, store, values


def filled(root: Path) -> None:
    """Two periods, a restatement of the first, and a company that took its number back."""
    facts = store(root, day(100))
    facts.ingested(ASSETS, frame(fact("a", 1, 10, 39.0), fact("a", 2, 20, 41.0), fact("b", 1, 10, 5.0)), "sec")
    facts.ingested(ASSETS, frame(fact("a", 1, 30, 36.0), fact("b", 1, 30, None, retracted=True)), "sec")


def test_as_of_gives_the_newest_revision_that_was_known(tmp_path: Path) -> None:
    """SVC-FND-01: the restated value is not seen before it was filed."""
    filled(tmp_path)
    facts = store(tmp_path)
    assert values(facts.as_of(ASSETS, day(9))) == []
    assert values(facts.as_of(ASSETS, day(10))) == [39.0, 5.0]
    assert values(facts.as_of(ASSETS, day(29))) == [39.0, 41.0, 5.0]
    assert values(facts.as_of(ASSETS, day(30))) == [36.0, 41.0]


def test_as_of_bounds_events_too(tmp_path: Path) -> None:
    filled(tmp_path)
    assert values(store(tmp_path).as_of(ASSETS, day(30), event_at=day(1))) == [36.0]


def test_history_has_every_revision_and_when_it_was_stored(tmp_path: Path) -> None:
    filled(tmp_path)
    rows = store(tmp_path).history(ASSETS, NOW, pl.col("cik") == "a").collect()
    assert rows["value"].to_list() == [39.0, 36.0, 41.0]
    assert rows["recorded_at"].to_list() == [day(100)] * 3


def test_first_prints_are_what_was_said_first(tmp_path: Path) -> None:
    """PIT-04: a restatement changes no first print, and a retraction takes none back."""
    filled(tmp_path)
    assert values(store(tmp_path).first_prints(ASSETS, NOW)) == [39.0, 41.0, 5.0]


def test_condition_on_a_value_is_asked_of_the_revision_that_stands(tmp_path: Path) -> None:
    """Asked of every revision it would bring the superseded 39 back."""
    filled(tmp_path)
    assert values(store(tmp_path).as_of(ASSETS, NOW, where=pl.col("value") > 38.0)) == [41.0]


def test_late_arrival_is_seen_as_of_its_knowledge_and_not_as_recorded_before(tmp_path: Path) -> None:
    filled(tmp_path)
    store(tmp_path, day(200)).ingested(ASSETS, frame(fact("a", 1, 5, 38.0)), "archive")
    assert values(store(tmp_path).as_of(ASSETS, day(6))) == [38.0]
    assert values(store(tmp_path).as_recorded(day(150)).as_of(ASSETS, day(6))) == []
    assert values(store(tmp_path).first_prints(ASSETS, NOW, pl.col("cik") == "a")) == [38.0, 41.0]


def test_nanoseconds_survive_the_table(tmp_path: Path) -> None:
    last = frame(fact("a", 1, 1, 1.0)).with_columns(pl.col("event_at", "known_at").dt.offset_by("86399999999999ns"))
    store(tmp_path).ingested(ASSETS, last, "test")
    assert store(tmp_path).as_of(ASSETS, NOW).collect()["event_at"].dt.nanosecond().to_list() == [999_999_999]


def test_columns_are_those_of_the_domain_in_order(tmp_path: Path) -> None:
    for is_filled in (False, True):
        if is_filled:
            filled(tmp_path)
        assert store(tmp_path).as_of(ASSETS, NOW).collect().schema == pl.Schema(ASSETS.schema)


def test_read_of_one_key_is_pushed_down_to_the_files(tmp_path: Path) -> None:
    filled(tmp_path)
    plan = store(tmp_path).as_of(ASSETS, NOW, where=pl.col("cik") == "a").explain()
    scan = plan[plan.index("Parquet SCAN") :]
    assert 'col("cik") == "a"' in scan
    assert 'col("known_at") <=' in scan


def test_watermark_is_the_newest_event_of_a_source(tmp_path: Path) -> None:
    filled(tmp_path)
    assert store(tmp_path).watermark(ASSETS, "sec") == day(2)
    assert store(tmp_path).watermark(ASSETS, "other") is None


def test_version_and_digest_say_which_content_there_is(tmp_path: Path) -> None:
    facts = store(tmp_path / "one")
    assert facts.version(ASSETS).version == -1
    filled(tmp_path / "one")
    filled(tmp_path / "two")
    assert facts.version(ASSETS) == store(tmp_path / "two").version(ASSETS)
    before = facts.version(ASSETS)
    facts.ingested(ASSETS, frame(fact("a", 9, 9, 1.0)), "sec")
    assert facts.version(ASSETS).digest != before.digest
    assert facts.domains() == ("assets",)
