"""Do the tests of significance keep their promise? Their size and power over simulated panels, with intervals."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from adapters.research.simulations import Simulation, counts
from governance.findings import Progress
from nodes.kernels.significance.calibration import TESTS, Experiment, Share, nominal_range, share_of, spoken


@dataclass(frozen=True)
class TestShare:
    """How often one test speaks.

    Attributes:
        test: its name.
        share: with its interval.
        keeps_level: whether it speaks no more often than a test of exactly its level may; None where there is skill.
    """

    test: str
    share: Share
    keeps_level: bool | None


@dataclass(frozen=True)
class Calibration:
    """What an experiment found.

    Attributes:
        experiment: the panels and the tests.
        n_panels: how many.
        nominal_from: least count of a test of exactly the level, in 95 % of experiments.
        nominal_to: greatest.
        tests: each of them.
    """

    experiment: Experiment
    n_panels: int
    nominal_from: int
    nominal_to: int
    tests: tuple[TestShare, ...]


def calibration(
    experiment: Experiment, n_panels: int, n_workers: int, told: Progress, kept: Path | None = None
) -> Calibration:
    """Put every test to so many panels.

    Args:
        experiment: the panels and the tests.
        n_panels: how many.
        n_workers: processes; the answer does not depend on them.
        told: told how far it is.
        kept: the file of what was counted before; it is added to.
    """
    name = " ".join(f"{field}={value}" for field, value in asdict(experiment).items())
    found = counts(Simulation(name, partial(spoken, experiment), n_panels), n_workers, told, kept)
    low, high = nominal_range(n_panels, experiment.level)
    is_size = experiment.lead <= 0.0
    tests = tuple(
        TestShare(test, share_of(count, n_panels), count <= high if is_size else None)
        for test, count in zip(TESTS, found, strict=True)
    )
    return Calibration(experiment, n_panels, low, high, tests)
