"""Importance: finds what was planted, covers nothing by nothing, and adds up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from adapters.models.importance import Importance, explained, permutation_importances, row_losses, shapley_importances
from adapters.models.rows import Kind
from adapters.models.trainers import TRAINERS, trainer
from adapters.models.unseen import Recipe
from nodes.kernels.calibration import logits
from nodes.kernels.splits import purged_folds
from nodes.vocabulary.errors import DataError
from tests.adapters.models.made import NAMES, QUICK, SEED, fitted, rows, samples
from tests.adapters.models.test_unseen import Memory


def by_name(found: tuple[Importance, ...]) -> dict[str, Importance]:
    return {each.name: each for each in found}


@pytest.mark.parametrize("kind", ["class", "value"])
def test_planted_features_matter_surely_and_noise_does_not(kind: Kind) -> None:
    """API-ANL-03: permutation importance with an interval."""
    table = samples(kind)
    recipe = Recipe(trainer("linear", kind), {}, SEED)
    found = by_name(permutation_importances(recipe, table, purged_folds(table.spans, 3, 1)))
    assert found["momentum"].low > 0 < found["always_there"].low
    assert found["never_there"].mean == pytest.approx(0.0, abs=1e-12)
    assert found["noise"].low <= 0.01 < found["momentum"].mean


def test_shapley_values_find_the_planted_features_too() -> None:
    """API-ANL-03: Shapley values with an interval."""
    table = samples()
    recipe = Recipe(trainer("lightgbm", "class"), QUICK["lightgbm"], SEED)
    found = by_name(shapley_importances(recipe, table, purged_folds(table.spans, 2, 1)))
    assert found["momentum"].low > found["noise"].high
    assert all(each.low <= each.mean <= each.high for each in found.values())


@pytest.mark.parametrize("kind", ["class", "value"])
@pytest.mark.parametrize("name", TRAINERS)
def test_shapley_values_and_an_average_add_up_to_each_score(name: str, kind: Kind) -> None:
    """Additivity (Lundberg, Lee 2017): the rest is the same for every row."""
    if name == "random-forest":
        pytest.importorskip("shap")
    model = fitted(name, kind)
    score = model.predicted(rows())
    score = logits(score) if kind == "class" and name != "random-forest" else score
    rest = score - explained(model).contributions(rows()).sum(axis=1)
    assert np.ptp(rest) < 1e-5


def test_the_same_question_has_the_same_answer() -> None:
    table = samples()
    recipe, folds = Recipe(trainer("linear", "class"), {}, SEED), purged_folds(table.spans, 3, 1)
    assert permutation_importances(recipe, table, folds) == permutation_importances(recipe, table, folds)


def test_intervals_widen_when_labels_overlap_more() -> None:
    """Rows of overlapping labels are no independent witnesses: blocks of sessions are drawn, not rows."""
    table = samples()
    echo = replace(table, features=table.features, spans=replace(table.spans, ends=table.spans.starts + 20))
    recipe, folds = Recipe(trainer("linear", "class"), {}, SEED), purged_folds(table.spans, 3, 1)
    alone, together = (by_name(permutation_importances(recipe, each, folds))["momentum"] for each in (table, echo))
    assert together.mean == pytest.approx(alone.mean)
    assert together.high - together.low > alone.high - alone.low


def test_losses_by_hand() -> None:
    found = row_losses("class", np.array([1.0, 0.0, 1.0]), np.array([0.5, 0.0, np.nan]))
    assert found == pytest.approx([np.log(2), 1e-6, np.nan], abs=1e-9, nan_ok=True)
    assert row_losses("value", np.array([1.0]), np.array([3.0])).tolist() == [4.0]


def test_a_model_that_cannot_explain_itself_is_refused() -> None:
    with pytest.raises(DataError, match="Memory has no Shapley values"):
        explained(Memory())


def test_features_that_training_never_met_absent_leave_nothing_to_measure() -> None:
    table = samples()
    features = np.where(np.arange(len(table))[:, None] < 200, np.nan_to_num(table.features), np.nan)
    split = purged_folds(table.spans, 2, 0)[1]
    with pytest.raises(DataError, match="tested rows was predicted; use features that the training rows know"):
        permutation_importances(
            Recipe(trainer("linear", "class"), {}, SEED), replace(table, features=features), [split]
        )


def test_names_follow_the_columns() -> None:
    table = samples()
    found = permutation_importances(
        Recipe(trainer("linear", "class"), {}, SEED), table, purged_folds(table.spans, 2, 1)
    )
    assert tuple(each.name for each in found) == NAMES
