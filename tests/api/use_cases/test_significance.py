"""What all questions of luck share: rows of one length, names, units, and numbers that JSON can hold."""

from __future__ import annotations

import math

import msgspec
import pytest

from api.http.routes.significance import QUESTIONS
from api.use_cases.significance import Question, default_block, finite, named, panel, ratio_per_period
from nodes.vocabulary.errors import DataError
from tests.api.luck import ASKED


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_every_question_says_what_it_asks_and_tells_a_verdict_first(question: Question) -> None:
    assert question.summary.endswith("?")
    assert "\n\n" in question.text
    told = question.answer(msgspec.convert(ASKED[question.name], question.asked, strict=False))
    assert isinstance(told, question.told)
    assert told.__struct_fields__[0] == "verdict"


def test_names_of_questions_are_different() -> None:
    assert len({question.name for question in QUESTIONS}) == len(QUESTIONS)


def test_rows_of_different_lengths_are_refused() -> None:
    assert panel([[1.0, 2.0], [3.0, 4.0]], "returns").shape == (2, 2)
    with pytest.raises(DataError, match="returns: row 1 has 1 numbers, the first one 2; give every strategy a number"):
        panel([[1.0, 2.0], [3.0]], "returns")


@pytest.mark.parametrize("names", [("a",), ("a", "a"), ("a", "b", "c")])
def test_strategies_have_a_name_each_or_none(names: tuple[str, ...]) -> None:
    assert named(None, 2) == ("0", "1")
    assert named(("a", "b"), 2) == ("a", "b")
    with pytest.raises(DataError, match="different names for 2 strategies; give each strategy one of its own, or none"):
        named(names, 2)


def test_numbers_that_are_not_finite_are_null() -> None:
    assert [finite(value) for value in (1.5, math.inf, math.nan)] == [1.5, None, None]


def test_block_grows_with_the_cube_root() -> None:
    assert [default_block(count) for count in (1, 27, 1000, 2500)] == [1.0, 3.0, 10.0, 14.0]


def test_ratio_is_a_periods_unless_the_periods_of_a_year_are_told() -> None:
    assert ratio_per_period(2.0, None) == 2.0
    assert ratio_per_period(2.0, 4) == 1.0
