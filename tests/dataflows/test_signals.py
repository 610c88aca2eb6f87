"""SGN-01, SGN-04: the sources join in one dataflow; a reason that is taken away changes the signal as it claims."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from dataflows.engine.compile import compiled_dataflow
from dataflows.engine.plan import Plan
from dataflows.engine.run import Runner, SessionRun
from dataflows.gates import GATES
from dataflows.signals import PICKS, SIGNALS, PickSnapshot, compiled_signals, signal_snapshot
from nodes.vocabulary.absent import Absent
from policies.parse import parsed_policy
from tests.nodes.picks.tables import CLOSE, SYMBOLS, WEIGHTS, forecasts, plan_features, plan_rows, text_scores

POLICY = Path(__file__).parents[2] / "policies" / "signals" / "us-equities" / "v1.yaml"
PICK_POLICY = Path(__file__).parents[2] / "policies" / "picks" / "us-equities" / "v1.yaml"
PICK = {
    "symbol": "IBM",
    "is_lowering": False,
    "fitness_frac": 0.8,
    "known_frac": 0.9,
    "forecast_support_frac": 0.01,
    "tone_support_score": 0.1,
    "bad_day_loss_frac": 0.01,
    "book_volatility_frac": 0.012,
    "bar_age_sessions": 0,
    "texts_are_told": True,
    "halts_are_told": True,
    "is_halted": False,
    "events_are_told": True,
    "next_event_sessions": 40,
}
NEUTRAL_TONE = 0.0


@pytest.fixture(scope="module")
def plan() -> Plan:
    return compiled_signals(parsed_policy(POLICY.read_bytes(), str(POLICY)))


def run(plan: Plan, **changes: Any) -> SessionRun:
    known = {
        "plan_rows": plan_rows(),
        "plan_features": plan_features(),
        "feature_weights": dict(WEIGHTS),
        "max_feature_score": 3.0,
        "equity_usd": Decimal(1_000_000),
        "return_covariance": np.diag([0.0004, 0.0001, 0.0009, float("nan")]),
        "forecasts": forecasts(),
        "text_scores": text_scores(),
        **changes,
    }
    return Runner(plan, "test", b"environment").session(signal_snapshot(known), CLOSE)


def conviction(found: SessionRun, symbol: str) -> float:
    row = found.values["weighed_evidence"].row(by_predicate=pl.col("symbol") == symbol, named=True)
    return float(row["conviction_score"])


def without(reason: str, symbol: str) -> dict[str, Any]:
    """The snapshot's field with one reason neutral for a share: a tone of zero, else the mean of the other shares."""
    if reason == "tone_score":
        return {"text_scores": text_scores(("t1", "AAA", NEUTRAL_TONE), ("t3", "BBB", -0.5))}
    if reason == "forecast_return_frac":
        rows = forecasts().rows(named=True)
        mean = float(np.mean([row["return_frac"] for row in rows if row["symbol"] != symbol]))
        neutral = [{**row, "return_frac": mean} if row["symbol"] == symbol else row for row in rows]
        return {"forecasts": pl.DataFrame(neutral, schema=forecasts().schema)}
    known = plan_features().filter(pl.col("momentum_frac").is_not_null())
    mean = float(np.mean(known.filter(pl.col("symbol") != symbol)[reason].to_list()))
    changed = [mean if each == symbol else value for each, value in zip(SYMBOLS, plan_features()[reason], strict=True)]
    return {"plan_features": plan_features(**{reason: changed})}


@pytest.mark.parametrize("reason", [*WEIGHTS, "forecast_return_frac", "tone_score"])
def test_a_reason_that_is_taken_away_changes_the_signal_as_it_claims(plan: Plan, reason: str) -> None:
    """SGN-04: the whole dataflow runs again on a snapshot in which the cited reason says nothing."""
    whole = run(plan)
    said = whole.values["pick_reasons"].filter((pl.col("symbol") == "AAA") & (pl.col("reason") == reason))
    fall = conviction(whole, "AAA") - conviction(run(plan, **without(reason, "AAA")), "AAA")
    assert said["claimed_score"].item() == pytest.approx(fall, abs=1e-9)
    assert said["observed_score"].item() == pytest.approx(fall, abs=1e-9)


def test_a_reason_that_is_taken_away_leaves_the_others_as_they_are(plan: Plan) -> None:
    whole, again = run(plan), run(plan, **without("momentum_frac", "AAA"))
    left = [found.values["pick_reasons"].filter(pl.col("symbol") == "AAA") for found in (whole, again)]
    by_name = [dict(zip(each["reason"], each["claimed_score"], strict=True)) for each in left]
    assert by_name[1].pop("momentum_frac") == pytest.approx(0.0, abs=1e-9)
    by_name[0].pop("momentum_frac")
    assert by_name[1] == pytest.approx(by_name[0])


@pytest.mark.parametrize(
    ("source", "node"),
    [("forecasts", "forecast_return_frac"), ("text_scores", "tone_score"), ("return_covariance", "risk_share_frac")],
)
def test_a_source_that_is_missing_leaves_its_reason_and_the_rest_of_the_plan(
    plan: Plan, source: str, node: str
) -> None:
    """SGN-01: missing upstream => degraded plan with reason."""
    found = run(plan, **{source: Absent(source, "the feed is down")})
    assert found.values[node] == Absent(source, "the feed is down")
    assert np.isfinite(conviction(found, "AAA"))
    assert found.values["fitness_frac"].to_list()[0] > 0.0


def test_without_the_score_of_the_plan_there_is_no_conviction(plan: Plan) -> None:
    found = run(plan, plan_features=Absent("model", "family momentum has no champion"))
    for node in ("weighed_evidence", "pick_reasons", "fitness_frac"):
        assert found.values[node] == Absent("model", "family momentum has no champion")
    assert found.values["bad_day_loss_usd"].to_list()[0] == pytest.approx(16450.0)


def test_the_same_snapshot_gives_the_same_digest_and_another_one_another(plan: Plan) -> None:
    assert run(plan).trace.digest == run(plan).trace.digest
    assert run(plan).trace.digest != run(plan, forecasts=None).trace.digest


def test_what_is_not_named_is_not_known() -> None:
    known = {"plan_rows": plan_rows(), "plan_features": plan_features(), "feature_weights": {}, "other": 1}
    found = signal_snapshot({**known, "max_feature_score": 3.0, "equity_usd": Decimal(1)})
    assert (found.forecasts, found.text_scores, found.return_covariance) == (None, None, None)


def test_picks_are_a_gate_like_the_others() -> None:
    assert GATES["picks"] is PICKS
    assert SIGNALS.stages == ("picks",)


@pytest.mark.parametrize("changes", [{}, {"fitness_frac": 0.1}, {"is_halted": True}, {"bad_day_loss_frac": 0.5}])
def test_the_order_of_the_rules_of_picks_means_nothing(changes: dict[str, Any]) -> None:
    """SGN-03: order-independent verdict."""
    parsed = parsed_policy(PICK_POLICY.read_bytes(), str(PICK_POLICY))
    turned = replace(parsed, policy=parsed.policy.model_copy(update={"rules": parsed.policy.rules[::-1]}))
    runs = [
        Runner(compiled_dataflow(each, PICKS), "test", b"environment").gate(PickSnapshot(**{**PICK, **changes}), CLOSE)
        for each in (parsed, turned)
    ]
    assert runs[0].rules == runs[1].rules
    assert runs[0].verdict is runs[1].verdict
