"""`assay labels`: what research would learn from, before it learns."""

from __future__ import annotations

from collections.abc import Mapping

from api.bootstrap import chosen_lake
from api.cli.output import JsonOption, out, print_facts, print_json
from api.cli.place import chosen
from api.use_cases.label_report import lake_labels
from dataflows.label_report import LabelReport


def labels(as_json: JsonOption = False) -> None:
    """Say how the labels of the bars turn out: barriers touched, overlap, variance in calm and turbulent times."""
    found = lake_labels(chosen_lake(chosen(None)))
    if as_json:
        print_json(found)
        return
    print_facts(out(), facts(found))


def facts(found: LabelReport) -> dict[str, str]:
    """The report in words, by name."""
    return {
        "bars": f"{found.n_rows:,}",
        "events": f"{found.n_events:,}",
        "outcomes": ", ".join(f"{name} {count:,}" for name, count in found.outcomes.items()),
        "at a gap": f"{found.n_gaps:,}",
        "both barriers in one bar": f"{found.n_ambiguous:,}, taken as losses",
        "mean uniqueness": _number(found.mean_uniqueness_frac),
        "variance of returns": _variances(found.variance_plain, found.ratio_plain),
        "variance of scaled returns": _variances(found.variance_scaled, found.ratio_scaled),
        "least order": ", ".join(f"{name} {_number(order)}" for name, order in found.least_orders.items()),
    }


def _variances(by_state: Mapping[str, float | None], ratio: float | None) -> str:
    parts = ", ".join(f"{state} {_number(value)}" for state, value in by_state.items())
    return f"{parts}; turbulent over calm {_number(ratio)}"


def _number(value: float | None) -> str:
    return "not known" if value is None else f"{value:.4g}"
