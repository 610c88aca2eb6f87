"""The labels of the bundled bars, or of a lake's, by the shipped parameters."""

from __future__ import annotations

import polars as pl

from adapters.lake.lake import Lake
from dataflows.label_report import LabelReport, label_report
from dataflows.labels import PARAMETERS, LabelSnapshot, compiled_labels
from nodes.vocabulary.units import Panel
from policies.parse import parsed_policy


def lake_labels(lake: Lake) -> LabelReport:
    """What the labels of a lake's bars are like. Raises DataError when they cannot be made."""
    plan = compiled_labels(parsed_policy(PARAMETERS.read_bytes(), PARAMETERS.name))
    return label_report(plan, lake_snapshot(lake))


def lake_snapshot(lake: Lake) -> LabelSnapshot:
    """The snapshot of a lake's bars, on the exchange's own sessions."""
    first_on = lake.panel["session_on"].sort()[0]
    sessions = pl.DataFrame({"session_on": lake.calendar.between(first_on, lake.last_on)})
    return LabelSnapshot(Panel(lake.panel), Panel(sessions), lake.last_on)
