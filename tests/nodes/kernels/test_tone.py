"""The lexicon: what single words, moves, negations and concessions do to a headline's tone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.tone import lexicon_digest, tone


@pytest.mark.parametrize(
    ("headline", "score"),
    [
        ("Profit grows", 1 / 2),
        ("Profit falls", -1 / 2),
        ("Weak profit", -1 / 2),
        ("Shares slump", -2 / 3),
        ("Weak quarter", -1 / 2),
        ("Losses narrow", 1 / 2),
        ("Costs rise", -1 / 2),
        ("Debt soars", -2 / 3),
        ("Record profit", 2 / 3),
        ("Second profit warning", -2 / 3),
        ("Not strong", -1 / 3),
        ("Growth, not weakness", 1.5 / 2.5),
        ("Profit rises despite weak sales", 0.5 / 1.5),
        ("PROFIT RISES", 1 / 2),
    ],
)
def test_a_headline_has_the_tone_of_its_words(headline: str, score: float) -> None:
    """SVC-SNT-04."""
    assert tone(headline) == pytest.approx(score)


def test_good_and_bad_words_that_balance_are_zero() -> None:
    assert tone("Weak demand, strong sales") == 0.0


@pytest.mark.parametrize("headline", ["", "Annual meeting on Tuesday", "12.5", "日本銀行"])
def test_a_headline_without_known_words_has_no_tone_rather_than_zero(headline: str) -> None:
    assert tone(headline) is None


def test_a_negation_does_not_reach_over_the_end_of_its_clause() -> None:
    assert tone("Nothing to fear: profit") != tone("Nothing: to fear profit")
    assert tone("No deal. Profit") == pytest.approx(0.5 / 1.5)


def test_both_apostrophes_are_one() -> None:
    assert tone("Company\u2019s strong sales") == tone("Company's strong sales")


@given(st.text(max_size=200))
def test_a_tone_lies_within_the_scale_for_any_text(text: str) -> None:
    found = tone(text)
    assert found is None or -1.0 < found < 1.0


@given(st.text(max_size=100))
def test_a_tone_does_not_depend_on_case_where_case_folds_back(text: str) -> None:
    if text.upper().lower() == text.lower():
        assert tone(text.upper()) == tone(text)


def test_the_lexicon_has_one_digest() -> None:
    assert re.fullmatch("sha256:[0-9a-f]{64}", lexicon_digest())
