from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dataflows.research.evidence import StudyEvidence, study_evidence
from dataflows.research.outcome import study_outcome
from tests.dataflows.research.small import small_design, small_done, small_table


def _evidence(edge: float, n_trials: int = 2) -> StudyEvidence:
    table = small_table(edge=edge)
    work, done = small_done(table)
    return study_evidence(work.design, study_outcome(table, work.data, work.design.book, done), n_trials)


def test_a_planted_edge_is_told_from_luck_and_noise_is_not() -> None:
    """SIG-01, SIG-02."""
    planted, noise = _evidence(0.8).figures, _evidence(0.0).figures
    assert planted["spa_p_frac"] < 0.05
    assert planted["dsr_frac"] > 0.95
    assert noise["spa_p_frac"] > 0.05
    assert noise["dsr_frac"] < 0.95


def test_the_deflated_ratio_falls_with_the_trials_that_the_ledger_holds() -> None:
    """SIG-02: N is read from the ledger."""
    few, many = _evidence(0.3, 2), _evidence(0.3, 200)
    assert many.figures["dsr_frac"] < few.figures["dsr_frac"]
    assert many.figures["luckiest_sharpe_score"] > few.figures["luckiest_sharpe_score"]
    assert many.figures["psr_frac"] == few.figures["psr_frac"]


def test_gates_are_told_counts_as_whole_numbers() -> None:
    known = _evidence(0.3).known
    assert (type(known["n_trials"]), type(known["oos_sessions"])) == (int, int)


def test_a_figure_that_the_data_cannot_bear_is_left_out_with_its_reason() -> None:
    """A gate that asks for it is then unknown, and denies."""
    table = small_table(edge=0.3)
    work, done = small_done(table)
    outcome = study_outcome(table, work.data, work.design.book, done)
    idle = replace(outcome.trials[0], returns=np.zeros(len(outcome.chosen)))
    found = study_evidence(small_design(), replace(outcome, trials=(idle, *outcome.trials[1:])), 2)
    assert not {"spa_p_frac", "pbo_frac", "dsr_frac"} & found.figures.keys()
    assert set(found.absences) == {"spa_p_frac", "pbo_frac", "dsr_frac"}
    assert found.figures["oos_max_drawdown_frac"] == pytest.approx(_evidence(0.3).figures["oos_max_drawdown_frac"])


def test_a_book_that_lost_everything_has_lost_everything() -> None:
    """A session that loses more than all there is must not become a figure that is no number."""
    table = small_table()
    work, done = small_done(table)
    outcome = study_outcome(table, work.data, work.design.book, done)
    ruined = replace(outcome, chosen=np.where(np.arange(len(outcome.chosen)) == 3, -1.5, outcome.chosen))
    figures = study_evidence(work.design, ruined, 5).figures
    assert (figures["oos_return_frac"], figures["oos_max_drawdown_frac"]) == (-1.0, 1.0)
