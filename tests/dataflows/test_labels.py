"""Every label of a made-up panel: they look ahead by design and nowhere else, and no feature may look like them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest

from dataflows.audit.futures import Change, other_panel
from dataflows.audit.leaks import Severity, audited_names, audited_nodes
from dataflows.engine.catalog import NodeModule, installed_modules
from dataflows.engine.compile import compiled_dataflow
from dataflows.engine.dataflow import Dataflow, Kind
from dataflows.engine.evaluation import evaluated
from dataflows.engine.run import Runner
from dataflows.labels import BARRIER, EVENTS, LABELS, META, STAGES, TARGETS, LabelSnapshot, compiled_labels
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.errors import PlanError
from nodes.vocabulary.units import Panel
from policies.parse import parsed_policy
from tests.dataflows import label_in_feature
from tests.nodes.bars import bars, weekdays
from tests.nodes.labels.panels import plan, snapshot

N_BARS = 260
CUT = 200
"""The row, among all sessions, after which the future is changed."""
KNOWN_BY_THE_BAR = ("session_number_count", "label_target_frac", "label_side_score", *EVENTS)
END_OF = {"barrier_label_score": "barrier_end_on", "barrier_return_frac": "barrier_end_on"} | {
    "forward_return_frac": "forward_end_on",
    "scaled_forward_return_score": "forward_end_on",
    "meta_label_score": "meta_end_on",
}


@cache
def whole() -> LabelSnapshot:
    panel = pl.concat([bars("A", N_BARS, 1), bars("B", N_BARS, 2, split_at=150), bars("C", N_BARS, 3)])
    keys = panel.select("symbol", "session_on")
    sides = pl.Series(np.random.default_rng(4).choice([1.0, -1.0], keys.height))
    first, last = weekdays(N_BARS)[0], weekdays(N_BARS)[-1]
    held = keys.with_columns(side_score=sides, held_out_from_on=pl.lit(first), held_out_until_on=pl.lit(last))
    return snapshot(panel, held)


@cache
def values() -> Mapping[str, Any]:
    return evaluated(plan(), whole())


def other(change: Change) -> Mapping[str, Any]:
    """The labels of the same panel with another future; the calendar and the predictions stay."""
    panel = other_panel(whole().panel, weekdays(N_BARS)[CUT], change, seed=8)
    panel = panel.filter(pl.col("symbol").is_in(["A", "B", "C"]))
    return evaluated(plan(), replace(whole(), panel=Panel(panel)))


def rows() -> pl.Series:
    """Which rows are of the past."""
    return whole().panel["session_on"] <= weekdays(N_BARS)[CUT]


def past(found: Mapping[str, Any], name: str, end: str | None = None) -> bytes:
    """The values of the past; with the name of their end, only of labels that were known by the cut."""
    days = found["bar_on"] <= weekdays(N_BARS)[CUT]
    column = found[name].filter(days)
    if end is None:
        return encode(column)
    is_known = (found[end].filter(days) <= weekdays(N_BARS)[CUT]).fill_null(value=False)
    return encode(column.set(~is_known, None))


def test_every_label_has_values_and_a_row_for_every_row_of_the_panel() -> None:
    for name in (*EVENTS, *BARRIER, *TARGETS, *META):
        assert len(values()[name]) == 3 * N_BARS
        assert values()[name].count() > 0


@pytest.mark.parametrize("change", Change)
def test_events_and_targets_know_nothing_of_what_comes_after_their_row(change: Change) -> None:
    """LBL-03: volatility uses past data only."""
    changed = other(change)
    assert [name for name in KNOWN_BY_THE_BAR if past(changed, name) != past(values(), name)] == []


@pytest.mark.parametrize("change", [Change.REWRITTEN, Change.CUT])
def test_a_label_is_made_of_what_had_happened_by_its_end_and_of_nothing_later(change: Change) -> None:
    changed = other(change)
    for name, end in END_OF.items():
        assert past(changed, name, end) == past(values(), name, end), name
        assert past(changed, name) != past(values(), name), name


def test_every_label_ends_after_its_row() -> None:
    for end in ("barrier_end_on", "forward_end_on", "meta_end_on"):
        assert (values()[end] > values()["bar_on"]).all()


def test_labels_are_no_features_and_are_not_audited_as_such() -> None:
    audited = audited_names(plan())
    assert "volatility_frac" in audited
    assert not {*BARRIER, *TARGETS, *META} & set(audited)
    instant = datetime.combine(weekdays(N_BARS)[CUT], time(23), UTC)
    assert audited_nodes(plan(), whole(), [instant]).is_clean


def test_a_label_copied_into_a_feature_is_found_by_the_audit() -> None:
    """PIT-02: the planted leak is the label's own kernel, called from a feature."""
    modules = (*installed_modules(STAGES), NodeModule("features", label_in_feature))
    outputs = ("copied_label_frac", "barrier_return_frac")
    dataflow = Dataflow("planted", Kind.SESSION, STAGES, LabelSnapshot, outputs)
    parameters = parsed_policy(PLANTED.encode(), "planted.yaml")
    planted = compiled_dataflow(parameters, dataflow, modules)
    instant = datetime.combine(weekdays(N_BARS)[CUT], time(23), UTC)
    found = audited_nodes(planted, whole(), [instant])
    assert [(item.feature, item.severity) for item in found.findings] == [("copied_label_frac", Severity.HIGH)]


def test_a_feature_that_reads_a_label_does_not_compile() -> None:
    modules = (*installed_modules(STAGES), NodeModule("features", label_in_feature))
    dataflow = Dataflow("planted", Kind.SESSION, STAGES, LabelSnapshot, ("hopeful_return_frac",))
    with pytest.raises(PlanError, match="hopeful_return_frac reads barrier_return_frac, a label"):
        compiled_dataflow(parsed_policy(PLANTED.encode(), "planted.yaml"), dataflow, modules)


def test_a_run_of_the_labels_is_traced_like_any_other() -> None:
    close = datetime.combine(whole().session_on, time(21), UTC)
    run = Runner(plan(), "research/labels", b"").session(whole(), close)
    assert run.trace is not None


def test_labels_of_a_missing_parameter_do_not_compile() -> None:
    text = PLANTED.replace("  label_horizon_sessions: 3\n", "")
    with pytest.raises(PlanError, match="label_horizon_sessions, which nothing provides"):
        compiled_labels(parsed_policy(text.encode(), "planted.yaml"))
    assert LABELS.kind is Kind.SESSION


PLANTED = """
policy: planted
version: 1
strategy: labels
supersedes: null
owner: tests
effective_from: 2020-01-01T00:00:00Z
why: A feature that knows its label.
params:
  volatility_sessions: 4
  event_weights: {cusum: 1.0}
  spike_sessions: 4
  spike_score: 2.0
  regime_sessions: 8
  cusum_score: 1.0
  min_target_frac: 0.0
  upper_barrier_score: 1.0
  lower_barrier_score: 1.0
  label_horizon_sessions: 3
  trade_delay_sessions: 0
rules: []
"""
