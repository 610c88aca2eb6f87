"""The options that commands of `assay significance` share, and the words that some of them take."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer


class Sense(Enum):
    """Whether more is better."""

    GAIN = "gain"
    LOSS = "loss"


class Scheme(Enum):
    """How blocks are drawn."""

    STATIONARY = "stationary"
    CIRCULAR = "circular"


class Studentisation(Enum):
    """How a strategy's own noise is measured."""

    KERNEL = "kernel"
    BOOTSTRAP = "bootstrap"
    NONE = "none"


class Centring(Enum):
    """For how good strategies are taken under the null."""

    UPPER = "upper"
    CONSISTENT = "consistent"


class Metric(Enum):
    """By what the best backtest is chosen."""

    SHARPE = "sharpe"
    MEAN = "mean"


class Model(Enum):
    """What a share is expected to earn without the event."""

    MARKET_MODEL = "market-model"
    MARKET_ADJUSTED = "market-adjusted"
    MEAN_ADJUSTED = "mean-adjusted"


class Correlation(Enum):
    """What is correlated."""

    RANK = "rank"
    LINEAR = "linear"


class Law(Enum):
    """The law of simulated returns."""

    NORMAL = "normal"
    HEAVY = "heavy"
    PERSISTENT = "persistent"
    CLUSTERED = "clustered"
    CORRELATED = "correlated"
    POOR = "poor"


PanelFile = Annotated[
    Path, typer.Argument(help="CSV or Parquet: a column of returns a strategy, a row a period.", metavar="FILE")
]
BenchmarkOption = Annotated[
    str, typer.Option("--benchmark", help="What to beat: a number, a column of FILE, or FILE:COLUMN of another.")
]
SenseOption = Annotated[Sense, typer.Option("--sense", help="Whether more is better.")]
SchemeOption = Annotated[Scheme, typer.Option("--scheme", help="How blocks are drawn.")]
BlockOption = Annotated[
    float | None,
    typer.Option("--block", help="Mean length of a block in periods.", show_default="cube root of the periods"),
]
ResamplesOption = Annotated[int, typer.Option("--resamples", help="How many resamples are drawn.")]
SeedOption = Annotated[int, typer.Option("--seed", help="Of the draws.")]
StudentOption = Annotated[Studentisation, typer.Option("--studentise", help="How a strategy's noise is measured.")]
LevelOption = Annotated[float, typer.Option("--level", help="Level of the test.")]
ReturnsOption = Annotated[
    str | None, typer.Option("--returns", help="FILE, FILE:COLUMN or numbers: instead of moments.", metavar="SERIES")
]
RiskFreeOption = Annotated[float, typer.Option("--risk-free", help="What is taken off every return.")]
RatioOption = Annotated[
    float | None, typer.Option("--sharpe", help="The ratio, a year with --periods-per-year, else a period.")
]
PeriodsOption = Annotated[float | None, typer.Option("--n-periods", help="How many returns it was estimated from.")]
SkewnessOption = Annotated[float | None, typer.Option("--skewness", help="0 for a normal law.")]
RawOption = Annotated[float | None, typer.Option("--kurtosis-raw", help="3 for a normal law.")]
ExcessOption = Annotated[
    float | None, typer.Option("--kurtosis-excess", help="Instead of the raw: 0 for a normal law.")
]
YearOption = Annotated[
    float | None, typer.Option("--periods-per-year", help="Ratios given are a year's, of so many periods.")
]
AgainstOption = Annotated[float, typer.Option("--benchmark-sharpe", help="What the true ratio is to exceed.")]


@dataclass(frozen=True)
class Family:
    """A family of strategies, what they must beat, and how periods are resampled."""

    file: PanelFile
    benchmark: BenchmarkOption = "0"
    sense: SenseOption = Sense.GAIN
    scheme: SchemeOption = Scheme.STATIONARY
    block: BlockOption = None
    resamples: ResamplesOption = 10_000
    seed: SeedOption = 0


