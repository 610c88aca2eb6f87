from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from api.pages.research_figures import equity_plots, luck_figures, model_figures
from api.pages.research_page import research_page
from tests.api.research_runs import Ran, ran


@pytest.fixture
def run() -> Ran:
    return ran()


def test_figures_that_could_not_be_made_say_why(run: Ran) -> None:
    evidence = replace(
        run.research.evidence, ability=None, overfitting=None, absences={"spa_p_frac": "too short; wait"}
    )
    research = replace(run.research, evidence=evidence)
    nulls, cuts = luck_figures(research)
    assert (nulls.plot, nulls.instead) == (None, "too short; wait")
    assert cuts.plot is None
    assert "too short; wait" in research_page(research)


def test_equity_ends_where_the_returns_lead(run: Ran) -> None:
    growth, fall = equity_plots(run.research)
    lines = [shape for shape in growth.shapes if shape.kind == "path"]
    assert [shape.look for shape in lines] == ["trial"] * 2 + ["chosen"]
    end = float(np.prod(1.0 + run.research.outcome.chosen) - 1.0)
    assert lines[-1].text.endswith(f" {growth.y(end)}")
    assert len([shape for shape in fall.shapes if shape.look == "fall"]) == 1


def test_calibration_has_ten_groups_and_overlap_one_line(run: Ran) -> None:
    calibration, importance, overlap = (figure.plot for figure in model_figures(run.research))
    assert calibration is not None
    assert importance is not None
    assert overlap is not None
    assert len([shape for shape in calibration.shapes if shape.kind == "circle"]) == 10
    assert [shape.text for shape in importance.shapes if shape.look == "name"]
    assert [shape.look for shape in overlap.shapes if shape.kind == "path"] == ["count"]
