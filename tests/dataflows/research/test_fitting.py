from __future__ import annotations

import numpy as np
import pytest

from dataflows.research.fitting import final_model, fit_result, importances, loss, places_tested, study_data
from dataflows.research.trials import Fit, RecordedTrial
from nodes.vocabulary.errors import DataError
from tests.dataflows.research.small import LeaningTrainer, small_design, small_table

TRIAL = RecordedTrial("linear", 0, 1, b"t")


def test_no_training_label_meets_a_tested_one_in_any_scheme() -> None:
    """ML-01."""
    samples = small_table().samples
    for kind, groups in (("walk-forward", "1"), ("combinatorial-purged", "1")):
        folds = small_design(folds=kind, n_folds="3", n_test_groups=groups).folds
        for split in study_data(samples, folds).splits[:-1]:
            first, last = samples.spans.starts[split.test].min(), samples.spans.ends[split.test].max()
            meets = (samples.spans.ends[split.train] >= first) & (samples.spans.starts[split.train] <= last)
            assert not meets.any()


def test_the_last_split_learns_from_all_and_tests_nothing() -> None:
    table = small_table()
    data = study_data(table.samples, small_design().folds)
    assert len(data.splits[data.n_folds].train) == len(table.samples)
    assert len(data.splits[data.n_folds].test) == 0


def test_what_is_tested_changes_no_loss_by_which_settings_are_chosen() -> None:
    """SVC-ANL-01, API-ANL-04: nested, so that the choice knows nothing of what it is judged by."""
    table, design = small_table(edge=0.5), small_design()
    data = study_data(table.samples, design.folds)
    fit = Fit(TRIAL, 0, {"l2": 1.0}, 1)
    before = fit_result(data, {"linear": LeaningTrainer()}, fit)
    tested = data.splits[0].test
    table.samples.target[tested] = 1.0 - table.samples.target[tested]
    after = fit_result(data, {"linear": LeaningTrainer()}, fit)
    assert before.loss == after.loss
    assert before.predictions.tolist() == after.predictions.tolist()
    assert before.centre == after.centre


def test_a_fit_trains_once_an_inner_fold_and_once_for_the_tested_part() -> None:
    data = study_data(small_table().samples, small_design().folds)
    trainer = LeaningTrainer()
    fit_result(data, {"linear": trainer}, Fit(TRIAL, 0, {"l2": 1.0}, 1))
    assert trainer.n_fitted == 3
    fit_result(data, {"linear": trainer}, Fit(TRIAL, data.n_folds, {"l2": 1.0}, 1))
    assert trainer.n_fitted == 5


def test_only_the_feature_that_knows_something_is_missed_when_it_is_shuffled() -> None:
    """API-ANL-03."""
    data = study_data(small_table(edge=1.0).samples, small_design().folds)
    signal, noise = importances(data, {"linear": LeaningTrainer()}, Fit(TRIAL, 1, {"l2": 4.0}, 1))
    assert signal > 0.01
    assert noise == 0.0


def test_the_final_model_is_exported_as_it_was_fitted() -> None:
    data = study_data(small_table(edge=1.0).samples, small_design().folds)
    model = final_model(data, {"linear": LeaningTrainer()}, Fit(TRIAL, data.n_folds, {"l2": 1.0}, 1))
    assert model.onnx().startswith(b"slope 0.")


def test_the_loss_is_the_weighted_log_loss_or_squared_error() -> None:
    target, weights = np.array([1.0, 0.0]), np.array([3.0, 1.0])
    found = loss("class", target, np.array([0.8, 0.4]), weights)
    assert found == pytest.approx(-(3 * np.log(0.8) + np.log(0.6)) / 4)
    assert loss("value", target, np.array([0.0, 2.0]), weights) == pytest.approx((3 + 4) / 4)


def test_rows_without_a_prediction_are_left_out_of_the_loss_unless_none_has_one() -> None:
    target, weights = np.array([1.0, 0.0]), np.array([1.0, 1.0])
    assert loss("value", target, np.array([0.5, np.nan]), weights) == 0.25
    with pytest.raises(DataError, match="none of 2 rows was predicted"):
        loss("value", target, np.array([np.nan, np.nan]), weights)


def test_samples_before_the_first_tested_fold_are_never_tested() -> None:
    data = study_data(small_table().samples, small_design().folds)
    assert places_tested(data)[0] == data.splits[0].test[0] > 0
