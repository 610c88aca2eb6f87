"""The page of an attribution: complete, escaped, without a script; its drawings show the lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from adapters.lake.lake import Lake, bundled_lake
from api.pages.attribution_page import attribution_page, delay_drawing, fading_drawing, lines_drawing, path_drawing
from tests.api.made_attribution import made_attribution, made_decay
from tests.api.use_cases.attributions import Attributed, attributed_at
from tests.api.use_cases.homes import FIRST_ON, run_home


@pytest.fixture(scope="module")
def attributed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attributed]:
    lake: Lake = bundled_lake()
    home: Path = run_home(
        tmp_path_factory.mktemp("page") / "home", lake, lake.calendar.after(lake.calendar.after(FIRST_ON))
    )
    with attributed_at(home, lake) as found:
        yield found


def test_the_page_needs_nothing_else_and_escapes_what_others_wrote(attributed: Attributed) -> None:
    page = attribution_page(attributed.found, made_attribution(), made_decay())
    assert "&lt;cash&gt;" in page
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_the_page_shows_the_lines_their_sum_and_the_decisions_behind_them(attributed: Attributed) -> None:
    """JRN-02, journey 2."""
    page = attribution_page(attributed.found, attributed.report, made_decay())
    assert f"{attributed.report.total_usd:,.2f} USD on" in page
    assert "to the last digit" in page
    decision = attributed.report.shortfall.worst[0].decision_id[:12]
    assert f"<code>{decision}</code>" in page


def test_each_line_is_a_bar_on_its_side_of_zero() -> None:
    plot = lines_drawing(made_attribution().lines).plot
    assert plot is not None
    bars = {shape.look: shape.numbers for shape in plot.shapes if shape.kind == "rect" and shape.numbers[2] > 1.0}
    assert bars["bar"][0] == pytest.approx(plot.x(0.0))
    assert bars["bar beyond"][0] + bars["bar beyond"][2] == pytest.approx(plot.x(0.0))


def test_intervals_by_delay_are_drawn_and_what_is_not_known_is_said() -> None:
    """MON-01."""
    found = made_decay()
    plot = fading_drawing(found).plot
    assert plot is not None
    assert [shape.text for shape in plot.shapes if shape.look == "name"] == ["at once"]
    assert delay_drawing(found).plot is not None
    unknown = msgspec.structs.replace(found, delay_costs=found.delay_costs[:1])
    assert delay_drawing(unknown).instead == "Too few sessions to say."


def test_nothing_at_all_is_said_in_words() -> None:
    assert lines_drawing(()).instead == "Nothing was made and nothing was paid."


def test_the_path_ends_where_the_lines_come_to(attributed: Attributed) -> None:
    plot = path_drawing(attributed.found).plot
    assert plot is not None
    outline = next(shape.text for shape in plot.shapes if shape.look == "chosen")
    assert float(outline.split()[-1]) == pytest.approx(plot.y(float(attributed.report.total_usd)), abs=0.2)
