"""What the watch found, as a home keeps it for its servers."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from adapters.telemetry.drift_metrics import FILE
from api.live_parts import publish_findings, verdict_on
from api.settings import Settings
from api.use_cases.model_live import ModelLive
from api.use_cases.model_work import ModelOutcome
from dataflows.audit.model_drift import ModelSample
from dataflows.research.live import LiveRecord
from nodes.vocabulary.verdict import Verdict
from tests.adapters.telemetry.alerting import fires, rules

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
WHY = ("the drawdown of the live record is over its limit",)


def outcome(state: str, version: int, *reasons: str) -> ModelOutcome:
    return ModelOutcome(state, "us-equities", version, 9, reasons)


@pytest.mark.parametrize(("outcomes", "expected"), [
    ([], Verdict.PASS), ([outcome("champion", 3)], Verdict.PASS), ([outcome("champion", 3, *WHY)], Verdict.WARN),
    ([outcome("champion", 2, *WHY)], Verdict.DENY), ([outcome("retired", 3, *WHY)], Verdict.DENY),
    ([ModelOutcome("champion", "other", 2, 9, WHY)], Verdict.PASS), ([outcome("retired", 4, *WHY)], Verdict.PASS),
])  # fmt: skip
def test_the_verdict_on_a_version_follows_from_what_became_of_it(
    outcomes: list[ModelOutcome], expected: Verdict
) -> None:
    assert verdict_on("us-equities", 3, outcomes) is expected


@pytest.mark.parametrize(("version", "expected"), [(2, True), (3, False)])
def test_a_champion_that_went_back_pages(tmp_path: Path, version: int, *, expected: bool) -> None:
    nothing = ModelSample(("a",), np.zeros((0, 1)), np.zeros(0), np.zeros(0, np.int64))
    record = LiveRecord(nothing, pl.Series([], dtype=pl.Date), np.zeros(0))
    found = ModelLive("us-equities", 3, record, None, {"live_sessions": 63, "max_feature_psi_score": None})
    publish_findings(Settings(home=tmp_path), [found], [outcome("champion", version, *WHY)], NOW)
    text = (tmp_path / FILE).read_text(encoding="utf-8")
    assert fires(rules("model-drift")["ModelRollbackCalled"]["expr"], text, NOW) is expected
