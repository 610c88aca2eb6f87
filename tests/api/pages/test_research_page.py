from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from api.pages.research_figures import equity_plots, luck_figures, model_figures
from api.pages.research_page import research_page
from api.views.research import figure_pairs, fold_lines, gate_rows, number_text, sharpe_score, trial_lines
from tests.api.research_runs import Ran, ran


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    return ran(tmp_path_factory.mktemp("page"))


class Reader(HTMLParser):
    """What a page says and refers to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.refers, self.tags = "", list[str](), list[str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.refers += [value or "" for name, value in attrs if name in {"src", "href"}]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_says_in_one_sentence_whether_it_is_luck(run: Ran) -> None:
    page = Reader(run.report.decode())
    assert run.result.headline in page.text
    assert run.result.sentence in page.text


def test_the_page_needs_nothing_else_and_admits_nothing_else(run: Ran) -> None:
    page = Reader(run.report.decode())
    assert all(each.startswith(("#", "data:")) for each in page.refers)
    assert "script" not in page.tags
    assert "default-src &#39;none&#39;" in run.report.decode()


def test_the_page_is_the_same_for_the_same_run(run: Ran) -> None:
    assert research_page(run.research) == research_page(run.research) == run.report.decode()


def test_every_plot_has_words_for_those_who_do_not_see_it(run: Ran) -> None:
    page = run.report.decode()
    assert len(re.findall(r'<svg class="plot" [^>]+ role="img" aria-label="[A-Z][^"]+">', page)) == 7
    assert page.count('<svg class="plot"') == 7
    assert not re.search(r'="[^"]*(nan|inf)[^"]*"', page.partition("</style>")[2])


def test_a_hostile_name_is_text(run: Ran) -> None:
    research = replace(run.research, study="<script>alert(1)</script>")
    assert "<script>" not in research_page(research)


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
