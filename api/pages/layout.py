"""Where the boxes of a lineage drawing stand: a layered layout, left to right.

1. Bands: each stage is a run of columns; a node stands in its own stage or, when it reads a later one, in that one.
2. Columns: the longest path inside the band.
3. Lanes: an edge that crosses columns passes through one lane in each, shared by all edges of its tail.
4. Order: barycentre sweeps, the arrangement with the fewest crossings kept.
5. Heights: least squares towards the neighbours under the spacing, by isotonic regression.

Pure and deterministic: equal graphs give equal drawings, so a page is a function of its trace.
"""

from __future__ import annotations

import itertools
from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import TopologicalSorter

_SWEEPS = 12
_RELAXATIONS = 10


@dataclass(frozen=True)
class Vertex:
    """A node to be placed.

    Attributes:
        key: its name in the drawing.
        band: the stage it belongs to.
        reads: keys of the vertices it reads; unknown keys are ignored.
    """

    key: str
    band: str
    reads: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sizes:
    """Lengths of a drawing, in pixels."""

    box_width: int = 172
    box_height: int = 42
    column_gap: int = 46
    row_gap: int = 10
    lane_height: int = 4
    margin: int = 16
    head_height: int = 34


@dataclass(frozen=True)
class Box:
    """A placed node: its top left corner."""

    key: str
    column: int
    x: float
    y: float


@dataclass(frozen=True)
class Wire:
    """A drawn edge: an SVG path from what is read to its reader."""

    tail: str
    head: str
    path: str


@dataclass(frozen=True)
class Band:
    """A stage's part of the drawing: its name, left side and width."""

    name: str
    x: float
    width: float


@dataclass(frozen=True)
class Drawing:
    """A placed graph."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    bands: tuple[Band, ...]
    sizes: Sizes = field(default_factory=Sizes)


# A place is a box (key, None) or a lane of that box's wires in a column (key, column).
_Place = tuple[str, int | None]


def drawing(vertices: Sequence[Vertex], bands: Sequence[str], sizes: Sizes | None = None) -> Drawing:
    """The drawing of a graph without cycles.

    Args:
        vertices: the nodes, in any order; equal graphs in equal order give equal drawings.
        bands: the stages from left to right; a vertex of an unknown stage stands in the first.
        sizes: lengths; the house's when None.
    """
    sizes = sizes or Sizes()
    known = {vertex.key for vertex in vertices}
    reads = {vertex.key: tuple(dict.fromkeys(k for k in vertex.reads if k in known)) for vertex in vertices}
    if not reads:
        return Drawing(2 * sizes.margin, 2 * sizes.margin, (), (), (), sizes)
    column, spans = _columns({vertex.key: vertex.band for vertex in vertices}, reads, bands)
    links = _links(reads, column)
    ordered = _ordered(_ranks(reads, column, links), links)
    middle = _middles(ordered, links, sizes)
    return _placed(reads, column, middle, spans, sizes)


def _columns(
    band_of: Mapping[str, str], reads: Mapping[str, tuple[str, ...]], bands: Sequence[str]
) -> tuple[dict[str, int], list[tuple[str, int, int]]]:
    """Column of each vertex, and (band, first column, columns) of each band in use."""
    index = {band: i for i, band in enumerate(bands)}
    band: dict[str, int] = {}
    depth: dict[str, int] = {}
    for key in TopologicalSorter(reads).static_order():
        band[key] = max([index.get(band_of[key], 0), *(band[tail] for tail in reads[key])])
        depth[key] = max((depth[tail] + 1 for tail in reads[key] if band[tail] == band[key]), default=0)
    spans: list[tuple[str, int, int]] = []
    for i in sorted(set(band.values())):
        first = spans[-1][1] + spans[-1][2] if spans else 0
        spans.append((bands[i], first, 1 + max(depth[key] for key in reads if band[key] == i)))
    start = {name: first for name, first, _ in spans}
    return {key: start[bands[band[key]]] + depth[key] for key in reads}, spans


def _links(reads: Mapping[str, tuple[str, ...]], column: Mapping[str, int]) -> list[tuple[_Place, _Place]]:
    """Links between neighbouring columns: each tail's wires share one lane a column, as far as they go together."""
    links: dict[tuple[_Place, _Place], None] = {}
    for head, tails in reads.items():
        for tail in tails:
            stops = _stops(tail, head, column)
            links.update(dict.fromkeys(itertools.pairwise(stops)))
    return list(links)


