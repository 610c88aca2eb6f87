"""SGN-01: one run joins inference, forecasts, texts, portfolio and risk; what fails is named, the rest is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from api.settings import SHIPPED_POLICY
from api.use_cases import signal_join
from api.use_cases.policies import candidate
from api.use_cases.service import Service
from api.use_cases.signal_join import joined, latest, signals_in_force
from api.use_cases.signal_sources import State
from dataflows.engine.recorded import RecordedRun, recorded_run
from governance.rows import Record
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.errors import DataError
from tests.api.use_cases.model_markets import MODELLED
from tests.api.use_cases.signal_plans import NO_EVENTS, plan_record, sources, texts


def join(service: Service, **changes: Any) -> signal_join.Joined:
    with service.store.reader() as reader:
        return joined(service, reader, plan_record(service), sources(service, **changes))


def states(found: signal_join.Joined) -> dict[str, State]:
    return {source.name: source.state for source in found.sources}


def recorded(service: Service, record: Record) -> RecordedRun:
    facts = record.entry.facts
    with service.store.reader() as reader:
        return recorded_run(reader.body(facts["trace_ref"]), reader.body(facts["session_manifest_ref"]))


def test_the_score_that_is_explained_is_the_recorded_one(signal_service: Service) -> None:
    found = join(signal_service)
    features = found.known["inference"]
    assert set(features.columns) == {"symbol", "momentum_frac", "volatility_frac", "drawdown_frac"}
    assert features["symbol"].to_list() == list(found.plan.rows)
    assert states(found)["inference"] is State.USED


def test_bundled_data_have_no_texts_and_no_calendar_and_the_plan_says_so(signal_service: Service) -> None:
    found = join(signal_service)
    assert found.is_degraded
    assert {name for name, state in states(found).items() if state is State.MISSING} == {"sentiment", "events"}


def test_with_every_source_nothing_is_missing(signal_service: Service) -> None:
    said = texts(("IBM", 0.5))
    found = join(signal_service, texts=lambda _: said, events=lambda *_: NO_EVENTS)
    assert not found.is_degraded
    tones = dict(zip(found.plan.rows, found.run.values["tone_score"].to_list(), strict=True))
    assert tones == {"AAPL": None, "FB": None, "GOOG": None, "IBM": 0.5, "MSFT": None}


def test_a_source_that_breaks_leaves_the_others(signal_service: Service) -> None:
    def breaks(*_: object) -> pl.DataFrame:
        message = "forecaster is down"
        raise DataError(message)

    found = join(signal_service, forecasts=breaks)
    assert states(found)["forecasts"] is State.MISSING
    assert found.run.values["forecast_return_frac"] == Absent("forecasts", "forecaster is down")
    assert found.run.values["weighed_evidence"]["conviction_score"].to_list().count(None) == 1


def test_the_same_plan_and_sources_give_the_same_digest(signal_service: Service) -> None:
    assert join(signal_service).run.trace.digest == join(signal_service).run.trace.digest
    assert join(signal_service).run.trace.cites == (join(signal_service).plan.trace,)


@pytest.mark.parametrize("name", ["signal_features", "composite_score", "symbols"])
def test_a_score_that_is_absent_names_its_first_cause(signal_service: Service, name: str) -> None:
    values = dict(recorded(signal_service, plan_record(signal_service)).values)
    values[name] = Absent("model", "family momentum has no champion")
    assert signal_join.score_features(values) == Absent("model", "family momentum has no champion")


def test_features_that_do_not_make_the_recorded_score_are_not_told(signal_service: Service) -> None:
    values = dict(recorded(signal_service, plan_record(signal_service)).values)
    values["composite_score"] = values["composite_score"] + 0.1
    found = signal_join.score_features(values)
    assert isinstance(found, Absent)
    assert "do not make the recorded score" in found.reason
    assert isinstance(signal_join.score_features({}), Absent)


def test_a_champion_that_cannot_score_is_named_as_the_missing_inference(signal_service: Service) -> None:
    run = recorded(signal_service, plan_record(signal_service))
    missing = replace(run, values={**run.values, "model_digest": Absent("model", "family momentum has no champion")})
    (source, _) = signal_join.of_run(missing)["inference"]
    assert (source.state, source.because) == (State.MISSING, "absent: family momentum has no champion (at model)")


def test_a_champion_that_scored_is_named_by_its_digest(signal_service: Service) -> None:
    text = SHIPPED_POLICY.read_text(encoding="utf-8")
    for old, new in MODELLED.items():
        text = text.replace(old, new)
    plan = candidate(text.encode(), "modelled.yaml").generation.session
    run = recorded(signal_service, plan_record(signal_service))
    scored = replace(run, plan=plan, values={**run.values, "model_digest": "sha256:ab"})
    (source, _) = signal_join.of_run(scored)["inference"]
    assert (source.state, source.because) == (State.USED, "champion sha256:ab of family small-study")


def test_the_plan_without_a_portfolio_or_a_covariance_says_so(signal_service: Service) -> None:
    run = recorded(signal_service, plan_record(signal_service))
    gone = {"target_weight_frac": Absent("target_weight_frac", "the caps cannot be met"), "return_covariance": None}
    found = signal_join.of_run(replace(run, values={**run.values, **gone}))
    assert found["portfolio"][0].because == "absent: the caps cannot be met (at target_weight_frac)"
    assert found["risk"][0].because == "the session run has none"


def test_a_feature_is_its_latest_value_of_each_share() -> None:
    column = pl.Series([1.0, 2.0])
    assert latest({"latest": column}) is column
    assert latest(column) is column


def test_the_shipped_policy_of_signals_compiles_once() -> None:
    plan, name = signals_in_force()
    assert name == "signals-us-equities v1"
    assert signals_in_force()[0] is plan
