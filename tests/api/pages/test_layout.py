from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.pages.layout import Drawing, Sizes, Vertex, drawing

BANDS = ("data", "features", "rules")


def columns_of(vertices: list[Vertex]) -> dict[str, int]:
    return {box.key: box.column for box in drawing(vertices, BANDS).boxes}


@st.composite
def graphs(draw: st.DrawFn) -> list[Vertex]:
    n_vertices = draw(st.integers(1, 14))
    return [
        Vertex(
            f"v{i}",
            draw(st.sampled_from(BANDS)),
            tuple(f"v{j}" for j in draw(st.sets(st.integers(0, i - 1), max_size=4))) if i else (),
        )
        for i in range(n_vertices)
    ]


@given(graphs())
def test_every_reader_stands_right_of_what_it_reads(vertices: list[Vertex]) -> None:
    column = columns_of(vertices)
    assert all(column[tail] < column[vertex.key] for vertex in vertices for tail in vertex.reads)


@given(graphs())
def test_boxes_never_overlap_and_stay_on_the_sheet(vertices: list[Vertex]) -> None:
    result = drawing(vertices, BANDS)
    by_column: dict[int, list[float]] = {}
    for box in result.boxes:
        by_column.setdefault(box.column, []).append(box.y)
        assert 0 <= box.x <= result.width - result.sizes.box_width
        assert 0 <= box.y <= result.height - result.sizes.box_height
    for tops in by_column.values():
        tops.sort()
        assert all(below - above >= result.sizes.box_height for above, below in itertools.pairwise(tops))


@given(graphs())
def test_equal_graphs_give_equal_drawings(vertices: list[Vertex]) -> None:
    assert drawing(vertices, BANDS) == drawing(list(vertices), BANDS)


@given(graphs())
def test_every_edge_is_drawn_once_from_its_tail_to_its_head(vertices: list[Vertex]) -> None:
    result = drawing(vertices, BANDS)
    assert sorted((wire.tail, wire.head) for wire in result.wires) == sorted(
        (tail, vertex.key) for vertex in vertices for tail in vertex.reads
    )
    for wire in result.wires:
        start, end = ends(wire.path)
        assert start == pytest.approx(side(result, wire.tail, right=True), abs=0.11)
        assert end == pytest.approx(side(result, wire.head, right=False), abs=0.11)


def ends(path: str) -> tuple[tuple[float, float], tuple[float, float]]:
    numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path)]
    return (numbers[0], numbers[1]), (numbers[-2], numbers[-1])


def side(result: Drawing, key: str, *, right: bool) -> tuple[float, float]:
    (box,) = [box for box in result.boxes if box.key == key]
    middle = box.y + result.sizes.box_height / 2
    return (box.x + right * result.sizes.box_width, middle)


def test_a_band_starts_where_the_band_before_it_ends() -> None:
    chain = [
        Vertex("a", "data"),
        Vertex("b", "data", ("a",)),
        Vertex("c", "features", ("a",)),
        Vertex("d", "rules", ("a",)),
    ]
    assert columns_of(chain) == {"a": 0, "b": 1, "c": 2, "d": 3}


def test_a_vertex_that_reads_a_later_stage_is_moved_into_it() -> None:
    assert columns_of([Vertex("rule", "rules"), Vertex("feature", "features", ("rule",))]) == {"rule": 0, "feature": 1}


def test_parallel_chains_are_drawn_without_a_crossing() -> None:
    result = drawing(
        [Vertex("a", "data"), Vertex("b", "data"), Vertex("x", "features", ("b",)), Vertex("y", "features", ("a",))],
        BANDS,
    )
    top = {box.key: box.y for box in result.boxes}
    assert (top["a"] < top["b"]) == (top["y"] < top["x"])


def test_a_cut_edge_to_an_unknown_vertex_is_left_out() -> None:
    assert drawing([Vertex("a", "data", ("elsewhere",))], BANDS).wires == ()


def test_an_empty_graph_is_an_empty_sheet() -> None:
    assert drawing([], BANDS, Sizes(margin=8)).boxes == ()
