"""What is kept of a domain's facts: as much as later rows can stand on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from dataflows.engine.known_facts import KnownFacts, Law, Retention
from nodes.kernels.as_of import newest_known
from nodes.kernels.texts import text_steps, texts_at
from nodes.vocabulary.errors import DataError

START = datetime(2020, 1, 1, tzinfo=UTC)
_DAY_S = 86_400
INSTANT = pl.Datetime("ns", "UTC")


def at(day: float) -> datetime:
    return START + timedelta(days=day)


def frame(rows: Sequence[tuple[str, float, float, float]], first: int = 1) -> pl.DataFrame:
    """Facts of share, day of the event, day of knowledge, value."""
    return pl.DataFrame({
        "symbol": [row[0] for row in rows],
        "text_id": [f"{row[0]} {row[1]}" for row in rows],
        "event_at": pl.Series([at(row[1]) for row in rows], dtype=INSTANT),
        "known_at": pl.Series([at(row[2]) for row in rows], dtype=INSTANT),
        "sequence": range(first, first + len(rows)),
        "value": [row[3] for row in rows],
        "channel": ["news"] * len(rows),
        "score": [row[3] for row in rows],
    })  # fmt: skip


FACTS = frame([("A", 1, 2, 10.0), ("B", 1, 2, 20.0), ("A", 3, 4, 30.0), ("A", 2, 5, 40.0)])


def test_of_standing_facts_only_those_that_stand_are_kept() -> None:
    known = KnownFacts(FACTS, Retention(Law.STANDING, "symbol"), at(6))
    assert sorted(known.base["value"].to_list()) == [20.0, 30.0]


def test_a_fact_that_is_taken_back_keeps_all_of_its_domain() -> None:
    """What stood before it stands again, and is still there."""
    facts = FACTS.with_columns(is_retracted=pl.lit(value=False))
    known = KnownFacts(facts, Retention(Law.STANDING, "symbol"), at(6))
    news = frame([("A", 3, 7, 30.0)], 5).with_columns(is_retracted=pl.lit(value=True))
    known.told(news, at(6))
    asked = pl.DataFrame({"symbol": ["A"], "at": pl.Series([at(8)], dtype=INSTANT)})
    assert newest_known(known.base, ["symbol"], asked, ["value"])["value"].to_list() == [40.0]


def test_facts_of_moments_are_kept_while_they_are_young_enough() -> None:
    retention = Retention(Law.MOMENT, "symbol", 2 * _DAY_S, ("event_at",))
    assert KnownFacts(FACTS, retention, at(4)).base["value"].to_list() == [30.0, 40.0]


def test_what_has_lapsed_is_left_out_and_what_it_supersedes_is_kept() -> None:
    """A text of day 1 told again on day 9 is judged beside the version of day 2, which lapsed."""
    known = KnownFacts(FACTS, living(3), at(8.5))
    assert sorted(known.base["value"].to_list()) == [20.0, 40.0], "one of each share says that texts have been there"
    known.told(frame([("A", 1, 9, 50.0)], 5), at(8.5))
    assert sorted(known.base["value"].to_list()) == [10.0, 20.0, 40.0, 50.0]


def living(days: int) -> Retention:
    return Retention(Law.LIVING, "symbol", days * _DAY_S, ("symbol", "text_id"), ("symbol", "channel"), "score")


def test_news_of_one_share_leave_the_frame_of_the_others_as_it_is() -> None:
    """What was derived of that frame holds on."""
    known = KnownFacts(FACTS, Retention(Law.SHARE, "symbol"), at(6))
    base = known.base
    known.told(frame([("B", 6, 7, 60.0)], 5), at(6))
    assert known.base is base
    assert known.touched == {"B"}
    assert known.of(["B"])["value"].to_list() == [20.0, 60.0]
    assert known.of(["B"]) is known.of(["B"])
    assert sorted(known.of(["A"])["value"].to_list()) == [10.0, 20.0, 30.0, 40.0, 60.0]


def test_rebased_facts_hold_all_news() -> None:
    known = KnownFacts(FACTS, Retention(Law.SHARE, "symbol"), at(6))
    known.told(frame([("B", 6, 7, 60.0)], 5), at(6))
    known.rebased()
    assert known.touched == frozenset()
    assert known.base["value"].to_list() == [10.0, 20.0, 30.0, 40.0, 60.0]


def test_facts_of_no_law_are_kept_whole() -> None:
    known = KnownFacts(FACTS, Retention(), at(6))
    known.told(frame([("B", 6, 7, 60.0)], 5), at(6))
    assert known.base.height == 5


def test_a_fact_that_had_been_known_is_refused() -> None:
    known = KnownFacts(FACTS, Retention(), at(6))
    with pytest.raises(DataError, match=r"1 facts were known by .* start anew from all facts"):
        known.told(frame([("B", 1, 5, 60.0)], 5), at(6))


def test_the_shortest_lag_and_the_newest_instants_are_remembered() -> None:
    known = KnownFacts(FACTS, Retention(Law.STANDING, "symbol"), at(6))
    assert known.shortest_lag == timedelta(days=1)
    known.told(frame([("B", 6.5, 7, 60.0)], 5), at(6))
    assert known.shortest_lag == timedelta(days=0.5)
    assert sorted(known.seen.select("symbol", "at").rows()) == [("A", at(5)), ("B", at(2)), ("B", at(7))]


def made_up(random: np.random.Generator, days: tuple[float, float], first: int) -> pl.DataFrame:
    known = np.sort(random.uniform(*days, 40))
    rows = [
        (str(random.choice(["A", "B"])), float(np.floor(max(day - random.integers(0, 9), 0))), float(day), float(place))
        for place, day in enumerate(known)
    ]
    return frame(rows, first)


@pytest.mark.parametrize("seed", range(20))
def test_later_rows_get_the_same_answers_from_what_is_kept(seed: int) -> None:
    """PIT-03: for standing facts and for living ones, late revisions included."""
    random = np.random.default_rng(seed)
    facts, news = made_up(random, (0, 20), 1), made_up(random, (20.1, 30), 41)
    every = pl.concat([facts, news])
    symbol, close = pl.Series(["A", "B"] * 5), pl.Series([at(21 + place) for place in range(10)], dtype=INSTANT)
    standing = KnownFacts(facts, Retention(Law.STANDING, "symbol"), at(20))
    standing.told(news, at(20))
    asked = pl.DataFrame({"symbol": symbol, "at": close})
    kept, whole = (newest_known(item, ["symbol"], asked, ["value", "sequence"]) for item in (standing.base, every))
    assert kept.equals(whole)
    texts = KnownFacts(facts, living(4), at(20))
    texts.told(news, at(20))
    assert texts.base.height < every.height
    kept, whole = (texts_at(text_steps(item, 4), symbol, close) for item in (texts.base, every))
    assert kept.equals(whole)
