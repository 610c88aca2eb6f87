"""What a research run is said to have found: the verdict in plain words, and the tables behind it.

The words follow from what the gate said, rule by rule, and from nothing else: who wants another verdict changes the
promotion policy, where everybody sees it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dataflows.engine.decision import RuleOutcome
from dataflows.engine.plan import Plan
from dataflows.engine.run import GateRun
from dataflows.research.evidence import SESSIONS_A_YEAR, StudyEvidence
from dataflows.research.fitting import StudyData
from dataflows.research.outcome import StudyOutcome
from dataflows.research.sampling import SampleTable
from nodes.vocabulary.verdict import Action, Outcome

_LUCK = ("spa_p_frac", "dsr_frac", "pbo_frac")
"""The figures that tell skill from luck; the other gates ask whether skill is worth having."""


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


@dataclass(frozen=True)
class Verdict:
    """What the gates come to.

    Attributes:
        word: luck, undecided, held or significant.
        headline: a few words.
        sentence: the same in one plain sentence.
    """

    word: str
    headline: str
    sentence: str


def verdict(plan: Plan, run: GateRun) -> Verdict:
    """What a gate's judgement says about luck.

    Args:
        plan: of the promotion gate.
        run: its judgement.
    """
    telling = {rule.rule_id for rule in plan.rules if set(rule.operands) & set(_LUCK)}
    failed = [rule for rule in run.failed if rule.rule_id in telling]
    others = [rule for rule in run.failed if rule.rule_id not in telling]
    if failed and len(failed) == len(telling):
        return Verdict(
            "luck",
            "This is luck",
            f"Every test that tells skill from luck says luck. {_plain(failed)} It is not traded.",
        )
    if failed:
        sentence = f"{_counted(failed, len(telling))} {_plain(failed)} It is not traded."
        return Verdict("undecided", "Not distinguishable from luck", sentence)
    if run.action is not Action.ACT:
        sentence = f"Luck alone does not explain it, but it is kept out. {_plain(others)}"
        return Verdict("held", "Significant, and held back", sentence)
    return Verdict(
        "significant",
        "Significant",
        "Luck does not explain it: every gate lets it in. Whether it may trade is for two persons to decide.",
    )


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


def _plain(rules: Sequence[RuleOutcome]) -> str:
    return " ".join(rule.plain for rule in rules)


def _counted(failed: Sequence[RuleOutcome], n_telling: int) -> str:
    words = {1: "One", 2: "Two"}
    return f"{words.get(len(failed), str(len(failed)))} of the {n_telling} tests that tell skill from luck said no."
