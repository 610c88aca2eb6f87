"""What the gates come to, in plain words: luck, not told from luck, or significant.

The words follow from what the gate said, rule by rule, and from nothing else: who wants another verdict changes the
promotion policy, where everybody sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dataflows.engine.decision import RuleOutcome
from dataflows.engine.plan import Plan
from dataflows.engine.run import GateRun
from nodes.vocabulary.verdict import Action

_LUCK = ("spa_p_frac", "dsr_frac", "pbo_frac")
"""The figures that tell skill from luck; the other gates ask whether skill is worth having."""


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


def _plain(rules: Sequence[RuleOutcome]) -> str:
    return " ".join(rule.plain for rule in rules)


def _counted(failed: Sequence[RuleOutcome], n_telling: int) -> str:
    words = {1: "One", 2: "Two"}
    return f"{words.get(len(failed), str(len(failed)))} of the {n_telling} tests that tell skill from luck said no."