def _stops(tail: str, head: str, column: Mapping[str, int]) -> list[_Place]:
    return [(tail, None), *((tail, c) for c in range(column[tail] + 1, column[head])), (head, None)]


def _ranks(
    reads: Mapping[str, tuple[str, ...]], column: Mapping[str, int], links: list[tuple[_Place, _Place]]
) -> list[list[_Place]]:
    """The places of each column, in the order of the vertices."""
    rank = {key: i for i, key in enumerate(reads)}
    places: dict[_Place, int] = {(key, None): column[key] for key in reads}
    places.update({place: place[1] for link in links for place in link if place[1] is not None})
    columns: list[list[_Place]] = [[] for _ in range(1 + max(places.values()))]
    for place in sorted(places, key=lambda place: (rank[place[0]], -1 if place[1] is None else place[1])):
        columns[places[place]].append(place)
    return columns


def _sides(links: list[tuple[_Place, _Place]]) -> tuple[dict[_Place, list[_Place]], dict[_Place, list[_Place]]]:
    """Neighbours to the left and to the right of each place."""
    left: dict[_Place, list[_Place]] = defaultdict(list)
    right: dict[_Place, list[_Place]] = defaultdict(list)
    for tail, head in links:
        left[head].append(tail)
        right[tail].append(head)
    return left, right


def _ordered(columns: list[list[_Place]], links: list[tuple[_Place, _Place]]) -> list[list[_Place]]:
    left, right = _sides(links)
    best, fewest = columns, _crossings(columns, right)
    current = columns
    for sweep in range(_SWEEPS):
        current = _swept(current, left if sweep % 2 == 0 else right, backwards=sweep % 2 == 1)
        crossings = _crossings(current, right)
        if crossings < fewest:
            best, fewest = current, crossings
    return best


def _swept(columns: list[list[_Place]], side: Mapping[_Place, list[_Place]], *, backwards: bool) -> list[list[_Place]]:
    """Each column sorted by the mean rank of its neighbours in the column before it."""
    order = list(reversed(columns)) if backwards else list(columns)
    result = [order[0]]
    for places in order[1:]:
        rank = {place: i / max(len(result[-1]), 1) for i, place in enumerate(result[-1])}
        own = {place: i / len(places) for i, place in enumerate(places)}
        result.append(sorted(places, key=_barycentre(rank, own, side)))
    return list(reversed(result)) if backwards else result


def _barycentre(
    rank: Mapping[_Place, float], own: Mapping[_Place, float], side: Mapping[_Place, list[_Place]]
) -> Callable[[_Place], tuple[float, float]]:
    def key(place: _Place) -> tuple[float, float]:
        ranks = [rank[other] for other in side.get(place, ()) if other in rank]
        return (sum(ranks) / len(ranks) if ranks else own[place], own[place])

    return key


