"""Luck among many strategies: superior ability, Reality Check, stepwise testing, backtest overfitting."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import numpy as np

from api.use_cases.significance import (
    MAX_WORK,
    Block,
    Level,
    Matrix,
    Names,
    Number,
    Question,
    Resamples,
    Scheme,
    Seed,
    default_block,
    finite,
    named,
    panel,
)
from nodes.kernels.arrays import Array
from nodes.kernels.significance.bootstrap import Resampling
from nodes.kernels.significance.overfitting import backtest_overfitting, n_splits
from nodes.kernels.significance.reality_check import differentials, reality_check, superior_ability
from nodes.kernels.significance.step import step_m
from nodes.vocabulary.errors import DataError

MAX_SPLIT_WORK = 100_000_000
"""Splits x strategies that one answer is worth: some seconds."""
_N_BINS = 40

Benchmark = Annotated[
    Number | list[Number], msgspec.Meta(description="What each strategy must beat: one number, or one a period.")
]
Sense = Annotated[
    Literal["gain", "loss"], msgspec.Meta(description="Whether more is better (returns) or worse (losses, errors).")
]
Studentisation = Annotated[
    Literal["kernel", "bootstrap", "none"],
    msgspec.Meta(description="How a strategy's own noise is measured; none only to compare with other software."),
]


class FamilyAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Strategies, what they must beat, and how periods are resampled.

    Attributes:
        returns: of every strategy that was tried, not only of the good ones.
        names: of the strategies.
        benchmark: what they must beat.
        sense: whether more is better.
        scheme: how blocks are drawn.
        block_periods: how long they are.
        n_resamples: how many are drawn.
        seed: of the draws.
    """

    returns: Matrix
    names: Names | None = None
    benchmark: Benchmark = 0.0
    sense: Sense = "gain"
    scheme: Scheme = "stationary"
    block_periods: Block | None = None
    n_resamples: Resamples = 10_000
    seed: Seed = 0


