"""A version on data that came after its training: what it reads, says and earned, and what the watch makes of it.

Promise INF-03: champions are watched on live data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from adapters.lake.lake import bundled_lake
from api.bootstrap import open_models
from api.settings import Settings
from api.use_cases.leak_audit import bars_snapshot
from api.use_cases.model_desk import ModelDesk
from api.use_cases.model_live import ModelLive, live_figures, model_live
from api.use_cases.research import Research, ResearchDesk, ResearchRequest, research
from dataflows.features import FeatureSnapshot
from dataflows.research.trials import FitResult
from governance.models import StageRow
from nodes.vocabulary.units import Panel

SHIPPED = Path(__file__).parents[3] / "policies" / "research" / "us-equities" / "v1.yaml"
FEATURES = "[week_reversal_frac, volatility_frac, drawdown_frac]"
UNTIL = date(2011, 12, 30)


class Memory:
    """Fits that are kept for as long as a test."""

    def __init__(self) -> None:
        self.fits: dict[bytes, FitResult] = {}

    def found(self, key: bytes) -> FitResult | None:
        return self.fits.get(key)

    def keep(self, key: bytes, result: FitResult) -> None:
        self.fits[key] = result


def small_policy() -> bytes:
    text = re.sub(
        r"(?m)^  feature_names:\n(    - .*\n)+", f"  feature_names: {FEATURES}\n", SHIPPED.read_text(encoding="utf-8")
    )
    text = re.sub(r"(?m)^  (random_forest|xgboost|lightgbm)_.*\n", "", text)
    kept = ("week_sessions", "volatility_sessions", "drawdown_sessions")
    text = re.sub(r"(?m)^  (\w+_sessions): .*\n", lambda line: line[0] if _is_read(line[1], kept) else "", text)
    for name, value in {"models": "[linear]", "n_trials": "2", "n_bootstraps": "100", "n_folds": "2"}.items():
        text = re.sub(rf"(?m)^  {name}: .*$", f"  {name}: {value}", text)
    return text.replace("  n_trials: 2\n", "  linear_l2: [0.1, 10.0, log]\n  n_trials: 2\n").encode()


def _is_read(name: str, kept: tuple[str, ...]) -> bool:
    settings = ("label_horizon", "sample_step", "embargo", "trade_delay", "bootstrap_block")
    return name in kept or name.startswith(settings)


def until(snapshot: FeatureSnapshot, last_on: date) -> FeatureSnapshot:
    """The same as it was known on a day."""
    panel, index = (frame.filter(pl.col("session_on") <= last_on) for frame in (snapshot.panel, snapshot.index_panel))
    return FeatureSnapshot(Panel(panel), Panel(index), last_on)


@pytest.fixture(scope="module")
def snapshot() -> FeatureSnapshot:
    whole = bars_snapshot(bundled_lake())
    recent = whole.panel.filter(pl.col("session_on") >= date(2007, 1, 3))
    return replace(whole, panel=Panel(recent.filter(pl.col("symbol") != "FB")))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelDesk]:
    with open_models(Settings(home=tmp_path_factory.mktemp("live") / "home", origin="research/live")) as opened:
        yield opened


@pytest.fixture(scope="module")
def study(desk: ModelDesk, snapshot: FeatureSnapshot) -> Research:
    """A version that was trained at the end of 2011."""
    working = ResearchDesk(desk, lambda: until(snapshot, UNTIL), Memory())
    return research(working, ResearchRequest(small_policy(), "small.yaml", "live", "tester"), lambda *_: None)


def row_of(study: Research, desk: ModelDesk) -> StageRow:
    with desk.store.reader() as reader:
        return next(row for row in reader.registry.stages() if row.version == study.model.version)


def live(study: Research, desk: ModelDesk, snapshot: FeatureSnapshot) -> ModelLive:
    with desk.store.reader() as reader:
        found = model_live(reader, row_of(study, desk), lambda: snapshot)
    assert found is not None
    return found


def test_a_version_is_followed_from_the_first_session_after_its_data(
    study: Research, desk: ModelDesk, snapshot: FeatureSnapshot
) -> None:
    found = live(study, desk, snapshot)
    assert found.record.sessions[0] == date(2012, 1, 3)
    assert found.record.sessions[-1] == snapshot.session_on
    assert len(found.record.returns) == len(found.record.sessions)
    assert 200 < int(found.figures["live_sessions"] or 0) < len(found.record.sessions)
    assert np.isfinite(found.record.sample.predictions[np.isfinite(found.record.sample.features).all(axis=1)]).all()


def test_the_watch_is_told_all_that_its_policy_reads(
    study: Research, desk: ModelDesk, snapshot: FeatureSnapshot
) -> None:
    told: list[ModelLive] = []
    figures = live_figures(desk.store, lambda: snapshot, told.append)(row_of(study, desk))
    names = (
        "max_feature_psi_score",
        "prediction_psi_score",
        "mmd_p_frac",
        "live_drawdown_frac",
        "live_shortfall_p_frac",
    )
    assert figures is not None
    assert all(figures[name] is not None for name in names)
    assert told[0].figures == figures


def test_what_comes_later_changes_nothing_that_was_earned_before(
    study: Research, desk: ModelDesk, snapshot: FeatureSnapshot
) -> None:
    """All but bets that were open then: they are held on."""
    early, late = (live(study, desk, until(snapshot, day)).record for day in (date(2012, 6, 29), date(2012, 12, 31)))
    assert early.returns == pytest.approx(late.returns[: len(early.returns)], nan_ok=True)


def test_a_feature_that_moves_is_found(study: Research, desk: ModelDesk, snapshot: FeatureSnapshot) -> None:
    """Prices that swing ten times as much from 2012 on."""
    swing = pl.when((pl.col("session_on") > UNTIL) & (pl.col("session_on").dt.ordinal_day() % 2 == 0)).then(1.2)
    prices = ("open_usd", "high_usd", "low_usd", "close_usd")
    wild = snapshot.panel.with_columns(pl.col(name) * swing.otherwise(1.0) for name in prices)
    found = live(study, desk, replace(snapshot, panel=Panel(wild)))
    assert float(found.figures["max_feature_psi_score"] or 0.0) > 1.0
    assert found.drift is not None
    assert found.drift.features[0].name in {"volatility_frac", "week_reversal_frac", "drawdown_frac"}


def test_nobody_knows_before_the_first_session_since(
    study: Research, desk: ModelDesk, snapshot: FeatureSnapshot
) -> None:
    with desk.store.reader() as reader:
        assert model_live(reader, row_of(study, desk), lambda: until(snapshot, UNTIL)) is None
