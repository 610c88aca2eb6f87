"""What can be asked about luck: one question a test, the same for HTTP and the command line.

A question has a struct of what is asked, a struct of what is told and a plain function between them. HTTP
(`api.http.routes.significance`) and the command line (`api.cli.significance`) are made from that. Numbers that are not
finite are told as null, with the sentence that says why.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
import numpy as np

from nodes.kernels.arrays import Array
from nodes.kernels.significance.sharpe import per_period
from nodes.vocabulary.errors import DataError

MAX_RESAMPLES = 100_000
MAX_WORK = 20_000_000_000
"""Resamples x periods x strategies that one answer is worth: some seconds. The benchmarked work is a quarter of it."""

Number = Annotated[float, msgspec.Meta(ge=-1e12, le=1e12)]
Series = Annotated[list[Number], msgspec.Meta(min_length=1, description="One number a period, oldest first.")]
Matrix = Annotated[
    list[Annotated[list[Number], msgspec.Meta(min_length=1)]],
    msgspec.Meta(min_length=1, description="One row a period, oldest first; one column a strategy."),
]
Level = Annotated[float, msgspec.Meta(gt=0, lt=1, description="Level of the test, a share such as 0.05.")]
Seed = Annotated[int, msgspec.Meta(ge=0, le=2**53, description="Of the draws: the same seed gives the same answer.")]
Resamples = Annotated[int, msgspec.Meta(ge=1, le=MAX_RESAMPLES, description="How many resamples are drawn.")]
Names = Annotated[tuple[str, ...], msgspec.Meta(description="One name a strategy; their column numbers without.")]
Scheme = Annotated[
    Literal["stationary", "circular"], msgspec.Meta(description="Blocks of geometric length, or of one length.")
]
Block = Annotated[
    float, msgspec.Meta(ge=1, description="Mean length of a block in periods; the cube root of the sample without.")
]
PeriodsPerYear = Annotated[
    float,
    msgspec.Meta(
        ge=0.001, le=1e6, description="With it, Sharpe ratios in the question are per year, without per period."
    ),
]


@dataclass(frozen=True, eq=False)
class Question:
    """One thing that can be asked.

    Attributes:
        name: of its command and, with a slash before it, of its path.
        asked: the struct of the question.
        answer: the function from that to the struct of the answer, which its annotation names.
        counted: what the question becomes once a ledger has counted the trials that it asks about; None where it asks
            about none. Takes the question and what counts the trials of a family.
    """

    name: str
    asked: type[msgspec.Struct]
    answer: Callable[[Any], msgspec.Struct]
    counted: Callable[[Any, Callable[[str], int]], Any] | None = None

    @property
    def text(self) -> str:
        """The question in words: the docstring of its function."""
        return inspect.getdoc(self.answer) or ""

    @property
    def summary(self) -> str:
        """The question in one line."""
        return self.text.splitlines()[0].rstrip(".")

    @property
    def told(self) -> type[msgspec.Struct]:
        """The struct of the answer."""
        told: type[msgspec.Struct] = inspect.signature(self.answer, eval_str=True).return_annotation
        return told


def panel(rows: list[list[float]], what: str) -> Array:
    """The rows in one array.

    Raises:
        DataError: they differ in length.
    """
    width = len(rows[0])
    for place, row in enumerate(rows):
        if len(row) != width:
            message = f"{what}: row {place} has {len(row)} numbers, the first one {width}; give every strategy a number"
            raise DataError(message)
    return np.array(rows, dtype=np.float64)


def named(names: tuple[str, ...] | None, count: int) -> tuple[str, ...]:
    """A name for each strategy.

    Raises:
        DataError: there are more or fewer names, or two are the same.
    """
    if names is None:
        return tuple(str(place) for place in range(count))
    if len(names) != count or len(set(names)) != count:
        message = (
            f"{len(set(names))} different names for {count} strategies; give each strategy one of its own, or none"
        )
        raise DataError(message)
    return names


def finite(value: float) -> float | None:
    """A number as JSON has it: null where it is not finite."""
    return value if math.isfinite(value) else None


def default_block(n_periods: int) -> float:
    """Block length where none is given: n^(1/3), the order that is optimal for a variance.

    Source: Hall, Horowitz and Jing (1995), On Blocking Rules for the Bootstrap, Biometrika 82(3).
    """
    return max(1.0, float(round(n_periods ** (1.0 / 3.0))))


def ratio_per_period(ratio: float, periods_per_year: float | None) -> float:
    """A Sharpe ratio per period; one per year where the question says how many periods make a year."""
    return ratio if periods_per_year is None else per_period(ratio, periods_per_year)
