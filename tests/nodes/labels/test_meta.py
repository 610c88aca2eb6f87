"""LBL-02: meta-labels are made of out-of-sample predictions of the primary model, or not at all."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from nodes.kernels.spans import Spans
from nodes.kernels.splits import Split, held_out, purged_folds
from nodes.vocabulary.absent import Absent
from tests.nodes.bars import weekdays
from tests.nodes.labels.panels import closes, labels

CLOSES: list[float | None] = [100.0, 101.0, 100.0, 101.0, 100.0, 104.0, 112.0, 104.0, 104.5, 104.0]
DAYS = weekdays(10)
META = ("primary_side_score", "meta_label_score", "meta_return_frac", "meta_end_on")


def prediction(row: int, side: float, since: int = 0, until: int = 9) -> dict[str, Any]:
    window = {"held_out_from_on": DAYS[since], "held_out_until_on": DAYS[until]}
    return {"symbol": "A", "session_on": DAYS[row], "side_score": side, **window}


def found(*predictions: dict[str, Any]) -> dict[str, Any]:
    values = labels(closes(A=CLOSES), pl.DataFrame(list(predictions)))
    return {name: values[name] for name in META}


def reason(*predictions: dict[str, Any]) -> str:
    absent = [value for value in found(*predictions).values() if isinstance(value, Absent)]
    assert absent
    return str(absent[-1])


def test_following_a_right_side_is_1_and_a_wrong_one_0() -> None:
    right, wrong = found(prediction(5, 1.0)), found(prediction(5, -1.0))
    assert right["meta_label_score"].to_list()[5] == 1.0
    assert wrong["meta_label_score"].to_list()[5] == 0.0
    assert right["meta_return_frac"].to_list()[5] == pytest.approx(112.0 / 104.0 - 1.0)
    assert wrong["meta_return_frac"].to_list()[5] == pytest.approx(1.0 - 112.0 / 104.0)
    assert right["meta_end_on"].to_list()[5] == DAYS[6]


def test_rows_without_a_prediction_or_with_a_side_of_nought_have_no_meta_label() -> None:
    values = found(prediction(5, 1.0), prediction(6, 0.0))
    assert values["primary_side_score"].to_list() == [None] * 5 + [1.0, 0.0] + [None] * 3
    assert [row for row, label in enumerate(values["meta_label_score"].to_list()) if label is not None] == [5]


def test_a_prediction_inside_of_what_its_model_learnt_is_refused() -> None:
    said = reason(prediction(5, 1.0), prediction(6, 1.0, since=7))
    assert "1 primary predictions are in-sample, the first of A on 2010-01-12" in said


def test_a_meta_label_that_ends_in_what_its_primary_model_learnt_is_refused() -> None:
    assert "the meta-label of A on 2010-01-11 ends on 2010-01-12, held out until 2010-01-11" in reason(
        prediction(5, 1.0, until=5)
    )


def test_predictions_that_do_not_say_what_was_held_out_are_refused() -> None:
    bare = {"symbol": "A", "session_on": DAYS[5], "side_score": 1.0}
    assert "primary predictions lack held_out_from_on, held_out_until_on" in reason(bare)
    unknown = {**prediction(5, 1.0), "held_out_until_on": None}
    assert "in-sample" in reason({**unknown}, prediction(6, 1.0))


def test_two_predictions_for_one_row_are_refused() -> None:
    assert "two primary predictions for one session" in reason(prediction(5, 1.0), prediction(5, -1.0))


def test_without_a_primary_model_there_are_no_meta_labels() -> None:
    values = labels(closes(A=CLOSES))
    assert all(isinstance(values[name], Absent) for name in META)
    assert not isinstance(values["barrier_label_score"], Absent)


def test_predictions_of_purged_folds_pass_and_those_of_unpurged_training_do_not() -> None:
    """The days that a fold held out are measured on its training spans, so a claim cannot be wrong."""
    starts = np.arange(10)
    spans = Spans(starts, np.minimum(starts + 1, 9))
    whole = np.arange(10)
    for split in purged_folds(spans, 3):
        assert not isinstance(_of_split(spans, split.train, split.test)["meta_label_score"], Absent)
        assert isinstance(_of_split(spans, whole, split.test)["meta_label_score"], Absent)


def _of_split(spans: Spans, train: np.ndarray, test: np.ndarray) -> dict[str, Any]:

    since, until = held_out(spans, Split(train, test))
    rows = zip(test.tolist(), since.tolist(), until.tolist(), strict=True)
    return found(*(_dated(row, first, last) for row, first, last in rows))


def _dated(row: int, first: int, last: int) -> dict[str, Any]:
    def day(place: int) -> date:
        return DAYS[min(max(place, 0), 9)]

    return {**prediction(row, 1.0), "held_out_from_on": day(first), "held_out_until_on": day(last)}
