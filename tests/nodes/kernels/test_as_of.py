"""The as-of join against a naive reading of its definition, and its ties, retractions and absences one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.as_of import newest_first_prints, newest_known

INSTANT = pl.Datetime("ns", "UTC")
Rows = list[tuple[Any, ...]]
Join = Callable[..., pl.DataFrame]
# Nanoseconds, seconds, and an instant of today: each takes another way to whole numbers.
SCALES = st.sampled_from([(1, 0), (1_000_000_000, 0), (1_000_000_007, 1_700_000_000_000_000_000), (2**50, 0)])


def facts_of(rows: Rows) -> pl.DataFrame:
    schema = {"symbol": pl.String, "event_at": pl.Int64, "known_at": pl.Int64, "is_retracted": pl.Boolean}
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_row_index("sequence")
    value = pl.col("sequence").cast(pl.Float64).alias("value")
    return frame.with_columns(pl.col("event_at", "known_at").cast(INSTANT), pl.col("sequence").cast(pl.Int64), value)


def questions_of(rows: Rows) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema={"symbol": pl.String, "at": pl.Int64}, orient="row")
    return frame.with_columns(pl.col("at").cast(INSTANT))


def answered(join: Join, facts: Rows, questions: Rows, **how: bool) -> list[float | None]:
    return join(facts_of(facts), ["symbol"], questions_of(questions), ["value"], **how)["value"].to_list()


def naive_newest(facts: Rows, symbol: str | None, at: int | None, *, before: bool) -> float | None:
    standing: dict[int, tuple[tuple[int, int], bool]] = {}
    for sequence, (whose, event, known, is_retracted) in enumerate(facts):
        is_seen = at is not None and whose == symbol and (known < at if before else known <= at)
        if is_seen and (event not in standing or standing[event][0] < (known, sequence)):
            standing[event] = ((known, sequence), is_retracted)
    left = [(event, revision[1]) for event, (revision, is_retracted) in standing.items() if not is_retracted]
    return float(max(left)[1]) if left else None


def naive_first(facts: Rows, symbol: str | None, at: int | None, *, before: bool) -> float | None:
    prints: dict[int, tuple[int, int]] = {}
    for sequence, (whose, event, known, _) in enumerate(facts):
        if whose == symbol:
            prints[event] = min(prints.get(event, (known, sequence)), (known, sequence))
    seen = [
        (event, one[1])
        for event, one in prints.items()
        if at is not None and (one[0] < at or (not before and one[0] == at))
    ]
    return float(max(seen)[1]) if seen else None


SYMBOLS = st.sampled_from(["A", "B", "C", None])
TICKS = st.integers(0, 6)


@given(
    facts=st.lists(st.tuples(SYMBOLS, TICKS, TICKS, st.booleans()), max_size=14),
    questions=st.lists(st.tuples(SYMBOLS, st.one_of(st.none(), TICKS)), max_size=8),
    scale=SCALES,
    before=st.booleans(),
    retracts=st.booleans(),
)
def test_joins_answer_what_their_definition_says(
    facts: Rows,
    questions: Rows,
    scale: tuple[int, int],
    *,
    before: bool,
    retracts: bool,
) -> None:
    """PIT-01: nothing known after a question's instant reaches it, whatever the order of the facts."""
    unit, start = scale
    known = [(who, event, start + tick * unit, taken and retracts) for who, event, tick, taken in facts]
    asked = [(who, None if tick is None else start + tick * unit) for who, tick in questions]
    for join, naive in ((newest_known, naive_newest), (newest_first_prints, naive_first)):
        wanted = [naive(known, who, at, before=before) for who, at in asked]
        assert answered(join, known, asked, strictly_before=before) == wanted


@given(st.lists(st.tuples(SYMBOLS, TICKS, TICKS, st.just(value=False)), min_size=1, max_size=14), st.randoms())
def test_order_of_facts_does_not_matter(facts: Rows, chance: Any) -> None:
    frame, asked = facts_of(facts), questions_of([(who, 4) for who in ("A", "B", "C")])
    order = list(range(len(facts)))
    chance.shuffle(order)
    assert newest_known(frame[order], ["symbol"], asked, ["value"]).equals(
        newest_known(frame, ["symbol"], asked, ["value"])
    )


def test_late_revision_of_an_old_period_never_replaces_a_newer_period() -> None:
    facts = [("A", 1, 10, False), ("A", 2, 20, False), ("A", 1, 30, False)]
    assert answered(newest_known, facts, [("A", 15), ("A", 25), ("A", 35)]) == [0.0, 1.0, 1.0]


@pytest.mark.parametrize(("join", "wanted"), [(newest_known, 2.0), (newest_first_prints, 0.0)])
def test_equal_instants_are_decided_by_the_sequence(join: Join, wanted: float) -> None:
    assert answered(join, [("A", 1, 10, False)] * 3, [("A", 10)]) == [wanted]


def test_retracted_event_gives_way_to_the_one_before_it_and_may_return() -> None:
    facts = [("A", 1, 10, False), ("A", 2, 20, False), ("A", 2, 30, True), ("A", 2, 40, False), ("B", 1, 10, False)]
    asked = [("A", 20), ("A", 30), ("A", 40), ("B", 40)]
    assert answered(newest_known, facts, asked) == [1.0, 0.0, 3.0, 4.0]


def test_keys_of_several_columns_are_joined_on_all_of_them() -> None:
    facts = facts_of([("A", 1, 1, False), ("A", 1, 2, False)]).with_columns(concept=pl.Series(["eps", "sales"]))
    asked = questions_of([("A", 9), ("A", 9), ("A", 9)]).with_columns(concept=pl.Series(["sales", "eps", "assets"]))
    found = newest_known(facts, ["symbol", "concept"], asked, ["value", "known_at"])
    assert found["value"].to_list() == [1.0, 0.0, None]


def test_no_facts_and_no_questions_give_an_empty_answer() -> None:
    assert answered(newest_known, [], [("A", 1)]) == [None]
    assert answered(newest_known, [("A", 1, 1, False)], []) == []
