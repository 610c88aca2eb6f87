"""The leak audit over everything that is shipped and everything that is imported.

Three sets of data: made-up facts of every domain, so that no feature goes untested; the same facts through a lake of
their own, so that the gathering is tested with it; the bundled bars, or the user's own lake.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from adapters.lake.calendar import xnys_calendar
from adapters.lake.facts.store import FactStore
from adapters.lake.lake import Lake
from adapters.lake.session_instants import session_closes
from adapters.lake.views.features import feature_tables, stored_tables, value_columns
from dataflows.audit.leaks import Audit, audited_gathering, audited_nodes, joined
from dataflows.audit.made_up import made_up_tables
from dataflows.engine.plan import Plan
from dataflows.feature_snapshots import feature_snapshot
from dataflows.features import PARAMETERS, FeatureSnapshot, compiled_features
from nodes.vocabulary.units import Panel
from policies.parse import parsed_policy

Told = Callable[[str], None]
_MADE_UP_YEARS = (date(2017, 1, 3), date(2018, 12, 28))
_N_SESSIONS = 420
_BEFORE_THE_END = (3, 40)
"""How many sessions before the end the future is changed: near it, and far."""
_BUNDLED_PLACES = (0.3, 0.8)


def feature_plan() -> Plan:
    """The plan of every installed feature, with the shipped parameters."""
    return compiled_features(parsed_policy(PARAMETERS.read_bytes(), PARAMETERS.name))


def leak_audit(plan: Plan, lake: Lake, traded: frozenset[str], seed: int, told: Told) -> Audit:
    """The audit of a plan of features over made-up facts and a lake of bars.

    Args:
        plan: of the features.
        lake: bars to run over besides.
        traded: features that a trading strategy reads: a leak of one is critical.
        seed: of the changed futures.
        told: takes a word on each step.
    """
    closes = made_up_closes()
    tables = made_up_tables(closes)
    after = [closes[-place] for place in _BEFORE_THE_END]
    told("features over made-up facts of every domain")
    nodes = audited_nodes(plan, feature_snapshot(tables, closes[-1]), after, seed, traded)
    told("gathering through a lake of made-up facts")
    with TemporaryDirectory(prefix="assay-audit-") as folder:
        gathering = audited_gathering(_through_lake(Path(folder)), tables, after, seed, value_columns())
    told(f"features over the bars of {len(lake.universe)} shares")
    snapshot = bars_snapshot(lake)
    bars = audited_nodes(plan, snapshot, _instants(snapshot, _BUNDLED_PLACES), seed, traded)
    return _with(joined([nodes, bars]), gathering)


def lake_facts_audit(
    done: Audit, plan: Plan, store: FactStore, asked: tuple[datetime, frozenset[str], int], model: str | None = None
) -> Audit:
    """An audit with that of the facts of a lake added.

    Args:
        done: what was audited before.
        plan: of the features.
        store: the lake.
        asked: the instant by which facts were known, features that are traded, and the seed.
        model: whose scores of texts are read; None takes all as they are.
    """
    known_at, traded, seed = asked
    snapshot = feature_snapshot(feature_tables(store, known_at, model=model), known_at)
    return joined([done, audited_nodes(plan, snapshot, _instants(snapshot, _BUNDLED_PLACES), seed, traded)])


def made_up_closes() -> list[datetime]:
    """The closes of the sessions that made-up facts cover."""
    calendar = xnys_calendar(*_MADE_UP_YEARS)
    return [calendar.close(day) for day in calendar.between(*_MADE_UP_YEARS)][-_N_SESSIONS:]


def bars_snapshot(lake: Lake) -> FeatureSnapshot:
    """The snapshot of a lake of bars alone: its splits are its ratios beyond any dividend."""
    closed_at = session_closes(lake.panel["session_on"])
    splits = {(action.symbol, action.ex_on): action.new_shares / action.old_shares for action in lake.actions}
    keys = lake.panel.select("symbol", "session_on").iter_rows()
    ratios = pl.Series([splits.get(key, 1.0) for key in keys], dtype=pl.Float64)
    instants = closed_at.cast(pl.Datetime("ns", "UTC"))
    panel = lake.panel.with_columns(closed_at=instants, split_ratio=ratios)
    return FeatureSnapshot(Panel(panel), Panel(lake.index_panel), lake.last_on)


def _instants(snapshot: FeatureSnapshot, places: Sequence[float]) -> list[datetime]:
    """Closes of the panel at some fractions of its history."""
    closes = snapshot.panel["closed_at"].unique().sort().to_list()
    return [closes[int(place * (len(closes) - 1))] for place in places]


def _through_lake(folder: Path) -> Callable[[Mapping[str, pl.DataFrame], datetime], FeatureSnapshot]:
    """The shipped way from facts to a snapshot: stored in a lake, read as of the instant, gathered."""
    n_lakes = 0

    def gathered(tables: Mapping[str, pl.DataFrame], as_of: datetime) -> FeatureSnapshot:
        nonlocal n_lakes
        n_lakes += 1
        store = FactStore(folder / str(n_lakes), lambda: as_of)
        stored_tables(store, {name: frame for name, frame in tables.items() if name != "identity"})
        return feature_snapshot(feature_tables(store, as_of), as_of)

    return gathered


def _with(nodes: Audit, gathering: Audit) -> Audit:
    findings = (*gathering.findings, *nodes.findings)
    return Audit(findings, nodes.n_features, nodes.n_runs + gathering.n_runs)