def _crossings(columns: list[list[_Place]], right: Mapping[_Place, list[_Place]]) -> int:
    """How many pairs of links cross, counted a gap at a time."""
    total = 0
    for places, following in itertools.pairwise(columns):
        rank = {place: i for i, place in enumerate(following)}
        seen: list[int] = []
        for place in places:
            ends = sorted(rank[other] for other in right.get(place, ()) if other in rank)
            total += sum(len(seen) - bisect_left(seen, end + 1) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def _middles(columns: list[list[_Place]], links: list[tuple[_Place, _Place]], sizes: Sizes) -> dict[_Place, float]:
    """The vertical middle of each place: pulled to the mean of its neighbours, never closer than the spacing."""
    left, right = _sides(links)
    middle: dict[_Place, float] = {}
    for places in columns:
        middle.update(zip(places, _offsets(places, sizes), strict=True))
    for turn in range(_RELAXATIONS):
        for places in columns if turn % 2 == 0 else reversed(columns):
            wanted = [_mean([middle[other] for other in (*left[p], *right[p])], middle[p]) for p in places]
            middle.update(zip(places, _spaced(wanted, _offsets(places, sizes)), strict=True))
    top = min(middle[place] - _half(place, sizes) for place in middle)
    return {place: y - top for place, y in middle.items()}


def _mean(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _half(place: _Place, sizes: Sizes) -> float:
    return (sizes.box_height if place[1] is None else sizes.lane_height) / 2


def _offsets(places: list[_Place], sizes: Sizes) -> list[float]:
    """Middles of a column packed from zero."""
    offsets = [0.0]
    for above, below in itertools.pairwise(places):
        offsets.append(offsets[-1] + _half(above, sizes) + _half(below, sizes) + sizes.row_gap)
    return offsets


def _spaced(wanted: list[float], offsets: list[float]) -> list[float]:
    """The nearest middles to the wanted ones that keep the packed distances: isotonic regression by pooling."""
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=True):
        mean, weight = want - offset, 1
        while pools and pools[-1][0] >= mean:
            before, count = pools.pop()
            mean, weight = (before * count + mean * weight) / (count + weight), count + weight
        pools.append((mean, weight))
    levels = [mean for mean, weight in pools for _ in range(weight)]
    return [level + offset for level, offset in zip(levels, offsets, strict=True)]


def _placed(
    reads: Mapping[str, tuple[str, ...]],
    column: Mapping[str, int],
    middle: Mapping[_Place, float],
    spans: list[tuple[str, int, int]],
    sizes: Sizes,
) -> Drawing:
    step = sizes.box_width + sizes.column_gap
    top = sizes.margin + sizes.head_height

    def corner(place: _Place, at: int) -> tuple[float, float]:
        return sizes.margin + at * step, round(top + middle[place], 1)

    boxes = tuple(Box(key, column[key], *_raised(corner((key, None), column[key]), sizes)) for key in reads)
    wires = tuple(
        Wire(tail, head, _path([corner(stop, column[tail] + i) for i, stop in enumerate(stops)], sizes))
        for head, tails in reads.items()
        for tail in tails
        for stops in [_stops(tail, head, column)]
    )
    n_columns = spans[-1][1] + spans[-1][2]
    height = max(box.y for box in boxes) + sizes.box_height + sizes.margin
    width = n_columns * step - sizes.column_gap + 2 * sizes.margin
    bands = tuple(
        Band(name, sizes.margin + first * step, count * step - sizes.column_gap) for name, first, count in spans
    )
    return Drawing(width, height, boxes, wires, bands, sizes)


def _raised(corner: tuple[float, float], sizes: Sizes) -> tuple[float, float]:
    return corner[0], round(corner[1] - sizes.box_height / 2, 1)


def _path(stops: list[tuple[float, float]], sizes: Sizes) -> str:
    """A smooth path: level through each lane, bending only between columns."""
    x, y = stops[0][0] + sizes.box_width, stops[0][1]
    parts = [f"M{x:g} {y:g}"]
    for i, (left, level) in enumerate(stops[1:], start=1):
        bend = sizes.column_gap / 2
        parts.append(f"C{x + bend:g} {y:g} {left - bend:g} {level:g} {left:g} {level:g}")
        x, y = left, level
        if i < len(stops) - 1:
            x = left + sizes.box_width
            parts.append(f"H{x:g}")
    return "".join(parts)
