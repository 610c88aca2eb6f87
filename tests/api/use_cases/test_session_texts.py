"""A trading policy may weigh the tone of texts: its session run reads what was known, or says why there is nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest

from adapters.lake.domains.texts import TEXT_SCORES
from adapters.lake.lake import Lake, bundled_lake
from api.settings import SHIPPED_POLICY
from api.use_cases.policies import candidate
from api.use_cases.sessions import market_fields
from dataflows.engine.evaluation import guarded
from dataflows.engine.plan import Plan
from nodes.vocabulary.absent import Absent

POSITIONS = pl.DataFrame(schema={"symbol": pl.String, "position_shares": pl.Int64})


@pytest.fixture(scope="module")
def lake() -> Lake:
    return bundled_lake()


@pytest.fixture(scope="module")
def plan() -> Plan:
    """The session plan of the shipped policy with a weight for the tone of texts."""
    text = SHIPPED_POLICY.read_text(encoding="utf-8")
    weighed = text.replace("  momentum_frac: 0.5\n", "  momentum_frac: 0.5\n  sentiment_score: 0.1\n")
    given = weighed.replace("params:\n", "params:\n  text_life_days: 5\n", 1)
    return candidate(given.encode(), "texts.yaml").generation.session


def _scored(*rows: tuple[str, datetime, float]) -> pl.DataFrame:
    """Scores of texts about shares, known when they say."""
    said = [
        dict.fromkeys(TEXT_SCORES.schema)
        | {"text_id": str(n), "model": "made", "symbol": symbol, "channel": "news", "score": score}
        | {"event_at": at, "known_at": at, "sequence": n, "is_retracted": False}
        for n, (symbol, at, score) in enumerate(rows)
    ]
    return pl.DataFrame(said, schema=TEXT_SCORES.schema)


def _values(plan: Plan, lake: Lake, as_of: datetime) -> dict[str, Any]:
    market = market_fields(plan, lake, as_of)
    return guarded(plan, plan.dataflow.snapshot(positions=POSITIONS, equity_usd=1_000_000, **market))[0]


def _tone(plan: Plan, lake: Lake, as_of: datetime) -> dict[str, float | None]:
    values = _values(plan, lake, as_of)
    ends = [int(end) - 1 for end in values["segments"][1:]]
    return dict(zip(values["symbols"].to_list(), values["sentiment_score"].gather(ends).to_list(), strict=True))


def test_a_session_reads_the_texts_that_were_known_at_its_close(plan: Plan, lake: Lake) -> None:
    close = lake.calendar.close(lake.calendar.latest(datetime.fromisoformat("2010-06-04T22:00:00Z")))
    hour = timedelta(hours=1)
    scores = _scored(("AAPL", close - 30 * hour, 0.5), ("AAPL", close - hour, 1.0), ("AAPL", close + hour, -1.0))
    found = _tone(plan, replace(lake, text_scores=scores), close)
    assert found["AAPL"] == 0.75
    assert found["IBM"] is None


@pytest.mark.parametrize("reason", ["the bundled data have no texts", "libraries of the extra sentiment are missing"])
def test_without_texts_their_features_are_absent_and_say_why(plan: Plan, lake: Lake, reason: str) -> None:
    """Missing is never zero: a share without tone has no score of it, not one of nought."""
    close = lake.calendar.close(lake.calendar.latest(datetime.fromisoformat("2010-06-04T22:00:00Z")))
    found = _values(plan, replace(lake, text_scores=Absent("text_scores", reason)), close)["sentiment_score"]
    assert found == Absent("text_scores", reason)


def test_a_policy_that_reads_no_texts_is_handed_none(lake: Lake) -> None:
    shipped = candidate(SHIPPED_POLICY.read_bytes(), "v1.yaml").generation.session
    as_of = datetime.fromisoformat("2010-06-04T22:00:00Z")
    fields = market_fields(shipped, lake, as_of)
    assert sorted(fields) == ["index_panel", "panel", "session_on"]
    assert "closed_at" not in fields["panel"].columns
