"""Texts as they stood: which count, what their scores add up to, and when they stop."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from nodes.kernels.texts import text_mean, text_spread, text_steps, texts_at
from tests.nodes.features.fact_panels import INSTANT, at, facts

FIRST_AT = at(date(2020, 1, 6), 12)
DAY = timedelta(days=1)


def text(name: str, score: float | None, known_at: datetime, channel: str = "news", **more: Any) -> dict[str, Any]:
    return {"text_id": name, "channel": channel, "score": score, "known_at": known_at, **more}


def found(rows: list[dict[str, Any]], *instants: datetime, channel: str | None = None) -> pl.DataFrame:
    steps = text_steps(facts(rows), 3, channel)
    return texts_at(steps, pl.Series(["A"] * len(instants)), pl.Series(instants, dtype=INSTANT))


THREE = [text("a", 1.0, FIRST_AT), text("b", -0.5, FIRST_AT + DAY, "x"), text("c", 0.1, FIRST_AT + DAY)]


def test_mean_and_spread_are_of_the_texts_that_count() -> None:
    one = found(THREE, FIRST_AT + DAY)
    assert one["count"].to_list() == [3]
    assert text_mean(one).tolist() == [pytest.approx(0.2)]
    assert text_spread(one).tolist() == [pytest.approx(math.sqrt((0.64 + 0.49 + 0.01) / 2))]


def test_a_text_counts_from_the_instant_it_is_known_until_its_days_are_over() -> None:
    moment = timedelta(microseconds=1)
    instants = (FIRST_AT - moment, FIRST_AT, FIRST_AT + 3 * DAY - moment, FIRST_AT + 3 * DAY)
    means = text_mean(found([text("a", 1.0, FIRST_AT)], *instants))
    np.testing.assert_array_equal(means, [np.nan, 1.0, 1.0, np.nan])


def test_one_text_has_no_spread() -> None:
    assert np.isnan(text_spread(found([text("a", 1.0, FIRST_AT)], FIRST_AT))).all()


def test_a_score_given_anew_replaces_the_old_one() -> None:
    again = [text("a", 1.0, FIRST_AT), text("a", -1.0, FIRST_AT + DAY)]
    one = found(again, FIRST_AT, FIRST_AT + DAY)
    assert one["count"].to_list() == [1, 1]
    assert text_mean(one).tolist() == [1.0, -1.0]


def test_a_retracted_score_does_not_count_from_its_retraction_on() -> None:
    back = [text("a", 1.0, FIRST_AT), text("a", None, FIRST_AT + DAY, is_retracted=True)]
    one = found(back, FIRST_AT, FIRST_AT + DAY)
    assert one["count"].to_list() == [1, 0]
    np.testing.assert_array_equal(text_mean(one), [1.0, np.nan])


@pytest.mark.parametrize("score", [None, math.nan, math.inf, -math.inf])
def test_a_text_without_a_score_is_not_a_neutral_one(score: float | None) -> None:
    rows = [text("a", 1.0, FIRST_AT), text("b", score, FIRST_AT)]
    one = found(rows, FIRST_AT)
    assert one["count"].to_list() == [1]
    assert text_mean(one).tolist() == [1.0]


def test_a_channel_leaves_the_others_out() -> None:
    assert text_mean(found(THREE, FIRST_AT + DAY, channel="x")).tolist() == [-0.5]
    assert np.isnan(text_mean(found(THREE, FIRST_AT + DAY, channel="reddit"))).all()


def test_another_share_has_no_texts() -> None:
    steps = text_steps(facts(THREE), 3)
    assert texts_at(steps, pl.Series(["B"]), pl.Series([FIRST_AT + DAY], dtype=INSTANT))["count"].to_list() == [None]


def test_the_order_in_which_texts_are_stored_leaves_no_mark() -> None:
    scores = np.random.default_rng(2).uniform(-1.0, 1.0, 200)
    rows = [text(str(number), float(score), FIRST_AT) for number, score in enumerate(scores)]
    one, other = found(rows, FIRST_AT), found(rows[::-1], FIRST_AT)
    assert text_mean(one).tobytes() == text_mean(other).tobytes()
    assert text_spread(one).tobytes() == text_spread(other).tobytes()
    assert text_spread(one)[0] == pytest.approx(np.std(scores, ddof=1), abs=1e-6)
