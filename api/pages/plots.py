"""Plots as shapes on a grid: scales, ticks and outlines are worked out here, a template only writes them down.

A plot is drawn in user units of its view box and scales with the page. Shapes carry a class; colours are the style
sheet's, so that one drawing serves light, dark and paper.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from nodes.kernels.arrays import Array, Index

WIDTH, HEIGHT = 720.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 56.0, 12.0, 12.0, 34.0
_MOST_POINTS = 480
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Shape:
    """One thing that is drawn.

    Attributes:
        kind: path, rect, circle, line or text.
        look: its class in the style sheet.
        numbers: of a rect x, y, width, height; of a circle x, y, radius; of a line its ends; of a text its place.
        text: of a text what it says, of a path its outline.
        anchor: of a text: start, middle or end.
    """

    kind: str
    look: str
    numbers: tuple[float, ...] = ()
    text: str = ""
    anchor: str = "start"


@dataclass
class Plot:
    """A plot in the making, and made.

    Attributes:
        title: what it shows, for those who do not see it.
        x_span: from which value to which the horizontal axis goes.
        y_span: likewise the vertical one.
        height: of the view box.
        shapes: what is drawn, back to front.
    """

    title: str
    x_span: tuple[float, float]
    y_span: tuple[float, float]
    height: float = HEIGHT
    left: float = LEFT
    shapes: list[Shape] = field(default_factory=list)

    @property
    def width(self) -> float:
        """Of the view box."""
        return WIDTH

    def x(self, value: float) -> float:
        """Where a value stands from left to right."""
        return round(self.left + _share(value, self.x_span) * (WIDTH - self.left - RIGHT), 1)

    def y(self, value: float) -> float:
        """Where a value stands from top to bottom."""
        return round(self.height - BOTTOM - _share(value, self.y_span) * (self.height - BOTTOM - TOP), 1)

    def axes(self, x_text: Callable[[float], str] | None, y_text: Callable[[float], str] | None) -> None:
        """Grid lines with their values; no values where nothing writes them."""
        low, high = self.y_span
        if y_text is not None:
            for value in ticks(low, high, 5):
                self.shapes.append(Shape("line", "grid", (self.left, self.y(value), WIDTH - RIGHT, self.y(value))))
                self.shapes.append(Shape("text", "tick", (self.left - 6, self.y(value) + 4), y_text(value), "end"))
        if x_text is not None:
            for value in ticks(*self.x_span, 7):
                self.shapes.append(Shape("text", "tick", (self.x(value), self.height - 12), x_text(value), "middle"))
        self.shapes.append(Shape("line", "axis", (self.left, self.y(low), WIDTH - RIGHT, self.y(low))))

    def curve(self, look: str, values: Array, *, is_area: bool = False) -> None:
        """A line through values at places 0, 1, 2 and so on; an area down to zero where it is one."""
        places = _thinned(values)
        points = [f"{self.x(float(place))} {self.y(float(values[place]))}" for place in places.tolist()]
        outline = "M" + "L".join(points)
        if is_area:
            outline += f"L{self.x(float(places[-1]))} {self.y(0.0)}L{self.x(float(places[0]))} {self.y(0.0)}Z"
        self.shapes.append(Shape("path", look, text=outline))

    def bars(self, edges: Array, counts: Array, looks: Sequence[str]) -> None:
        """A histogram: one bar a bin."""
        for place, count in enumerate(counts.tolist()):
            x, right, y = self.x(float(edges[place])), self.x(float(edges[place + 1])), self.y(count)
            box = (x + 0.5, y, max(right - x - 1.0, 0.5), round(self.y(0.0) - y, 1))
            self.shapes.append(Shape("rect", looks[place], box))

    def marker(self, value: float, label: str) -> None:
        """A vertical line at a value, with a word at its head on the side where there is room."""
        x = self.x(value)
        is_right = x > (self.left + WIDTH) / 2.0
        self.shapes.append(Shape("line", "mark", (x, TOP, x, self.y(self.y_span[0]))))
        place = (x - 6 if is_right else x + 6, TOP + 12)
        self.shapes.append(Shape("text", "marked", place, label, "end" if is_right else "start"))


def ticks(low: float, high: float, about: int) -> tuple[float, ...]:
    """Round values from low to high, about so many."""
    if not high > low:
        return (low,)
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * each for each in _STEPS if power * each >= rough)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return tuple(round(place * step, 12) for place in range(first, last + 1))


def histogram(title: str, values: Array, marked: tuple[float, str], is_beyond: Callable[[float], bool]) -> Plot:
    """How often values came out, with one value marked.

    Args:
        title: of the plot.
        values: what is counted.
        marked: a value and the word at it.
        is_beyond: which bins, by their middles, stand out.
    """
    low, high = float(min(values.min(), marked[0])), float(max(values.max(), marked[0]))
    pad = (high - low or 1.0) * 0.04
    counts, edges = np.histogram(values, bins=36, range=(low - pad, high + pad))
    plot = Plot(title, (low - pad, high + pad), (0.0, float(counts.max()) * 1.08 or 1.0))
    plot.axes(lambda value: f"{value:g}", lambda value: f"{value:,.0f}")
    middles = (edges[1:] + edges[:-1]) / 2.0
    plot.bars(edges, counts.astype(np.float64), ["bar beyond" if is_beyond(float(each)) else "bar" for each in middles])
    plot.marker(*marked)
    return plot


def dots(title: str, rows: Sequence[tuple[str, float, float, float]]) -> Plot:
    """One row a name: a dot and its interval, with a line at zero."""
    low = min(0.0, *(each[2] for each in rows))
    high = max(0.0, *(each[3] for each in rows))
    pad = (high - low or 1.0) * 0.05
    height = 32.0 * len(rows) + TOP + BOTTOM
    plot = Plot(title, (low - pad, high + pad), (float(len(rows)), 0.0), height, left=310.0)
    for value in ticks(low, high, 4):
        plot.shapes.append(Shape("line", "grid", (plot.x(value), TOP, plot.x(value), height - BOTTOM)))
        plot.shapes.append(Shape("text", "tick", (plot.x(value), height - 12), f"{value:g}", "middle"))
    plot.shapes.append(Shape("line", "axis", (plot.x(0.0), TOP, plot.x(0.0), height - BOTTOM)))
    for place, (name, value, least, most) in enumerate(rows):
        y = plot.y(place + 0.5)
        look = "sure" if least > 0.0 else "unsure"
        plot.shapes.append(Shape("text", "name", (plot.left - 12, y + 5), name, "end"))
        plot.shapes.append(Shape("line", f"interval {look}", (plot.x(least), y, plot.x(most), y)))
        plot.shapes.append(Shape("circle", f"dot {look}", (plot.x(value), y, 4.0)))
    return plot


def _share(value: float, span: tuple[float, float]) -> float:
    return (value - span[0]) / (span[1] - span[0] or 1.0)


def _thinned(values: Array) -> Index:
    """Places along a line, few enough to draw, the last among them."""
    step = max(1, math.ceil(len(values) / _MOST_POINTS))
    places = np.arange(0, len(values), step, dtype=np.int64)
    return places if places[-1] == len(values) - 1 else np.append(places, np.int64(len(values) - 1))


@dataclass(frozen=True)
class Drawing:
    """A plot with its words.

    Attributes:
        title: its heading.
        says: what it shows and how to read it.
        plot: the drawing; None where there is nothing to draw.
        instead: why there is none.
    """

    title: str
    says: str
    plot: Plot | None
    instead: str = ""


def padded(values: Array) -> tuple[float, float]:
    """The span of some values with a little room below and above; what is missing has none."""
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    pad = (high - low or 0.01) * 0.06
    return low - pad, high + pad


def year_marks(plot: Plot, days: pl.Series) -> None:
    """Mark the first day of each year, named below the axis as far as there is room."""
    years = days.dt.year()
    begins = np.flatnonzero((years != years.shift(1)).fill_null(value=False).to_numpy()).tolist()
    step = max(1, -(-len(begins) // 10))
    for place in begins[::step]:
        x = plot.x(float(place))
        plot.shapes.append(Shape("line", "grid", (x, TOP, x, plot.height - BOTTOM)))
        plot.shapes.append(Shape("text", "tick", (x, plot.height - 12), str(years[place]), "middle"))
