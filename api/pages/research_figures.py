"""The figures of a research report: what was earned, what luck comes to, what the model is like."""

from __future__ import annotations

import numpy as np
from scipy.special import stdtrit

from api.pages.plots import HEIGHT, LEFT, Drawing, Plot, Shape, dots, histogram, padded, year_marks
from api.use_cases.research import Research
from nodes.kernels.arrays import Array
from nodes.kernels.spans import average_uniqueness, concurrency

_N_BINS = 10
_LEVEL = 0.975
_WILSON_Z = 1.959964
"""Of 95 %, as `_LEVEL` for two sides."""


def equity_plots(research: Research) -> tuple[Plot, Plot]:
    """Growth of what was chosen, before faint lines of every trial; and how far below its peak it was."""
    outcome = research.outcome
    paths = [_growth(trial.returns) for trial in outcome.trials]
    chosen = _growth(outcome.chosen)
    every = np.concatenate([*paths, chosen, [0.0]])
    span = (0.0, float(len(chosen) - 1))
    growth = Plot("Growth out of sample", span, padded(every))
    growth.axes(None, lambda value: f"{value:.1%}")
    year_marks(growth, outcome.sessions)
    for path in paths:
        growth.curve("trial", path)
    growth.curve("chosen", chosen)
    peaks = np.asarray(np.maximum.accumulate(np.maximum(1.0 + chosen, 1.0)), np.float64)
    falls: Array = np.asarray((1.0 + chosen) / peaks - 1.0, np.float64)
    fall = Plot("Below the peak", span, (float(falls.min()) * 1.08 or -0.01, 0.0), HEIGHT * 0.45)
    fall.axes(None, lambda value: f"{value:.1%}")
    year_marks(fall, outcome.sessions)
    fall.curve("fall", falls, is_area=True)
    return growth, fall


def _growth(returns: Array) -> Array:
    return np.asarray(np.cumprod(1.0 + returns) - 1.0, np.float64)


def luck_figures(research: Research) -> tuple[Drawing, ...]:
    """What the tests of luck drew: the nulls of SPA and the logits of CSCV."""
    evidence = research.evidence
    ability, overfitting = evidence.ability, evidence.overfitting
    nulls = cuts = None
    if ability is not None:
        marked = (ability.statistic, f"found {ability.statistic:.2f}, p = {ability.p_consistent:.3f}")
        nulls = histogram("What luck comes to", ability.nulls[:, 1], marked, lambda value: value >= ability.statistic)
    if overfitting is not None:
        logits = overfitting.logits[np.isfinite(overfitting.logits)]
        cuts = histogram("Logits of CSCV", logits, (0.0, "the median"), lambda value: value <= 0.0)
    return (
        Drawing(
            "Could luck do this?",
            f"Hansen's SPA test. The best of {len(research.outcome.trials)} trials is compared with the best of as "
            "many without skill, drawn again and again from these returns in blocks. Gold is luck that did at least as "
            "well.",
            nulls,
            evidence.absences.get("spa_p_frac", ""),
        ),
        Drawing(
            "Does the best stay good?",
            "Cross-validation of the choice itself (CSCV). The past is halved in every way; the trial that was best "
            "in one half is ranked in the other. Gold is where it came out no better than the median: the share of "
            "gold is the probability of overfitting.",
            cuts,
            evidence.absences.get("pbo_frac", ""),
        ),
    )


def model_figures(research: Research) -> tuple[Drawing, ...]:
    """Calibration, importance of features, overlap of labels."""
    samples = research.table.samples
    times = np.arange(len(research.table.market.sessions), dtype=np.int64)
    uniqueness = float(np.mean(average_uniqueness(samples.spans, times)))
    return (
        Drawing(
            "Is it as sure as it should be?",
            "Predicted probability in ten groups of equal size, against how often it came true. On the dashed line the "
            "model is as sure as it should be. The 95 % intervals take samples for independent, which overlapping "
            "labels are not: they are too short.",
            _calibration(research) if samples.kind == "class" else None,
            "The target is a value, not a class.",
        ),
        Drawing(
            "What does it look at?",
            "By how much the loss in a tested fold grows when one feature is shuffled: mean over the folds, with its "
            "95 % t-interval. An interval across zero means the feature may not matter.",
            _importances(research),
        ),
        Drawing(
            "How much is there to learn from?",
            f"Labels that are open at the same time share returns. Each of {len(samples):,} samples is on average "
            f"{uniqueness:.1%} its own, so that all of them are worth about {uniqueness * len(samples):,.0f}.",
            _overlap(research),
        ),
    )


def _calibration(research: Research) -> Plot | None:
    predictions, target = research.outcome.predictions, research.table.samples.target
    has = np.isfinite(predictions)
    predictions, target = predictions[has], target[has]
    if len(predictions) < _N_BINS:
        return None
    order = np.argsort(predictions, kind="stable")
    groups = [(predictions[each], target[each]) for each in np.array_split(order, _N_BINS)]
    points = [(float(np.mean(told)), *_wilson(came)) for told, came in groups]
    low = min(min(point[0], point[2]) for point in points)
    high = max(max(point[0], point[3]) for point in points)
    span = padded(np.array([low, high]))
    plot = Plot("Calibration", span, span)
    plot.axes(lambda value: f"{value:g}", lambda value: f"{value:g}")
    plot.shapes.append(Shape("line", "ideal", (plot.x(span[0]), plot.y(span[0]), plot.x(span[1]), plot.y(span[1]))))
    for told, share, least, most in points:
        plot.shapes.append(Shape("line", "interval sure", (plot.x(told), plot.y(least), plot.x(told), plot.y(most))))
        plot.shapes.append(Shape("circle", "dot sure", (plot.x(told), plot.y(share), 4.0)))
    return plot


def _wilson(came: Array) -> tuple[float, float, float]:
    """A share with its interval. Source: Wilson (1927), J. American Statistical Association 22."""
    n, share = len(came), float(np.mean(came))
    centre = (share + _WILSON_Z**2 / (2 * n)) / (1 + _WILSON_Z**2 / n)
    half = _WILSON_Z / (1 + _WILSON_Z**2 / n) * float(np.sqrt(share * (1 - share) / n + _WILSON_Z**2 / (4 * n * n)))
    return share, centre - half, centre + half


def _importances(research: Research) -> Plot:
    grown = research.importances
    n_folds = len(grown)
    mean = grown.mean(axis=0)
    error = grown.std(axis=0, ddof=1) / np.sqrt(n_folds) if n_folds > 1 else np.zeros(len(mean))
    reach = float(stdtrit(n_folds - 1, _LEVEL)) * error if n_folds > 1 else error
    names = research.table.samples.names
    rows = [
        (names[at], float(mean[at]), float(mean[at] - reach[at]), float(mean[at] + reach[at]))
        for at in np.argsort(-mean)
    ]
    return dots("Importance of features", rows)


def _overlap(research: Research) -> Plot:
    sessions = research.table.market.sessions
    count = concurrency(research.table.samples.spans, np.arange(len(sessions), dtype=np.int64)).astype(np.float64)
    plot = Plot(
        "Labels open at the same time",
        (0.0, float(len(count) - 1)),
        (0.0, float(count.max()) * 1.08),
        HEIGHT * 0.6,
        LEFT,
    )
    plot.axes(None, lambda value: f"{value:g}")
    year_marks(plot, sessions)
    plot.curve("count", count)
    return plot
