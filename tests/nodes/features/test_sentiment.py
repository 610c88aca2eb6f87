"""Sentiment of the texts of late: exact numbers by hand, nothing before it was known."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from nodes.features import sentiment as features
from nodes.vocabulary.units import Days
from tests.nodes.features.fact_panels import at, daily_bars, facts

BARS = daily_bars(date(2020, 1, 1), date(2020, 1, 31))
TEXTS = facts(
    [
        {"text_id": "a", "channel": "news", "score": 1.0, "known_at": at(date(2020, 1, 6), 12)},
        {"text_id": "b", "channel": "x", "score": -0.5, "known_at": at(date(2020, 1, 7), 12)},
        {"text_id": "c", "channel": "news", "score": 0.0, "known_at": at(date(2020, 1, 20), 22)},
    ]
)
RECENT = features.recent_text_steps(TEXTS, Days(3))
USUAL = features.usual_text_steps(TEXTS, Days(30))


def test_the_mean_is_of_the_texts_known_by_the_close_and_not_too_old() -> None:
    score = features.sentiment_score(RECENT, BARS.symbol, BARS.closed_at)
    days = (date(2020, 1, 3), date(2020, 1, 6), date(2020, 1, 7), date(2020, 1, 9), date(2020, 1, 10))
    assert [score[BARS.row(day)] for day in days] == [None, 1.0, 0.25, -0.5, None]


def test_a_text_of_the_evening_belongs_to_the_next_session() -> None:
    count = features.texts_count(RECENT, BARS.symbol, BARS.closed_at)
    assert [count[BARS.row(date(2020, 1, day))] for day in (20, 21)] == [0, 1]


def test_the_dispersion_is_the_sample_deviation_and_needs_two_texts() -> None:
    found = features.sentiment_dispersion_score(RECENT, BARS.symbol, BARS.closed_at)
    assert found[BARS.row(date(2020, 1, 6))] is None
    assert found[BARS.row(date(2020, 1, 7))] == pytest.approx(np.std([1.0, -0.5], ddof=1))


def test_the_surprise_is_against_the_longer_while() -> None:
    score = features.sentiment_score(RECENT, BARS.symbol, BARS.closed_at)
    found = features.sentiment_surprise_score(USUAL, score, BARS.symbol, BARS.closed_at)
    assert found[BARS.row(date(2020, 1, 9))] == pytest.approx(-0.5 - 0.25)


def test_attention_is_measured_against_the_usual_number() -> None:
    count = features.texts_count(RECENT, BARS.symbol, BARS.closed_at)
    found = features.attention_surprise_frac(USUAL, count, BARS.symbol, BARS.closed_at, Days(3), Days(30))
    assert found[BARS.row(date(2020, 1, 7))] == pytest.approx(2 / (2 * 3 / 30) - 1)


def test_news_leave_other_channels_out() -> None:
    found = features.news_sentiment_score(TEXTS, BARS.symbol, BARS.closed_at, Days(3))
    assert found[BARS.row(date(2020, 1, 7))] == 1.0
