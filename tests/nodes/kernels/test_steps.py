"""Steps found by a search are those found by a pass over all of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from nodes.kernels import as_of, standing
from nodes.kernels.as_of import newest_known
from nodes.kernels.standing import at_rows
from nodes.kernels.steps import NOTHING, Ladder, few, gathered, key_codes, named

START = datetime(2020, 1, 1, tzinfo=UTC)


def instants(hours: list[int | None]) -> pl.Series:
    values = [None if hour is None else START + timedelta(hours=hour) for hour in hours]
    return pl.Series(values, dtype=pl.Datetime("ns", "UTC"))


def ladder() -> Ladder:
    at = instants([1, 3, 2]).to_physical().to_numpy()
    return Ladder.of_sorted(
        key_codes(pl.DataFrame({"key": ["a", "b"]})), np.array([0, 0, 1]), at, np.array([10, 11, 12])
    )


@pytest.mark.parametrize(
    ("key", "hour", "row"),
    [("a", 0, NOTHING), ("a", 1, 10), ("a", 2, 10), ("a", 3, 11), ("a", 9, 11), ("b", 1, NOTHING), ("b", 2, 12)],
)
def test_a_step_is_in_force_from_its_instant_to_the_next_of_its_key(
    key: str | None, hour: int | None, row: int
) -> None:
    asked = pl.DataFrame({"key": pl.Series([key], dtype=pl.String)})
    assert ladder().found(named([asked["key"]]), instants([hour])).tolist() == [row]


@pytest.mark.parametrize(("key", "hour"), [("c", 9), (None, 9), ("a", None)])
def test_nothing_is_in_force_for_a_key_without_steps_or_at_no_instant(key: str | None, hour: int | None) -> None:
    asked = pl.DataFrame({"key": pl.Series([key], dtype=pl.String)})
    assert ladder().found(named([asked["key"]]), instants([hour])).tolist() == [NOTHING]


def test_no_steps_are_nowhere_in_force() -> None:
    nothing = Ladder.of_sorted({}, *(np.empty(0, dtype=np.int64) for _ in range(3)))
    assert nothing.found(["a"], instants([1])).tolist() == [NOTHING]


def test_rows_of_nothing_are_null() -> None:
    frame = pl.DataFrame({"n": [1, 2], "text": ["x", "y"]})
    assert gathered(frame.get_columns(), np.array([1, NOTHING])).rows() == [(2, "y"), (None, None)]
    assert gathered(frame.get_columns(), np.array([1, 0])).rows() == [(2, "y"), (1, "x")]
    assert gathered(frame.clear().get_columns(), np.array([NOTHING])).rows() == [(None, None)]


def test_few_questions_are_searched_for_and_many_are_not() -> None:
    assert few(500, 1_000_000)
    assert not few(200_000, 1_000_000)


def facts(random: np.random.Generator, n_facts: int) -> pl.DataFrame:
    event = random.integers(0, 20, n_facts)
    return pl.DataFrame({
        "symbol": random.choice(np.array(["a", "b", "c", None]), n_facts).tolist(),
        "event_at": instants(event.tolist()),
        "known_at": instants((event + random.integers(0, 9, n_facts)).tolist()),
        "sequence": np.arange(n_facts),
        "value": random.normal(size=n_facts),
        "is_retracted": random.random(n_facts) < random.choice([0.0, 0.3]),
    })  # fmt: skip


@pytest.mark.parametrize("seed", range(25))
def test_a_search_finds_what_a_pass_over_all_facts_finds(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """PIT-03: few questions and many get the same answers, retractions, ties and missing keys included."""
    random = np.random.default_rng(seed)
    told = facts(random, 60)
    asked = pl.DataFrame({
        "symbol": random.choice(np.array(["a", "b", "d", None]), 40).tolist(),
        "at": instants([*random.integers(-2, 30, 39).tolist(), None]),
    })  # fmt: skip
    searched = newest_known(told, ["symbol"], asked, ["value", "sequence"])
    monkeypatch.setattr(as_of, "few", lambda *_: False)
    assert searched.equals(newest_known(told.clone(), ["symbol"], asked, ["value", "sequence"]))


@pytest.mark.parametrize("seed", range(10))
def test_a_search_finds_the_steps_that_a_join_finds(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(seed)
    steps = facts(random, 40).select("symbol", "value", at="known_at").unique(["symbol", "at"], keep="first")
    symbol = pl.Series(random.choice(np.array(["a", "b", "d", None]), 30).tolist(), dtype=pl.String)
    at = instants([*random.integers(-2, 30, 29).tolist(), None])
    searched = at_rows(steps, {"symbol": symbol}, at)
    monkeypatch.setattr(standing, "few", lambda *_: False)
    assert searched.equals(at_rows(steps.clone(), {"symbol": symbol}, at))
