"""The objectives as rules of Prometheus: the same windows and selectors, for whoever alerts from there.

Burn rates become recording rules, one an objective and stretch; alerts compare them, a long stretch and the short one
at its end, as our own page does (`api.use_cases.slo`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from policies.slo import BurnWindow, Objective, SloPolicy

_HEAD = """\
# Made by `assay slo rules` from the objectives in policies/slo: do not edit, change the policy and make it again.
# Loaded by `rule_files` of Prometheus. Checked by `promtool test rules` with the .test.yml beside this file.
"""
_LOOK = "assay:slo_bad:bool"
_RUNBOOK = "docs/operations.md#a-budget-burns"


def prometheus_rules(policy: SloPolicy) -> str:
    """The rules as a file of Prometheus."""
    spans = sorted({span for window in policy.windows for span in (window.long_s, window.short_s)})
    looks = [_look(objective) for objective in policy.objectives if objective.gauge is not None]
    records = [_record(objective, span) for objective in policy.objectives for span in spans]
    long_spans = sorted({window.long_s for window in policy.windows})
    sparse = [objective for objective in policy.objectives if objective.min_bad_count > 1]
    few = [_few(objective, span) for objective in sparse for span in long_spans]
    alerts = [_alert(window) for window in policy.windows]
    groups = [{"name": "assay-slo-burn", "rules": looks + records + few}, {"name": "assay-slo", "rules": alerts}]
    return _HEAD + yaml.safe_dump({"groups": groups}, sort_keys=False, width=110, allow_unicode=True)


def _look(objective: Objective) -> dict[str, Any]:
    """Whether a gauge is out of bounds, each time that the rules are evaluated."""
    by = f" by ({objective.by})" if objective.by else ""
    if objective.most is not None:
        looked = f"max{by} ({objective.gauge}) > bool {objective.most:.10g}"
    else:
        looked = f"min{by} ({objective.gauge}) < bool {objective.least:.10g}"
    return {"record": _LOOK, "expr": looked, "labels": {"objective": objective.id}}


def _record(objective: Objective, span_s: int) -> dict[str, Any]:
    allowed = f"{1.0 - objective.good_frac:.10g}"
    expression = f"({_bad_share(objective, _span(span_s))}) / {allowed}"
    return {"record": _name(span_s), "expr": expression, "labels": {"objective": objective.id}}


def _bad_share(objective: Objective, span: str) -> str:
    """The share of bad events over a stretch."""
    if objective.gauge is not None:
        return f'avg_over_time({_LOOK}{{objective="{objective.id}"}}[{span}])'
    total = _increase(objective.total, span)
    if objective.bad:
        return f"({_increase(objective.bad, span)}) / ({total})"
    return f"1 - ({_increase(objective.good, span)}) / ({total})"


def _few(objective: Objective, span_s: int) -> dict[str, Any]:
    """Whether too few events were bad to tell. An increase is extrapolated: half an event less is the same number."""
    span = _span(span_s)
    if objective.gauge is not None:
        bad = f'sum_over_time({_LOOK}{{objective="{objective.id}"}}[{span}])'
    elif objective.bad:
        bad = _increase(objective.bad, span)
    else:
        bad = f"({_increase(objective.total, span)}) - ({_increase(objective.good, span)})"
    expression = f"({bad}) < bool {objective.min_bad_count - 0.5:.10g}"
    return {"record": _few_name(span_s), "expr": expression, "labels": {"objective": objective.id}}


def _increase(selectors: Sequence[str], span: str) -> str:
    """How many events there were; a metric without series counts none."""
    return " + ".join(f"(sum(increase({each}[{span}])) or vector(0))" for each in selectors)


def _alert(window: BurnWindow) -> dict[str, Any]:
    long, short = _name(window.long_s), _name(window.short_s)
    return {
        "alert": f"AssayBudgetBurns{window.id.title().replace('-', '')}",
        "expr": (
            f"{long} >= {window.burn_ratio:.10g} and {short} >= {window.burn_ratio:.10g} "
            f"unless on (objective) {_few_name(window.long_s)} == 1"
        ),
        "labels": {"severity": window.severity},
        "annotations": {
            "summary": "error budget of {{ $labels.objective }} burns {{ $value | humanize }} times too fast",
            "mend": "assay slo status says which events were bad",
            "runbook": _RUNBOOK,
        },
    }


def _few_name(span_s: int) -> str:
    return f"assay:slo_few:bool_{_span(span_s)}"


def _name(span_s: int) -> str:
    return f"assay:slo_burn:ratio_{_span(span_s)}"


def _span(span_s: int) -> str:
    """A stretch as Prometheus writes it, in the largest unit that it is whole in."""
    units: Iterator[tuple[str, int]] = iter((("d", 86_400), ("h", 3600), ("m", 60)))
    return next((f"{span_s // size}{unit}" for unit, size in units if span_s % size == 0), f"{span_s}s")
