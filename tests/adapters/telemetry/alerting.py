"""A reader of the part of PromQL that the shipped alerts use, to evaluate them over metrics as they are exported.

promtool evaluates the same rules over made-up series, see deploy/prometheus/*.test.yml; here they meet the real names,
labels and values.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import yaml
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families

from tests.architecture.code import ROOT

RULES = ROOT / "deploy" / "prometheus"
_BY = re.compile(r"(?:max|min)(?: by \(([a-z, ]+)\))? ?\(([a-z_]+)\) (>=|==|>) ([0-9.]+)")
_AGE = re.compile(r"\(time\(\) - max\(([a-z_]+)\) > ([0-9.]+)\) or absent\(([a-z_]+)\)")
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}
Samples = list[tuple[str, Mapping[str, str], float]]


def samples(text: str) -> Samples:
    """Every sample of an exposition, in either of its formats."""
    families: Any = text_string_to_metric_families(text)
    if text.endswith("# EOF\n"):
        families = openmetrics_families(text)  # type: ignore[no-untyped-call]  # it ships without annotations
    return [(item.name, item.labels, item.value) for family in families for item in family.samples]


def rules(name: str) -> dict[str, dict[str, Any]]:
    """The alerts of a file by name."""
    groups = yaml.safe_load((RULES / f"{name}.rules.yml").read_text(encoding="utf-8"))["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"] if "alert" in rule}


def fires(expression: str, text: str, now: datetime) -> bool:
    """Whether an expression returns a series."""
    found = samples(text)
    if aged := _AGE.fullmatch(expression):
        assert aged[1] == aged[3]
        measured = [value for name, _, value in found if name == aged[1]]
        return not measured or now.timestamp() - max(measured) > float(aged[2])
    by = _BY.fullmatch(expression)
    assert by, f"{expression} is beyond what this reader knows"
    known = [(labels, value) for name, labels, value in found if name == by[2]]
    assert known, f"{by[2]} is not exported"
    assert all(set((by[1] or "").replace(",", " ").split()) <= labels.keys() for labels, _ in known)
    return any(_COMPARISONS[by[3]](value, float(by[4])) for _, value in known)
