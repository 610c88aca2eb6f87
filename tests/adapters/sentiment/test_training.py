"""Training: equal labels give equal heads, unseen folds stay unseen, noise teaches nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from adapters.sentiment.training import PENALTIES, trained_head, unseen_classes
from nodes.kernels.linear_head import positive_probabilities
from nodes.vocabulary.errors import EdgeError
from tests.adapters.sentiment.made import LABELLED_AT, made_head, made_labels, made_vectors


def test_equal_labels_give_an_equal_head(tmp_path: Path) -> None:
    """SVC-SNT-04."""
    assert made_head(tmp_path).digest == made_head(tmp_path).digest


def test_a_head_says_what_it_was_made_from(tmp_path: Path) -> None:
    head = made_head(tmp_path)

    assert (head.n_positive, head.n_negative, head.labels_known_at) == (30, 30, LABELLED_AT)
    assert head.inverse_penalty in PENALTIES
    assert head.trainer.startswith("scikit-learn ")


def test_a_head_tells_the_sides_apart(tmp_path: Path) -> None:
    found, head = made_labels(tmp_path), made_head(tmp_path)
    probabilities = positive_probabilities(made_vectors(found), np.array(head.weights), head.intercept)

    assert np.array_equal(probabilities > 0.5, found.is_positive)


def test_labels_of_noise_are_not_learnt(tmp_path: Path) -> None:
    """A head that had seen a fold's own labels would get them right."""
    found = made_labels(tmp_path)
    noise = np.random.default_rng(5).normal(size=(60, 384))
    classes = unseen_classes(noise, found.is_positive, found.headline_groups)

    assert (classes == found.is_positive).mean() < 0.75


def test_progress_is_told_for_every_fold(tmp_path: Path) -> None:
    found, told = made_labels(tmp_path), []
    unseen_classes(made_vectors(found), found.is_positive, found.target_groups, lambda *step: told.append(step))

    assert told == [("folds", done, 5) for done in range(1, 6)]


def test_a_missing_library_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.linear_model", None)
    found = made_labels(tmp_path)

    with pytest.raises(EdgeError, match=r"sklearn.linear_model .* run pip install assay-engine\[sentiment\]"):
        trained_head("test", found, made_vectors(found))
