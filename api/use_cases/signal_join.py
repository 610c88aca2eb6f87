"""A day plan of the log joined with everything else that is said of its shares: the run of the dataflow `signals`.

Each source may be missing with a reason; the run is then made without it. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from api.use_cases.day_plan import DayPlan, day_plan_of
from api.use_cases.desk import environment_bytes
from api.use_cases.policies import file_bytes
from api.use_cases.service import Service
from api.use_cases.signal_sources import Source, State, Upstreams, answered
from dataflows.engine.plan import Plan
from dataflows.engine.recorded import RecordedRun, recorded_run
from dataflows.engine.run import Runner, SessionRun
from dataflows.models import MODEL_DIGEST, scoring_family
from dataflows.signals import compiled_signals, signal_snapshot
from governance.ports import LogReader
from governance.rows import Record
from nodes.kernels.arrays import array
from nodes.kernels.cross_section import weighted_score
from nodes.vocabulary.absent import Absent
from policies.parse import parsed_policy

SHIPPED_SIGNALS = Path(__file__).resolve().parents[2] / "policies" / "signals" / "us-equities" / "v1.yaml"
_FEATURES, _WEIGHTS, _BOUND = "signal_features", "signal_weights", "max_feature_score"


@dataclass(frozen=True)
class Joined:
    """A day plan with everything that was joined, before its picks are judged.

    Attributes:
        plan: the plan of the log.
        recorded: its session run.
        run: the run of `signals`.
        sources: what each source came to.
        known: what they said, by name.
    """

    plan: DayPlan
    recorded: RecordedRun
    run: SessionRun
    sources: tuple[Source, ...]
    known: Mapping[str, Any]

    @property
    def is_degraded(self) -> bool:
        """Whether a source is missing."""
        return any(source.state is State.MISSING for source in self.sources)

    @property
    def beside(self) -> tuple[Any, ...]:
        """What is told of it, or judged by, that its run has not read: two plans of one run may differ in it."""
        events = self.known["events"]
        known = None if isinstance(events, Absent) else tuple(sorted(events.items()))
        return tuple((source.name, source.state.value, source.because) for source in self.sources), known


@lru_cache(maxsize=1)
def signals_in_force() -> tuple[Plan, str]:
    """The shipped policy of signals, compiled, and its name."""
    parsed = parsed_policy(file_bytes(SHIPPED_SIGNALS), str(SHIPPED_SIGNALS))
    return compiled_signals(parsed), f"{parsed.policy.family} v{parsed.policy.version}"


def joined(service: Service, reader: LogReader, record: Record, ask: Upstreams) -> Joined:
    """A day plan of the log with all that the sources say of it. Raises LogError when what it archives is broken."""
    facts = record.entry.facts
    recorded = recorded_run(reader.body(facts["trace_ref"]), reader.body(facts["session_manifest_ref"]))
    plan = day_plan_of(record, recorded)
    signals, _ = signals_in_force()
    symbols, as_of = tuple(plan.rows), plan.as_of
    horizon, level = signals.params["forecast_sessions"], signals.params["bad_case_level_frac"]
    told = {
        "forecasts": answered("forecasts", lambda: ask.forecasts(as_of, symbols, horizon, level)),
        "sentiment": answered("sentiment", lambda: ask.texts(as_of)),
        "events": answered("events", lambda: ask.events(as_of, symbols)),
    }
    beside = of_run(recorded)
    known = {name: found for name, (_, found) in {**told, **beside}.items()}
    snapshot = signal_snapshot(
        {
            "plan_rows": _plan_rows(plan, recorded.values),
            "plan_features": known["inference"],
            "feature_weights": dict(recorded.values.get(_WEIGHTS) or {}),
            _BOUND: recorded.values.get(_BOUND),
            "equity_usd": plan.equity_usd,
            "return_covariance": known["risk"],
            "forecasts": known["forecasts"],
            "text_scores": known["sentiment"],
        }
    )
    runner = Runner(signals, service.store.origin, environment_bytes(service.environment))
    sources = tuple(source for source, _ in (*beside.values(), *told.values()))
    return Joined(plan, recorded, runner.session(snapshot, as_of, (plan.trace,)), sources, known)


def of_run(recorded: RecordedRun) -> dict[str, tuple[Source, Any]]:
    """The sources that the session run itself was: its inference, its portfolio, its covariance."""
    values = recorded.values
    targets, matrix = values.get("target_weight_frac"), values.get("return_covariance")
    features = score_features(values)
    return {
        "inference": (_inference(recorded, features), features),
        "portfolio": (_source("portfolio", targets, str(recorded.plan.params.get("portfolio_method", ""))), targets),
        "risk": (_source("risk", matrix, "covariance of the session run"), matrix),
    }


def _source(name: str, value: object, because: str) -> Source:
    if value is None or isinstance(value, Absent):
        return Source(name, State.MISSING, "the session run has none" if value is None else str(value))
    return Source(name, State.USED, because)


def _inference(recorded: RecordedRun, features: object) -> Source:
    """What made the score: a champion where the policy names its family, else the features that it weighs."""
    family, model = scoring_family(recorded.plan), recorded.values.get(MODEL_DIGEST)
    if isinstance(model, Absent):
        return Source("inference", State.MISSING, str(model))
    if isinstance(features, Absent):
        return Source("inference", State.MISSING, features.reason)
    if family is None:
        return Source("inference", State.USED, "features weighed by the policy; it names no model")
    return Source("inference", State.USED, f"champion {model} of family {family}")


def score_features(values: Mapping[str, Any]) -> pl.DataFrame | Absent:
    """The features of the score, a row a share; absent where they do not make the score that was recorded."""
    found, weights, score = values.get(_FEATURES), values.get(_WEIGHTS), values.get("composite_score")
    symbols = values.get("symbols")
    for each in (found, score, symbols):
        if isinstance(each, Absent):
            return each
    if not (isinstance(found, Mapping) and isinstance(weights, Mapping) and isinstance(score, pl.Series)):
        return Absent(_FEATURES, "the session run recorded no features of its score")
    columns = {name: latest(found[name]) for name, weight in weights.items() if weight != 0.0}
    made = weighted_score({name: array(each) for name, each in columns.items()}, weights, values[_BOUND])
    if not np.array_equal(made, array(score), equal_nan=True):
        return Absent(_FEATURES, "the recorded features do not make the recorded score; verify the log")
    return pl.DataFrame({"symbol": symbols, **columns})


def latest(feature: Any) -> pl.Series:  # noqa: ANN401  # a column as a trace archives it
    """The latest value of a feature of each share."""
    found: pl.Series = feature["latest"] if isinstance(feature, Mapping) else feature
    return found


def _plan_rows(plan: DayPlan, values: Mapping[str, Any]) -> pl.DataFrame:
    held = values.get("position_shares")
    rows = list(plan.rows.values())
    return pl.DataFrame(
        {
            "symbol": [row.symbol for row in rows],
            "target_weight_frac": pl.Series([row.target_weight_frac for row in rows], dtype=pl.Float64),
            "target_shares": pl.Series([row.target_shares for row in rows], dtype=pl.Int64),
            "position_shares": held if isinstance(held, pl.Series) else pl.Series([None] * len(rows), dtype=pl.Int64),
            "volatility_frac": pl.Series([row.fields["volatility_frac"] for row in rows], dtype=pl.Float64),
        }
    ).with_columns(closed_at=pl.lit(plan.as_of).cast(pl.Datetime("ns", "UTC")))
