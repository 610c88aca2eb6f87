"""The shipped research policy made small, for tests of what starts from one."""

from __future__ import annotations

import re
from pathlib import Path

SHIPPED = Path(__file__).resolve().parents[2] / "policies" / "research" / "us-equities" / "v1.yaml"
SMALL = {
    "models": "[lightgbm, linear]",
    "lightgbm_n_trees": "5",
    "n_folds": "2",
    "n_inner_folds": "2",
    "n_trials": "1",
    "n_bootstraps": "100",
    "sample_step_sessions": "20",
}
LEFT_OUT = ("random_forest_", "xgboost_")


def small_study(**changes: str) -> str:
    """The policy with few folds, fits and samples, and with other values where they are given."""
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    values = SMALL | changes
    return "".join(f"{_changed(line, values)}\n" for line in lines if not line.strip().startswith(LEFT_OUT))


def _changed(line: str, values: dict[str, str]) -> str:
    named = re.match(r"  (\w+):", line)
    if named is None or named[1] not in values:
        return line
    return f"  {named[1]}: {values[named[1]]}"