class SpaAsked(FamilyAsked, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A question for superior ability.

    Attributes:
        studentisation: how a strategy's own noise is measured.
    """

    studentisation: Studentisation = "kernel"


class StepAsked(SpaAsked, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A question for stepwise testing.

    Attributes:
        level: of the whole family.
        centring: upper takes every strategy for as good as the benchmark, consistent leaves out what is clearly worse.
    """

    level: Level = 0.05
    centring: Literal["upper", "consistent"] = "upper"


class StandingView(msgspec.Struct, frozen=True):
    """A strategy of the family.

    Attributes:
        name: of the strategy.
        mean_lead: by how much it beat the benchmark in a period.
        t_statistic: that, by its standard deviation over blocks.
    """

    name: str
    mean_lead: float
    t_statistic: float


class SpaView(msgspec.Struct, frozen=True):
    """The answer of Hansen's test.

    Attributes:
        verdict: in words.
        best: the strategy with the largest t statistic.
        statistic: that t statistic, or 0.
        p_lower: too small if anything.
        p_consistent: the one to quote.
        p_upper: too large if anything.
        n_strategies: how many were tested.
        n_significantly_worse: how many are clearly worse than the benchmark.
        n_periods: how many periods they have.
        block_periods: mean length of the blocks.
        strategies: each of them, strongest first.
    """

    verdict: str
    best: str
    statistic: float
    p_lower: float
    p_consistent: float
    p_upper: float
    n_strategies: int
    n_significantly_worse: int
    n_periods: int
    block_periods: float
    strategies: tuple[StandingView, ...]


class RealityCheckView(msgspec.Struct, frozen=True):
    """The answer of White's test.

    Attributes:
        verdict: in words.
        best: the strategy with the largest mean.
        statistic: sqrt(periods) x that mean.
        p_value: of the best among all.
        n_strategies: how many were tested.
        n_periods: how many periods they have.
        block_periods: mean length of the blocks.
    """

    verdict: str
    best: str
    statistic: float
    p_value: float
    n_strategies: int
    n_periods: int
    block_periods: float


class AdjustedView(msgspec.Struct, frozen=True):
    """A strategy and the level at which it is named.

    Attributes:
        name: of the strategy.
        t_statistic: of its lead.
        p_adjusted: the smallest level at which it is named.
        is_superior: whether it is, at the level asked for.
    """

    name: str
    t_statistic: float
    p_adjusted: float
    is_superior: bool


class StepView(msgspec.Struct, frozen=True):
    """One step.

    Attributes:
        critical_value: what a t statistic had to pass.
        rejected: the strategies that did.
    """

    critical_value: float
    rejected: tuple[str, ...]


class StepMView(msgspec.Struct, frozen=True):
    """The answer of stepwise testing.

    Attributes:
        verdict: in words.
        superior: the strategies that beat the benchmark.
        steps: what each step did.
        block_periods: mean length of the blocks.
        strategies: each of them, strongest first.
    """

    verdict: str
    superior: tuple[str, ...]
    steps: tuple[StepView, ...]
    block_periods: float
    strategies: tuple[AdjustedView, ...]


class PboAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A question for backtest overfitting.

    Attributes:
        returns: of every configuration that was tried.
        names: of the configurations.
        n_blocks: into how many blocks the sample is cut; an even number.
        metric: by what the best one is chosen.
    """

    returns: Matrix
    names: Names | None = None
    n_blocks: Annotated[int, msgspec.Meta(ge=2, le=24, multiple_of=2, description="Even; 16 make 12,870 splits.")] = 16
    metric: Literal["sharpe", "mean"] = "sharpe"


class BinView(msgspec.Struct, frozen=True):
    """How many splits have a logit in a range.

    Attributes:
        low: where it begins.
        high: where it ends.
        n_splits: how many.
    """

    low: float
    high: float
    n_splits: int


class ChoiceView(msgspec.Struct, frozen=True):
    """A strategy that was chosen in sample.

    Attributes:
        name: of the strategy.
        chosen_frac: in what share of the splits.
    """

    name: str
    chosen_frac: float


class PboView(msgspec.Struct, frozen=True):
    """The answer of CSCV.

    Attributes:
        verdict: in words.
        pbo: probability of backtest overfitting.
        at_median_frac: the part of it whose logit is exactly 0.
        probability_of_loss: share of splits in which the choice lost out of sample.
        degradation_slope: of out-of-sample on in-sample performance; null where the latter does not vary.
        degradation_intercept: of that line.
        degradation_r2: how much it explains.
        is_first_order_dominant: whether choosing beats the strategies' mean at every quantile.
        is_second_order_dominant: whether it does for whoever is averse to risk.
        n_splits: how many splits.
        n_strategies: how many strategies.
        n_periods_unused: oldest periods left out.
        choices: what was chosen, most often first.
        logits: their histogram.
    """

    verdict: str
    pbo: float
    at_median_frac: float
    probability_of_loss: float
    degradation_slope: float | None
    degradation_intercept: float | None
    degradation_r2: float | None
    is_first_order_dominant: bool
    is_second_order_dominant: bool
    n_splits: int
    n_strategies: int
    n_periods_unused: int
    choices: tuple[ChoiceView, ...]
    logits: tuple[BinView, ...]


def spa(asked: SpaAsked) -> SpaView:
    """Is the best of these strategies better than the benchmark?

    Hansen's test for superior predictive ability, studentised. Give every strategy that was tried: leaving failures out
    makes luck look like skill.
    """
    beaten, names, resampling = _family(asked)
    found = superior_ability(beaten, resampling, asked.studentisation)
    order = np.argsort(-found.t_statistics, kind="stable").tolist()
    means = beaten.mean(axis=0)
    return SpaView(
        verdict=_verdict(names[found.best], asked, found.p_consistent),
        best=names[found.best],
        statistic=found.statistic,
        p_lower=found.p_lower,
        p_consistent=found.p_consistent,
        p_upper=found.p_upper,
        n_strategies=len(names),
        n_significantly_worse=found.n_significantly_worse,
        n_periods=len(beaten),
        block_periods=resampling.block_periods,
        strategies=tuple(
            StandingView(names[place], float(means[place]), float(found.t_statistics[place])) for place in order
        ),
    )


def white(asked: FamilyAsked) -> RealityCheckView:
    """Is the largest mean of these strategies over the benchmark's?

    White's Reality Check. It is not studentised, so that one noisy strategy hides the others: prefer spa.
    """
    beaten, names, resampling = _family(asked)
    found = reality_check(beaten, resampling)
    return RealityCheckView(
        verdict=_verdict(names[found.best], asked, found.p_value),
        best=names[found.best],
        statistic=found.statistic,
        p_value=found.p_value,
        n_strategies=len(names),
        n_periods=len(beaten),
        block_periods=resampling.block_periods,
    )


def stepwise(asked: StepAsked) -> StepMView:
    """Which of these strategies are better than the benchmark?

    Stepwise multiple testing of Romano and Wolf: the chance of naming even one falsely is at most the level.
    """
    beaten, names, resampling = _family(asked)
    found = step_m(beaten, resampling, asked.level, asked.studentisation, asked.centring)
    superior = tuple(names[place] for place in found.superior)
    said = f"{len(superior)} of {len(names)} strategies beat the benchmark at {asked.level:g}"
    return StepMView(
        verdict=said + (f": {', '.join(superior)}." if superior else "."),
        superior=superior,
        steps=tuple(
            StepView(step.critical_value, tuple(names[place] for place in step.rejected)) for step in found.steps
        ),
        block_periods=resampling.block_periods,
        strategies=tuple(
            AdjustedView(
                names[place],
                float(found.t_statistics[place]),
                float(found.p_adjusted[place]),
                place in found.superior,
            )
            for place in np.argsort(-found.t_statistics, kind="stable").tolist()
        ),
    )


def pbo(asked: PboAsked) -> PboView:
    """Does choosing the best of these backtests choose a good strategy?

    Probability of backtest overfitting by combinatorially symmetric cross-validation: how often the choice of one half
    of the sample lands in the lower half of the strategies over the other. Noise comes to about 0.5.
    """
    returns = panel(asked.returns, "returns")
    names = named(asked.names, returns.shape[1])
    work = n_splits(asked.n_blocks) * len(names)
    if work > MAX_SPLIT_WORK:
        message = f"{asked.n_blocks} blocks of {len(names)} strategies are {work:,} scores; cut fewer blocks"
        raise DataError(message)
    found = backtest_overfitting(returns, asked.n_blocks, asked.metric)
    counts = np.bincount(found.chosen, minlength=len(names))
    return PboView(
        verdict=f"In {found.pbo:.1%} of {found.n_splits:,} splits the best of one half was no better than the median "
        "of the other: " + _overfitting_words(found.pbo),
        pbo=found.pbo,
        at_median_frac=found.at_median_frac,
        probability_of_loss=found.probability_of_loss,
        degradation_slope=finite(found.degradation_slope),
        degradation_intercept=finite(found.degradation_intercept),
        degradation_r2=finite(found.degradation_r2),
        is_first_order_dominant=found.is_first_order_dominant,
        is_second_order_dominant=found.is_second_order_dominant,
        n_splits=found.n_splits,
        n_strategies=len(names),
        n_periods_unused=found.n_periods_unused,
        choices=tuple(
            ChoiceView(names[place], int(counts[place]) / found.n_splits)
            for place in np.argsort(-counts, kind="stable").tolist()
            if counts[place]
        ),
        logits=_histogram(found.logits),
    )


def _family(asked: FamilyAsked) -> tuple[Array, tuple[str, ...], Resampling]:
    """Differentials, names and resampling of a family."""
    returns = panel(asked.returns, "returns")
    beaten = differentials(returns, asked.benchmark, asked.sense)
    work = asked.n_resamples * beaten.size
    if work > MAX_WORK:
        message = f"{asked.n_resamples:,} resamples of {beaten.size:,} numbers are over {MAX_WORK:,}; draw fewer"
        raise DataError(message)
    block = default_block(len(beaten)) if asked.block_periods is None else asked.block_periods
    return beaten, named(asked.names, beaten.shape[1]), Resampling(asked.scheme, block, asked.n_resamples, asked.seed)


def _verdict(best: str, asked: FamilyAsked, p_value: float) -> str:
    share = f"{p_value:.2%} of" if p_value else f"none of {asked.n_resamples:,}"
    return (
        f"The best of {len(asked.returns[0])} strategies is {best}. It would look this good by luck in {share} samples."
    )


def _overfitting_words(probability: float) -> str:
    return "choosing tells nothing." if probability >= 0.5 else "choosing tells something."  # noqa: PLR2004  # a coin


def _histogram(logits: Array) -> tuple[BinView, ...]:
    low, high = float(np.min(logits)), float(np.max(logits))
    counts, edges = np.histogram(logits, _N_BINS if high > low else 1)
    places = zip(edges[:-1].tolist(), edges[1:].tolist(), counts.tolist(), strict=True)
    return tuple(BinView(start, end, count) for start, end, count in places)


QUESTIONS = (
    Question("spa", SpaAsked, spa),
    Question("reality-check", FamilyAsked, white),
    Question("step-m", StepAsked, stepwise),
    Question("pbo", PboAsked, pbo),
)
