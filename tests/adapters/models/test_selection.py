"""Nested selection: finds what was planted, and no skill in noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from adapters.models.selection import SelectionDesign, chosen_features, columns, mean_loss, nested_selection
from adapters.models.trainers import trainer
from adapters.models.unseen import Recipe, unseen_predictions
from nodes.kernels.splits import purged_folds
from tests.adapters.models.made import N_ROWS, SEED, samples

RECIPE = Recipe(trainer("linear", "value"), {"l2": 1e-3}, SEED)
DESIGN = SelectionDesign(3, 1)


def test_planted_features_are_chosen_and_noise_is_not() -> None:
    table = samples("value")
    found = nested_selection(RECIPE, table, purged_folds(table.spans, 3, 1), DESIGN)
    assert set(found.names) == {"momentum", "always_there"}
    assert found.chosen_frac["momentum"] == found.chosen_frac["always_there"] == 1.0
    assert all(fold.loss < fold.loss_of_none for fold in found.folds)


def test_selection_inside_folds_finds_no_skill_in_noise_where_selection_on_all_rows_does() -> None:
    """API-ANL-04: forty columns of noise; chosen on the rows that also judge them, they look skilled."""
    table = samples("value")
    chance = np.random.default_rng(SEED)
    names = tuple(f"noise{at}" for at in range(40))
    noise = replace(
        table, features=chance.standard_normal((N_ROWS, 40)), names=names, target=chance.standard_normal(N_ROWS)
    )
    folds = purged_folds(noise.spans, 3, 1)
    nested = nested_selection(RECIPE, noise, folds, DESIGN)
    honest = np.mean([fold.loss - fold.loss_of_none for fold in nested.folds])
    scores = np.abs(noise.features.T @ noise.target)
    picked = columns(noise, [names[at] for at in np.argsort(-scores)[:12]])
    cheated = mean_loss(picked, unseen_predictions(RECIPE, picked, folds)) - np.var(noise.target)
    assert cheated < 0 < honest


def test_a_choice_does_not_depend_on_rows_outside_of_its_samples() -> None:
    table = samples("value")
    inside = np.arange(250)
    rewritten = replace(table, target=np.where(np.arange(N_ROWS) < 250, table.target, 1e6))
    one, other = (chosen_features(RECIPE, each.rows(inside), DESIGN) for each in (table, rewritten))
    assert one == other


def test_a_loss_without_any_prediction_is_absent() -> None:
    assert np.isnan(mean_loss(samples(), np.full(N_ROWS, np.nan)))
