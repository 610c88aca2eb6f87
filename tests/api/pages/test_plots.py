from __future__ import annotations

import numpy as np
import pytest

from api.pages.plots import HEIGHT, WIDTH, Plot, dots, histogram, ticks


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 1.0, (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        (-0.03, 0.07, (-0.02, 0.0, 0.02, 0.04, 0.06)),
        (0.0, 1234.0, (0.0, 250.0, 500.0, 750.0, 1000.0)),
        (2.0, 2.0, (2.0,)),
    ],
)
def test_ticks_are_round_and_within_the_axis(low: float, high: float, expected: tuple[float, ...]) -> None:
    assert ticks(low, high, 5) == pytest.approx(expected)


def test_larger_values_stand_higher_and_further_to_the_right() -> None:
    plot = Plot("growth", (0.0, 10.0), (-1.0, 1.0))
    assert 0.0 < plot.x(0.0) < plot.x(5.0) < plot.x(10.0) < WIDTH
    assert 0.0 < plot.y(1.0) < plot.y(0.0) < plot.y(-1.0) < HEIGHT


def test_a_long_line_is_thinned_and_keeps_its_end() -> None:
    plot = Plot("growth", (0.0, 9999.0), (0.0, 9999.0))
    plot.curve("chosen", np.arange(10_000.0))
    outline = plot.shapes[0].text
    assert outline.count("L") < 500
    assert outline.endswith(f"L{plot.x(9999.0)} {plot.y(9999.0)}")


def test_an_area_is_closed_at_zero() -> None:
    plot = Plot("fall", (0.0, 2.0), (-1.0, 0.0))
    plot.curve("fall", np.array([0.0, -0.5, -0.2]), is_area=True)
    assert plot.shapes[0].text.endswith(f"L{plot.x(0.0)} {plot.y(0.0)}Z")


def test_a_histogram_marks_its_value_and_the_bins_beyond() -> None:
    plot = histogram("nulls", np.linspace(0.0, 1.0, 100), (0.8, "found"), lambda value: value >= 0.8)
    looks = [shape.look for shape in plot.shapes if shape.kind == "rect"]
    assert looks.count("bar beyond") == pytest.approx(0.2 * len(looks), abs=2)
    assert [shape.text for shape in plot.shapes if shape.look == "marked"] == ["found"]


def test_a_histogram_of_one_value_alone_can_be_drawn() -> None:
    plot = histogram("logits", np.zeros(5), (0.0, "here"), lambda value: value <= 0.0)
    assert all(np.isfinite(shape.numbers).all() for shape in plot.shapes)


def test_intervals_across_zero_are_not_sure() -> None:
    plot = dots("importance", [("momentum", 0.2, 0.1, 0.3), ("noise", 0.0, -0.1, 0.1)])
    looks = [shape.look for shape in plot.shapes if shape.kind == "circle"]
    assert looks == ["dot sure", "dot unsure"]
    assert [shape.text for shape in plot.shapes if shape.look == "name"] == ["momentum", "noise"]
