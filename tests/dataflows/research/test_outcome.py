from __future__ import annotations

import numpy as np
import pytest

from dataflows.research.outcome import settings_of, study_outcome
from tests.dataflows.research.small import small_design, small_done, small_table

TABLE = small_table(edge=0.6)
WORK, DONE = small_done(TABLE)
OUTCOME = study_outcome(TABLE, WORK.data, WORK.design.book, DONE)


def test_every_trial_has_returns_over_the_same_sessions_out_of_sample() -> None:
    assert OUTCOME.matrix.shape == (len(OUTCOME.sessions), 2)
    first_test = int(TABLE.samples.spans.starts[WORK.data.splits[0].test[0]])
    assert OUTCOME.sessions[0] == TABLE.market.sessions[first_test + 2]


def test_the_choice_takes_in_each_fold_what_its_inner_losses_point_to() -> None:
    for fold, choice in enumerate(OUTCOME.choices):
        losses = [each.result.loss for each in DONE if each.fit.fold == fold]
        assert choice.fit.fold == fold
        assert choice.result.loss == min(losses)
    assert OUTCOME.final.fit.fold == WORK.data.n_folds
    assert settings_of(OUTCOME.choices)[0] == OUTCOME.choices[0].fit.settings


def test_a_planted_edge_earns_and_noise_does_not() -> None:
    noise = small_table(edge=0.0)
    work, done = small_done(noise)
    lost = study_outcome(noise, work.data, work.design.book, done).chosen
    gained = OUTCOME.chosen
    assert gained.mean() / gained.std() * np.sqrt(252) > 3.0
    assert abs(lost.mean() / lost.std() * np.sqrt(252)) < 2.0


def test_samples_that_nothing_tested_have_no_prediction() -> None:
    tested = np.isfinite(OUTCOME.predictions)
    assert not tested[WORK.data.splits[0].train].any()
    assert tested.sum() == sum(len(split.test) for split in WORK.data.splits)


def test_costs_take_from_every_trial() -> None:
    dear = small_design(trade_cost_bps="50.0").book
    costly = study_outcome(TABLE, WORK.data, dear, DONE)
    assert (costly.matrix.mean(axis=0) < OUTCOME.matrix.mean(axis=0)).all()
    assert costly.turnover_frac == OUTCOME.turnover_frac > 1.0


def test_a_long_book_is_judged_against_holding_all_alike() -> None:
    long = study_outcome(TABLE, WORK.data, small_design(book="long-only").book, DONE)
    assert long.benchmark.any()
    assert not OUTCOME.benchmark.any()
    assert np.corrcoef(long.chosen, OUTCOME.chosen)[0, 1] > 0.8


def test_a_sample_that_several_splits_test_counts_with_its_mean_prediction() -> None:
    design = small_design(folds="combinatorial-purged", n_folds="4", n_test_groups="2")
    work, done = small_done(TABLE, design)
    outcome = study_outcome(TABLE, work.data, design.book, done)
    place = int(work.data.splits[0].test[0])
    said = [
        each.result.predictions[np.flatnonzero(work.data.splits[each.fit.fold].test == place)[0]]
        for each in outcome.choices
        if place in work.data.splits[each.fit.fold].test
    ]
    assert len(said) == 3
    assert outcome.predictions[place] == pytest.approx(np.mean(said))
