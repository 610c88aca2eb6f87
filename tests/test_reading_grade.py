"""SGN-02: the measure of beginner texts, against texts whose grade is known."""

from __future__ import annotations

import pytest

from tests.reading_grade import reading_grade, syllables


@pytest.mark.parametrize(
    ("word", "count"),
    [("share", 1), ("money", 2), ("table", 2), ("jumped", 1), ("wanted", 2), ("the", 1), ("IBM", 1), ("$7,896.01", 1)],
)
def test_syllables_are_counted_as_they_are_spoken(word: str, count: int) -> None:
    assert syllables(word) == count


def test_the_grade_is_that_of_the_formula() -> None:
    """The usual worked example: 13 words, 1 sentence, 24 syllables make 11.3."""
    text = "The Australian platypus is seemingly a hybrid of a mammal and reptilian creature."
    assert reading_grade(text) == pytest.approx(0.39 * 13 + 11.8 * 24 / 13 - 15.59)


def test_short_words_in_short_sentences_are_easy() -> None:
    assert reading_grade("The cat sat on the mat. It was fat.") < 1.0
    hard = "Idiosyncratic volatility necessitates diversification across uncorrelated instruments."
    assert reading_grade(hard) > 15.0
