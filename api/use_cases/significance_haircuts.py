"""Luck among many tests: p-values adjusted for their number, and what they leave of a Sharpe ratio."""

from __future__ import annotations

from typing import Annotated

import msgspec
import numpy as np

from api.use_cases.significance import Level, PeriodsPerYear, Question, Seed, ratio_per_period
from nodes.kernels.significance.haircuts import (
    ADJUSTMENTS,
    Adjustment,
    Haircut,
    Population,
    adjusted_p_values,
    haircut_in_family,
    haircut_in_population,
    haircut_of_count,
)
from nodes.vocabulary.errors import DataError

MAX_TESTS = 100_000
MAX_DRAWN = 300_000
"""Tests x draws that one answer is worth: about a second."""

Probability = Annotated[float, msgspec.Meta(ge=0, le=1)]


class MultipleTestingAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A question for adjusted p-values.

    Attributes:
        p_values: of all tests.
        level: at which discoveries are counted.
    """

    p_values: Annotated[list[Probability], msgspec.Meta(min_length=1, max_length=MAX_TESTS)]
    level: Level = 0.05


class HaircutAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A question for what many tests leave of a Sharpe ratio. Give the other tests' p-values, or how many there were.

    Attributes:
        sharpe: the ratio, per year with periods_per_year, else per period.
        n_periods: how many returns it was estimated from.
        periods_per_year: in which unit it is given.
        other_p_values: of all other tests.
        n_tests: how many other tests there were, where their p-values are not known.
        mean_correlation: of the strategies that are not known.
        n_draws: how often those are drawn.
        seed: of the draws.
    """

    sharpe: Annotated[float, msgspec.Meta(ge=1e-9, le=1e6)]
    n_periods: Annotated[int, msgspec.Meta(ge=2, le=1_000_000_000)]
    periods_per_year: PeriodsPerYear | None = None
    other_p_values: Annotated[list[Probability], msgspec.Meta(max_length=MAX_TESTS)] | None = None
    n_tests: Annotated[int, msgspec.Meta(ge=1, le=10_000)] | None = None
    mean_correlation: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.2
    n_draws: Annotated[int, msgspec.Meta(ge=1, le=2_000)] = 1_000
    seed: Seed = 0


class AdjustmentView(msgspec.Struct, frozen=True):
    """One way to adjust.

    Attributes:
        adjustment: its name.
        n_discoveries: how many tests stand at the level.
        p_values: adjusted, in the order given.
    """

    adjustment: str
    n_discoveries: int
    p_values: tuple[float, ...]


class MultipleTestingView(msgspec.Struct, frozen=True):
    """What adjustments do to p-values.

    Attributes:
        verdict: in words.
        n_tests: how many.
        n_unadjusted: how many stand without any adjustment.
        adjustments: each of them.
    """

    verdict: str
    n_tests: int
    n_unadjusted: int
    adjustments: tuple[AdjustmentView, ...]


class CutView(msgspec.Struct, frozen=True):
    """What one adjustment leaves.

    Attributes:
        adjustment: its name.
        p_adjusted: of the ratio.
        sharpe_adjusted: in the unit of the question.
        haircut_frac: the share taken off.
    """

    adjustment: str
    p_adjusted: float
    sharpe_adjusted: float
    haircut_frac: float


class HaircutView(msgspec.Struct, frozen=True):
    """What many tests leave of a Sharpe ratio.

    Attributes:
        verdict: in words.
        p_value: of the ratio alone, two-sided.
        haircuts: by each adjustment.
    """

    verdict: str
    p_value: float
    haircuts: tuple[CutView, ...]


def multiple_testing(asked: MultipleTestingAsked) -> MultipleTestingView:
    """Which of many p-values stand?

    Bonferroni, Sidak and Holm bound the chance of one false discovery; bh, by and bhy the share of false ones.
    """
    views = []
    for adjustment in ADJUSTMENTS:
        found = adjusted_p_values(asked.p_values, adjustment)
        views.append(AdjustmentView(adjustment, int(np.sum(found <= asked.level)), tuple(found.tolist())))
    n_unadjusted = sum(value <= asked.level for value in asked.p_values)
    told = ", ".join(f"{view.n_discoveries} by {view.adjustment}" for view in views)
    return MultipleTestingView(
        f"Of {len(asked.p_values)} tests {n_unadjusted} stand at {asked.level:g} unadjusted; {told}.",
        len(asked.p_values),
        n_unadjusted,
        tuple(views),
    )


def haircut(asked: HaircutAsked) -> HaircutView:
    """What do many tests leave of a Sharpe ratio?

    Harvey and Liu's haircut. Where only the number of other tests is known, they are drawn from the population of
    published strategies; that population is of monthly returns.
    """
    ratio = ratio_per_period(asked.sharpe, asked.periods_per_year)
    unit = asked.sharpe / ratio
    cuts = {adjustment: _cut(asked, ratio, adjustment) for adjustment in ADJUSTMENTS}
    mildest, hardest = (pick(cut.haircut_frac for cut in cuts.values()) for pick in (min, max))
    views = tuple(
        CutView(name, cut.p_adjusted, cut.sharpe_adjusted * unit, cut.haircut_frac) for name, cut in cuts.items()
    )
    return HaircutView(
        f"Between {mildest:.0%} and {hardest:.0%} of the ratio is taken off.", cuts["bonferroni"].p_value, views
    )


def _cut(asked: HaircutAsked, ratio: float, adjustment: Adjustment) -> Haircut:
    if asked.other_p_values is not None and asked.n_tests is None:
        return haircut_in_family(ratio, asked.n_periods, asked.other_p_values, adjustment)
    if asked.n_tests is not None and asked.other_p_values is None:
        if adjustment in {"bonferroni", "sidak"}:
            return haircut_of_count(ratio, asked.n_periods, asked.n_tests, adjustment)
        if asked.n_tests * asked.n_draws > MAX_DRAWN:
            message = f"{asked.n_draws:,} draws of {asked.n_tests:,} tests are over {MAX_DRAWN:,} numbers; draw fewer"
            raise DataError(message)
        population = Population(asked.n_tests, asked.mean_correlation, asked.n_draws, asked.seed)
        return haircut_in_population(ratio, asked.n_periods, population, adjustment)
    message = (
        "other_p_values and n_tests are both given, or neither; give the p-values where they are known, else n_tests"
    )
    raise DataError(message)


QUESTIONS = (
    Question("multiple-testing", MultipleTestingAsked, multiple_testing),
    Question("haircut", HaircutAsked, haircut),
)
