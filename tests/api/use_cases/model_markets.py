"""A made-up market with a planted edge, a policy that trades a model, and homes whose log has versions of that model.

A share gives back part of its last week in each session. The study sees the first 460 sessions; the log trades the
sessions after them, so that what the model says there is out of its sample.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from adapters.lake.calendar import SessionCalendar, xnys_calendar
from adapters.lake.lake import Lake
from api.bootstrap import OpenDesk, open_desk, open_models
from api.settings import PolicyMode, Settings
from api.use_cases.model_desk import ModelDesk
from api.use_cases.model_work import Asked
from api.use_cases.promotions import automatic_promotion, moved_model
from api.use_cases.research import Research, ResearchDesk, ResearchRequest, research
from dataflows.audit.made_up_markets import MadeUpMarket, made_up_snapshot
from dataflows.features import FeatureSnapshot
from governance.models import Stage
from nodes.vocabulary.units import Panel
from tests.api.use_cases.services import ROOMY, edited_policy
from tests.dataflows.research.small import MemoryFits, small_policy

FAMILY = "small-study"
STUDIED, TRADED = 460, 30
MARKET = MadeUpMarket(n_shares=16, n_sessions=535, reversal_frac=0.35, seed=3)
MODELLED = {
    **ROOMY,
    "signal:\n  momentum_frac: 0.5\n  volatility_frac: -0.3\n  drawdown_frac: -0.2\n": "signal:\n  model_score: 1.0\n",
    "  momentum_sessions: 252\n  skipped_sessions: 21\n  volatility_sessions: 63\n": (
        "  model_family: small-study\n  model_feature_names: [week_reversal_frac, month_reversal_frac]\n"
        "  week_sessions: 5\n  month_sessions: 10\n  volatility_sessions: 63\n"
    ),
    "rules:\n": (
        "rules:\n  - id: scored\n    require: composite_score >= min_composite_score\n    applies_to: increasing\n"
        "    limits: {min_composite_score: -1000.0}\n    then: deny\n"
        '    because: "{symbol} has no score of the model"\n    plain: "The model has no opinion."\n    source: desk\n'
    ),
}
"""Edits of the shipped policy after which a model of the small study alone says what is held."""


def _calendar() -> SessionCalendar:
    return xnys_calendar(date(2010, 1, 4), date(2012, 12, 31))


@cache
def market(made_up: MadeUpMarket = MARKET) -> FeatureSnapshot:
    """Every bar of a market, on the sessions of the exchange."""
    found = made_up_snapshot(made_up)
    days = pl.Series([day for day in found.index_panel["session_on"].to_list() if _calendar().is_session(day)])
    panel = found.panel.filter(pl.col("session_on").is_in(days.implode()))
    index = found.index_panel.filter(pl.col("session_on").is_in(days.implode()))
    return replace(found, panel=Panel(panel), index_panel=Panel(index), session_on=days[-1])


def sessions() -> tuple[date, ...]:
    """The sessions of the market."""
    return tuple(market().index_panel["session_on"].to_list())


def traded() -> tuple[date, ...]:
    """The sessions that are traded."""
    return sessions()[STUDIED : STUDIED + TRADED]


def studied(seed: int = 0) -> FeatureSnapshot:
    """What the study sees. Another seed than 0 turns the returns of each day around among the shares: noise."""
    found, last_on = market(), sessions()[STUDIED - 1]
    panel = found.panel.filter(pl.col("session_on") <= last_on)
    if seed:
        panel = _shuffled(panel, seed)
    index = found.index_panel.filter(pl.col("session_on") <= last_on)
    return replace(found, panel=Panel(panel), index_panel=Panel(index), session_on=last_on)


def _shuffled(panel: pl.DataFrame, seed: int) -> pl.DataFrame:
    draws = np.random.default_rng(seed)
    parts = []
    for part in panel.partition_by("symbol", maintain_order=True):
        steps = np.diff(np.log(part["close_usd"].to_numpy()), prepend=0.0)
        close = np.exp(np.cumsum(draws.permutation(steps)))
        parts.append(part.with_columns(close_usd=pl.Series(close), open_usd=pl.Series(close), high_usd=pl.Series(close),
                                       low_usd=pl.Series(close)))  # fmt: skip
    return pl.concat(parts)


@cache
def planted_lake(made_up: MadeUpMarket = MARKET) -> Lake:
    """A market as a session run asks for it."""
    panel = market(made_up).panel.drop("closed_at", "split_ratio")
    symbols = tuple(panel["symbol"].unique().sort().to_list())
    nothing = pl.DataFrame()
    return Lake(symbols, panel, market(made_up).index_panel, (), _calendar(), nothing, nothing)


def planted_settings(home: Path, **changes: Any) -> Settings:
    """Of a home that trades the model."""
    folder = home.parent / f"{home.name}-policy"
    folder.mkdir(exist_ok=True)
    policy = edited_policy(folder, MODELLED)
    wanted = {
        "origin": "research/x",
        "first_on": traded()[0],
        "market_on": traded()[0],
        "policy_mode": PolicyMode.DIRECT,
        **changes,
    }
    return replace(Settings(home=home, policy=policy), **wanted)


def study_policy(seed: int = 0) -> str:
    """The study: two kinds of models, so that what is worse is worse on each half."""
    models = "[linear, random-forest]\n  random_forest_max_depth: [2, 4]\n  random_forest_n_trees: 5"
    found = small_policy(linear_l2="[10.0, 1000.0, log]", n_trials="1", n_blocks="6", study_seed=str(3 + seed))
    return found.replace("models: [linear]", f"models: {models}")


def version(desk: ModelDesk, seed: int = 0) -> Research:
    """A version of the small study, registered and judged; of noise for another seed than 0."""
    request = ResearchRequest(study_policy(seed).encode(), "small.yaml", f"study {seed}", "quant")
    return research(ResearchDesk(desk, lambda: studied(seed), MemoryFits()), request, lambda *_: None)


def crowned(desk: ModelDesk, number: int = 1) -> str:
    """What becomes of a version that is brought through the stages: champion, if the gate lets it in."""
    asked = Asked(FAMILY, number, "ada", "it was tested")
    for stage in (Stage.SHADOW, Stage.CHALLENGER):
        moved_model(desk, asked, stage)
    return automatic_promotion(desk, asked).state


@contextmanager
def model_desk(home: Path) -> Iterator[ModelDesk]:
    """A desk for changes of models."""
    with open_models(planted_settings(home)) as desk:
        yield desk


@contextmanager
def trading_desk(home: Path) -> Iterator[OpenDesk]:
    """A desk that trades."""
    with open_desk(planted_settings(home), lake=planted_lake()) as opened:
        yield opened


@cache
def _championed() -> Path:
    place = Path(tempfile.mkdtemp(prefix="assay-planted-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    with model_desk(place / "home") as desk:
        version(desk)
        assert crowned(desk) == "champion"
    return place / "home"


def championed_home(to: Path) -> Path:
    """A home whose log has a champion that the gate let in: it was trained on the planted edge."""
    return Path(shutil.copytree(_championed(), to))
