"""What was served online against what comes out offline: session runs of the log, computed again from the lake of now.

A difference has one of four causes, and they are told apart: the code of the feature or of what it reads changed, the
policy's parameters did, a bar arrived that was not there, or a bar was corrected.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import polars as pl

from adapters.lake.lake import Lake
from api.use_cases.sessions import market_fields
from dataflows.audit.skew import FeatureSkew, Pair, feature_skews, pairs_of
from dataflows.engine.contracts import is_feature
from dataflows.engine.evaluation import guarded
from dataflows.engine.frames import frame_from_slices
from dataflows.engine.plan import Plan
from dataflows.engine.recorded import RecordedRun, recorded_run
from governance.entries import EntryKind
from governance.ports import LogReader
from governance.rows import Record
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import digest

CODE, POLICY, LATE_FACT, CORRECTION = "code", "policy", "late fact", "correction"
_POSITIONS = pl.DataFrame(schema={"symbol": pl.String, "position_shares": pl.Int64})
Rows = dict[str, dict[str, float | None]]


def served_skew(reader: LogReader, lake: Lake, plan: Plan, n_sessions: int) -> tuple[FeatureSkew, ...]:
    """The skew of each feature over the newest session runs of a log.

    Args:
        reader: the log.
        lake: what is known now.
        plan: the session plan of today's code and policy.
        n_sessions: how many session runs at most.
    """
    records = reader.newest(EntryKind.PLAN, n_sessions)
    return feature_skews(pair for record in records for pair in _pairs(reader, lake, plan, record))


def _pairs(reader: LogReader, lake: Lake, plan: Plan, record: Record) -> list[Pair]:
    facts = record.entry.facts
    run = recorded_run(reader.body(facts["trace_ref"]), reader.body(facts["session_manifest_ref"]))
    market = market_fields(plan, lake, run.trace.as_of)
    snapshot = plan.dataflow.snapshot(positions=_POSITIONS, equity_usd=run.values["equity_usd"], **market)
    values, _ = guarded(plan, snapshot)
    changed = _changed_symbols(_panel(reader, record, run), market["panel"])
    cause = partial(_cause, _code_causes(run.plan, plan), changed)
    return pairs_of(market["session_on"], _served(run), _recomputed(plan, values), cause)


def _served(run: RecordedRun) -> Rows:
    """The last row of each feature as the trace holds it."""
    symbols = run.values["symbols"].to_list()
    columns = {node.name: run.values[node.name] for node in run.plan.nodes if is_feature(node)}
    return {
        name: dict(zip(symbols, value["latest"].to_list(), strict=True))
        for name, value in columns.items()
        if isinstance(value, Mapping) and "latest" in value
    }


def _recomputed(plan: Plan, values: Mapping[str, Any]) -> Rows:
    if isinstance(values["segments"], Absent):
        return {}
    ends = [int(end) - 1 for end in values["segments"][1:]]
    symbols = values["symbols"].to_list()
    columns = {node.name: values[node.name] for node in plan.nodes if is_feature(node)}
    return {
        name: dict(zip(symbols, value.gather(ends).to_list(), strict=True))
        for name, value in columns.items()
        if isinstance(value, pl.Series)
    }


def _panel(reader: LogReader, record: Record, run: RecordedRun) -> pl.DataFrame:
    """The panel that the run had read."""
    contents = [reader.body(ref) for ref in record.entry.bodies]
    slices = {digest("slice", content): content for content in contents}
    return frame_from_slices(run.values["panel"]["slices"], slices)


def _changed_symbols(then: pl.DataFrame, now: pl.DataFrame) -> dict[str, str]:
    """The shares whose bars are others now, and whether one was added or one was corrected."""
    found: dict[str, str] = {}
    for name in sorted({*then["symbol"], *now["symbol"]}):
        before, after = (frame.filter(pl.col("symbol") == name) for frame in (then, now))
        first_on = max(before["session_on"].min() or after["session_on"].min(), after["session_on"].min())  # type: ignore[type-var]  # dates
        before, after = (frame.filter(pl.col("session_on") >= first_on) for frame in (before, after))
        if before.height != after.height:
            found[name] = LATE_FACT
        elif not before.equals(after.select(before.columns)):
            found[name] = CORRECTION
    return found


def _code_causes(then: Plan, now: Plan) -> dict[str, str]:
    """The nodes that are computed otherwise now: by other code, or with another parameter, own or above them."""
    before = {node.name: node for node in then.nodes}
    causes: dict[str, str] = {}
    for node in now.nodes:
        old = before.get(node.name)
        above = [causes[name] for name in node.arguments if name in causes]
        if old is None or old.code_digest != node.code_digest:
            causes[node.name] = CODE
        elif old.value != node.value:
            causes[node.name] = POLICY
        elif above:
            causes[node.name] = above[0]
    return causes


def _cause(codes: Mapping[str, str], changed: Mapping[str, str], feature: str, symbol: str) -> str:
    return codes.get(feature) or changed.get(symbol, "")