@dataclass(frozen=True)
class Record:
    """A track record: its returns, or its moments."""

    returns: ReturnsOption = None
    risk_free: RiskFreeOption = 0.0
    sharpe: RatioOption = None
    n_periods: PeriodsOption = None
    skewness: SkewnessOption = None
    kurtosis_raw: RawOption = None
    kurtosis_excess: ExcessOption = None
    periods_per_year: YearOption = None


@dataclass(frozen=True)
class Trials:
    """The trials that the best one comes from: counted by whoever asks, or by a family's ledger."""

    trials: Annotated[float | None, typer.Option("--trials", help="How many configurations were looked at.")] = None
    trial_variance: Annotated[
        float | None, typer.Option("--trial-variance", help="Of the trials' ratios, in the square of their unit.")
    ] = None
    trial_sharpes: Annotated[
        str | None, typer.Option("--trial-sharpes", help="The trials' ratios themselves.", metavar="SERIES")
    ] = None
    correlation: Annotated[
        float | None, typer.Option("--correlation", help="Mean correlation of the trials: they count for fewer.")
    ] = None
    family: Annotated[
        str | None,
        typer.Option("--family", help="Family whose ledger counts the trials, in place of --trials.", metavar="NAME"),
    ] = None


@dataclass(frozen=True)
class Panels:
    """Simulated panels, and the tests put to them."""

    law: Annotated[Law, typer.Option("--law", help="Of the returns.")] = Law.NORMAL
    periods: Annotated[int, typer.Option("--periods", help="Of a panel.")] = 250
    strategies: Annotated[int, typer.Option("--strategies", help="Of a panel.")] = 10
    lead: Annotated[float, typer.Option("--lead", help="Mean of the first, in its deviations a period.")] = 0.0
    noise: Annotated[float, typer.Option("--noise", help="How many times as noisy the others are.")] = 1.0
    level: LevelOption = 0.05
    block: Annotated[float, typer.Option("--block", help="Mean length of a block.")] = 5.0
    resamples: Annotated[int, typer.Option("--resamples", help="Of each test.")] = 500
    seed: SeedOption = 1


@dataclass(frozen=True)
class Others:
    """The other tests: their p-values, or how many there were."""

    other_p_values: Annotated[
        str | None, typer.Option("--other-p-values", help="Of all other tests.", metavar="SERIES")
    ] = None
    tests: Annotated[
        int | None, typer.Option("--tests", help="How many others there were, where their p-values are not known.")
    ] = None
    correlation: Annotated[float, typer.Option("--correlation", help="Mean, of the strategies not known.")] = 0.2
    draws: Annotated[int, typer.Option("--draws", help="How often those are drawn.")] = 1_000
    seed: SeedOption = 0


@dataclass(frozen=True)
class Around:
    """The windows of an event study and what is expected in them."""

    estimation: Annotated[tuple[int, int], typer.Option("--estimation", help="First and last session.")] = (-250, -11)
    window: Annotated[tuple[int, int], typer.Option("--window", help="First and last session.")] = (-1, 1)
    model: Annotated[Model, typer.Option("--model", help="What is expected.")] = Model.MARKET_MODEL
    min_sessions: Annotated[int, typer.Option("--min-sessions", help="Usable, to estimate from.")] = 60


@dataclass(frozen=True)
class Fading:
    """Where a score's information is looked for, and how."""

    horizons: Annotated[str, typer.Option("--horizons", help="In sessions, with commas.")] = "1,5,21"
    delays: Annotated[str, typer.Option("--delays", help="In sessions, with commas.")] = "0,1,2,5,10"
    correlation: Annotated[Correlation, typer.Option("--correlation", help="Of ranks or values.")] = Correlation.RANK
    min_shares: Annotated[int, typer.Option("--min-shares", help="In a session.")] = 5
    confidence: Annotated[float, typer.Option("--confidence", help="Of the intervals.")] = 0.95
