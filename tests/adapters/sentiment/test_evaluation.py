"""Accuracy and F1 by hand, and of both models on the shared headlines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from adapters.sentiment.encoder import installed_encoder
from adapters.sentiment.evaluation import HEAD, LEXICON, MAJORITY, measure, measures
from adapters.sentiment.labels import labels
from tests.adapters.sentiment.made import LABELLED_AT, made_labels, made_vectors

YES, NO = True, False


def test_accuracy_and_f1_are_those_of_a_hand_count() -> None:
    """Three of six right; positive: 2 right of 3 said and 3 wanted; negative: 1 right of 2 said and 3 wanted."""
    found = measure("hand", np.array([YES, YES, YES, NO, NO, NO]), np.array([1, 1, 0, -1, 1, 0]))

    assert found.accuracy_frac == pytest.approx(3 / 6)
    assert found.answered_frac == pytest.approx(4 / 6)
    assert found.f1_frac == pytest.approx(4 / 6)
    assert found.f1_negative_frac == pytest.approx(2 / 4)
    assert found.macro_f1_frac == pytest.approx((4 / 6 + 2 / 4) / 2)


def test_a_kind_that_is_never_said_nor_wanted_has_no_f1() -> None:
    assert measure("hand", np.array([YES]), np.array([1])).f1_negative_frac == 0.0


def test_models_are_measured_beside_each_other(tmp_path: Path) -> None:
    found = made_labels(tmp_path)
    by_model = {one.model: one for one in measures(found, made_vectors(found), found.headline_groups)}

    assert by_model[HEAD].accuracy_frac == 1.0
    assert by_model[MAJORITY].accuracy_frac == 0.5
    assert by_model[LEXICON].answered_frac > 0.5


def test_both_models_reach_their_floor_on_labelled_headlines(shared_data: Path) -> None:
    """SVC-SNT-03, SVC-SNT-04: DESIGN section 8 has 82.6 % for the head, 67.3 % majority, 43.8 % VADER."""
    found = labels(shared_data / "f2_fiqa_headlines_train.parquet", LABELLED_AT)
    vectors = installed_encoder().vectors(found.sentences)
    by_model = {one.model: one for one in measures(found, vectors, found.headline_groups)}

    assert by_model[HEAD].accuracy_frac >= 0.82
    assert by_model[HEAD].macro_f1_frac >= 0.79
    assert by_model[LEXICON].accuracy_frac >= 0.65
    assert by_model[LEXICON].macro_f1_frac >= 0.75
    assert by_model[MAJORITY].accuracy_frac == pytest.approx(0.673, abs=0.001)
