"""What would change a pick: the score at which it enters or leaves the plan, and what would show it or hold it back.

Each is found by running again what decides it: the choice of the best scored shares, or the rules of picks.
"""

from __future__ import annotations

import math

import numpy as np
import polars as pl

from api.use_cases.signal_join import Joined
from api.use_cases.signal_plan import Pick
from dataflows.engine.run import GateRun, Runner
from governance.gate_counterfactual import GateChange, gate_changes
from nodes.kernels.arrays import Array, array
from nodes.kernels.cross_section import highest
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.verdict import Action

_LET_IN, _LEFT_OUT = "selected", "not selected"


def pick_changes(pick: Pick, judge: Runner, found: Joined) -> tuple[GateChange, ...]:
    """The changes of one number that would hold a shown pick back, or show one that is held back; the least first."""
    values = {name: pick.gate.values[name] for name in judge.plan.inputs}
    known = {name: None if isinstance(value, Absent) else value for name, value in values.items()}
    numbers = [name for name, value in known.items() if isinstance(value, int | float) and not isinstance(value, bool)]

    def is_other(run: GateRun) -> bool:
        return (run.action is Action.DENY) is pick.is_shown

    return gate_changes(judge, known, found.plan.as_of, numbers, is_other)


def selection_change(found: Joined, symbol: str) -> GateChange | None:
    """The score at which a share would enter the plan, or leave it, were all other scores as they are.

    None where the plan does not choose by score, where the share has none, or where there is room for all.
    """
    values, n_selected = found.recorded.values, found.recorded.plan.params.get("n_selected")
    score, eligible = values.get("composite_score"), values.get("is_eligible")
    if not (isinstance(score, pl.Series) and isinstance(eligible, pl.Series) and isinstance(n_selected, int)):
        return None
    names = list(found.plan.rows)
    scores = np.where(eligible.to_numpy(), array(score), np.nan)
    if symbol not in names or not math.isfinite(scores[names.index(symbol)]):
        return None
    return _turn(scores, names, names.index(symbol), n_selected)


def _turn(scores: Array, names: list[str], place: int, n_selected: int) -> GateChange | None:
    others = sorted((value for at, value in enumerate(scores.tolist()) if at != place and math.isfinite(value)))
    if len(others) < n_selected:
        return None
    bar, own = others[-n_selected], float(scores[place])

    def is_in(value: float) -> bool:
        changed = scores.copy()
        changed[place] = value
        return bool(highest(changed, names, n_selected)[place])

    was_in = is_in(own)
    away = -math.inf if was_in else math.inf
    near, far = bar, math.nextafter(bar, away)
    fails_at, needed = (math.nextafter(bar, -away), near) if is_in(near) is not was_in else (near, far)
    then = _LEFT_OUT if was_in else _LET_IN
    return GateChange("composite_score", "Score", own, needed, fails_at, then, then)
