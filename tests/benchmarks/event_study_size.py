"""How often each test of an event study rejects where nothing happened: the table of docs/event-studies.md.

`python -m tests.benchmarks.event_study_size` prints it; `--studies N` makes it surer. Every study has a seed of its
own, so that the table is the same on any machine.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from nodes.kernels.significance.abnormal_returns import NormalReturn, abnormal_returns
from nodes.kernels.significance.clusters import clustered_mean
from nodes.kernels.significance.event_study import cumulative, event_tests
from tests.nodes.kernels.significance.event_made_up import WINDOWS, MadeUp, made_up

LEVEL = 0.05


@dataclass(frozen=True)
class Design:
    """A kind of study.

    Attributes:
        name: in words.
        n_dates: dates with events.
        n_each: events on each.
        common: correlation of the shares' own returns.
        swell: by how much the event multiplies the deviation of its session.
        effect: abnormal return of the event's session.
    """

    name: str
    n_dates: int
    n_each: int
    common: float = 0.0
    swell: float = 1.0
    effect: float = 0.0


DESIGNS = (
    Design("100 dates, independent", 100, 1),
    Design("100 dates, twice the deviation on the day", 100, 1, swell=2.0),
    Design("20 dates of 5, correlation 0.3", 20, 5, 0.3),
    Design("20 dates of 5, correlation 0.3, effect of 1 %", 20, 5, 0.3, effect=0.01),
    Design("5 dates of 20, correlation 0.3", 5, 20, 0.3),
    Design("1 date of 100, correlation 0.1", 1, 100, 0.1),
)


def p_values(design: Design, seed: int) -> Mapping[str, float]:
    """The probability of each test in one study of a design, for the event's session alone."""
    data = made_up(seed, design.n_dates, design.n_each, design.common, design.effect)
    if design.swell != 1.0:
        data = _swollen(data, design.swell)
    found = abnormal_returns(data.returns, data.market, data.events, WINDOWS, NormalReturn.MARKET_MODEL)
    tests = event_tests(found, 0, 0)
    by_date = float("nan")
    if design.n_dates > 1:
        by_date = clustered_mean(cumulative(found, 0, 0).values, (data.events[0],)).tests[0].p
    return {
        "cross-sectional": tests.cross_sectional.p,
        "Patell": tests.patell.p,
        "BMP": tests.bmp.p,
        "adjusted Patell": tests.adjusted_patell.p,
        "adjusted BMP": tests.adjusted_bmp.p,
        "by date": by_date,
    }


def _swollen(data: MadeUp, factor: float) -> MadeUp:
    """The same with the share's own part of each event's session multiplied, its market part left as it is."""
    returns = data.returns.copy()
    rows, columns = data.events
    slopes = np.array([_slope(data, column) for column in range(returns.shape[1])])[columns]
    systematic = slopes * data.market[rows]
    returns[rows, columns] = systematic + factor * (returns[rows, columns] - systematic)
    return MadeUp(returns, data.market, data.events)


def _slope(data: MadeUp, column: int) -> float:
    return float(np.polyfit(data.market, data.returns[:, column], 1)[0])


def rates(design: Design, n_studies: int) -> Mapping[str, float]:
    """The share of studies in which each test rejects at 5 %."""
    studies = [p_values(design, seed) for seed in range(n_studies)]
    return {name: float(np.mean([study[name] < LEVEL for study in studies])) for name in studies[0]}


def main() -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=300)
    n_studies = parser.parse_args().studies
    reach = 1.96 * np.sqrt(LEVEL * (1.0 - LEVEL) / n_studies)
    title = f"rejections at 5 % in {n_studies} studies; by chance {LEVEL - reach:.1%} to {LEVEL + reach:.1%}"
    table = Table(title=title, box=None, pad_edge=False)
    table.add_column("events")
    console = Console(width=150)
    for place, design in enumerate(DESIGNS):
        found = rates(design, n_studies)
        for name in found if not place else ():
            table.add_column(name, justify="right")
        alone = design.n_dates == 1
        cells = ["-" if name == "by date" and alone else f"{rate:.1%}" for name, rate in found.items()]
        table.add_row(design.name, *cells)
    console.print(table)


if __name__ == "__main__":
    main()
