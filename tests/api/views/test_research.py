from __future__ import annotations

import numpy as np
import pytest

from api.views.research import figure_pairs, fold_lines, gate_rows, number_text, sharpe_score, trial_lines
from tests.api.research_runs import Ran, ran


@pytest.fixture
def run() -> Ran:
    return ran()


def test_tables_hold_every_gate_trial_and_fold(run: Ran) -> None:
    research = run.research
    gates = gate_rows(research.plan, research.judgement.run)
    assert {row.rule_id for row in gates} == {rule.rule_id for rule in research.plan.rules}
    assert [row.outcome == "holds" for row in gates] == sorted(row.outcome == "holds" for row in gates)
    trials = trial_lines(research.outcome)
    assert [line.sharpe for line in trials] == sorted((line.sharpe for line in trials), reverse=True)
    assert sum(line.n_chosen for line in trials) == 2
    assert [line.name for line in fold_lines(research.table, research.data, research.outcome)] == ["1", "2"]
    assert figure_pairs(research.evidence)["SPA p-value"] == f"{research.evidence.figures['spa_p_frac']:.3f}"


@pytest.mark.parametrize(
    ("value", "text"), [(0.12345, "0.123"), (12345.6, "12,346"), (1234, "1,234"), (None, "not known"), ("word", "word")]
)
def test_numbers_are_written_for_people(value: object, text: str) -> None:
    assert number_text(value) == text


def test_returns_that_do_not_vary_have_no_sharpe_ratio() -> None:
    assert np.isnan(sharpe_score(np.zeros(10)))
