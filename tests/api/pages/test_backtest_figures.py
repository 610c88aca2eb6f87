"""Drawings of a tear sheet: what is drawn, and what is said where there is nothing to draw."""

from __future__ import annotations

from dataclasses import replace

from api.pages.backtest_figures import (
    capacity_drawing,
    costs_drawing,
    exposure_drawing,
    gap_drawings,
    growth_plots,
    parameters_drawing,
    sensitivity_drawing,
    turnover_drawing,
)
from tests.api.backtest_samples import ran_backtest


def test_growth_draws_the_account_and_the_index() -> None:
    growth, fall = growth_plots(ran_backtest().found)
    looks = [shape.look for shape in (*growth.shapes, *fall.shapes) if shape.kind == "path"]
    assert looks == ["trial index", "chosen", "fall", "trial index"]


def test_exposure_turnover_and_costs_are_drawn() -> None:
    found = ran_backtest().found
    for drawing in (exposure_drawing(found), turnover_drawing(found), costs_drawing(found)):
        assert drawing.plot is not None
        assert drawing.plot.shapes
    words = [shape.text for shape in costs_drawing(found).plot.shapes if shape.kind == "text"]  # type: ignore[union-attr]  # is there
    assert "spread" in words


def test_a_study_draws_one_dot_a_size_and_one_row_an_assumption() -> None:
    found = ran_backtest().found
    capacity, sensitivity, parameters = (
        drawn(found) for drawn in (capacity_drawing, sensitivity_drawing, parameters_drawing)
    )
    assert capacity.plot is not None
    assert sensitivity.plot is not None
    assert parameters.plot is not None
    assert sum(shape.kind == "circle" for shape in parameters.plot.shapes) == 9
    assert sum(shape.kind == "circle" for shape in capacity.plot.shapes) == len(found.capacity)
    assert sum(shape.kind == "circle" for shape in sensitivity.plot.shapes) == len(found.sensitivity)


def test_without_a_study_the_page_says_so() -> None:
    found = replace(
        ran_backtest().found, capacity=(), sensitivity=(), parameters=(), gap=None, gap_absence="too few orders"
    )
    assert {drawn(found).plot for drawn in (capacity_drawing, sensitivity_drawing, parameters_drawing)} == {None}
    (gap,) = gap_drawings(found)
    assert (gap.plot, gap.instead) == (None, "too few orders")
