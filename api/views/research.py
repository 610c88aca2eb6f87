"""The tables behind a research run's verdict: gates, trials, folds, figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dataflows.engine.plan import Plan
from dataflows.engine.run import GateRun
from dataflows.research.evidence import SESSIONS_A_YEAR, StudyEvidence
from dataflows.research.fitting import StudyData
from dataflows.research.outcome import StudyOutcome
from dataflows.research.sampling import SampleTable
from nodes.vocabulary.verdict import Outcome


@dataclass(frozen=True)
class GateRow:
    """One gate as it judged.

    Attributes:
        rule_id: the rule.
        asks: what must hold.
        outcome: holds, fails or unknown.
        found: what it was told, in words.
        said: for experts, when it did not hold.
        plain: for everybody, likewise.
    """

    rule_id: str
    asks: str
    outcome: str
    found: str
    said: str
    plain: str


@dataclass(frozen=True)
class TrialLine:
    """One trial in the table of trials."""

    number: int
    model: str
    place: int
    mean_loss: float
    sharpe: float
    n_chosen: int


@dataclass(frozen=True)
class FoldLine:
    """One tested fold: what was learnt from, and what was chosen."""

    name: str
    tested: str
    n_train: int
    n_test: int
    model: str
    settings: str
    loss: float


def gate_rows(plan: Plan, run: GateRun) -> tuple[GateRow, ...]:
    """Every gate of a judgement, those that do not hold first."""
    nodes = {node.name: node for node in plan.nodes}
    rules = {rule.rule_id: rule for rule in plan.rules}
    rows = []
    for outcome in sorted(run.rules, key=lambda each: (each.outcome is Outcome.HOLDS, each.rule_id)):
        rule = rules[outcome.rule_id]
        names = nodes[rule.node].arguments
        found = ", ".join(f"{name} = {number_text(run.values[name])}" for name in names)
        asks = nodes[rule.node].doc.formula
        rows.append(GateRow(outcome.rule_id, asks, outcome.outcome.value, found, outcome.because, outcome.plain))
    return tuple(rows)


def trial_lines(outcome: StudyOutcome) -> tuple[TrialLine, ...]:
    """Every trial by what it earned for its risk, best first."""
    chosen = [each.fit.trial.number for each in outcome.choices]
    lines = [
        TrialLine(
            number=trial.number,
            model=trial.model,
            place=trial.place + 1,
            mean_loss=trial.mean_loss,
            sharpe=sharpe_score(trial.returns),
            n_chosen=chosen.count(trial.number),
        )
        for trial in outcome.trials
    ]
    return tuple(sorted(lines, key=lambda line: (-line.sharpe if np.isfinite(line.sharpe) else np.inf, line.number)))


def fold_lines(table: SampleTable, data: StudyData, outcome: StudyOutcome) -> tuple[FoldLine, ...]:
    """Every tested fold, in order."""
    days, lines = table.samples.keys["session_on"], []
    for done in outcome.choices:
        split, fit = data.splits[done.fit.fold], done.fit
        first, last = days[int(split.test[0])], days[int(split.test[-1])]
        lines.append(
            FoldLine(
                name=str(fit.fold + 1),
                tested=f"{first} to {last}",
                n_train=len(split.train),
                n_test=len(split.test),
                model=f"{fit.trial.model} {fit.trial.place + 1}",
                settings=settings_text(fit.settings),
                loss=done.result.loss,
            )
        )
    return tuple(lines)


def figure_pairs(evidence: StudyEvidence) -> Mapping[str, str]:
    """The main figures in words; one that is not known says so."""
    return {
        "SPA p-value": _figure(evidence, "spa_p_frac"),
        "Deflated Sharpe ratio": _figure(evidence, "dsr_frac"),
        "Probability of overfitting": _figure(evidence, "pbo_frac"),
        "Sharpe ratio, a year": _figure(evidence, "oos_sharpe_score"),
        "Luckiest of so many": _figure(evidence, "luckiest_sharpe_score"),
        "Largest loss": _figure(evidence, "oos_max_drawdown_frac"),
    }


def settings_text(settings: Mapping[str, object]) -> str:
    """Settings in one line."""
    return ", ".join(f"{name} {number_text(value)}" for name, value in settings.items())


def number_text(value: object) -> str:
    """A number as a table has it; a word for what is none."""
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"  # noqa: PLR2004  # where digits begin to be grouped
    if isinstance(value, bool) or not isinstance(value, int):
        return "not known" if value is None or not isinstance(value, str | bool) else str(value)
    return f"{value:,}"


def sharpe_score(returns: np.ndarray) -> float:
    """Sharpe ratio a year; NaN for returns that do not vary."""
    spread = float(np.std(returns, ddof=1))
    return float(np.mean(returns)) / spread * float(np.sqrt(SESSIONS_A_YEAR)) if spread > 0.0 else float("nan")


def _figure(evidence: StudyEvidence, name: str) -> str:
    value = evidence.figures.get(name)
    if value is None:
        return "not known"
    return f"{value:.1%}" if name == "oos_max_drawdown_frac" else f"{value:.3f}"
