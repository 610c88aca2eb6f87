"""SGN-01: each source answers from what was known at the close, or is missing with a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from adapters.lake.event_calendar import MOST_SESSIONS
from adapters.lake.lake import Lake
from adapters.models.forecasters import SERVED
from api.use_cases.service import Service
from api.use_cases.signal_sources import (
    State,
    answered,
    forecast_table,
    sessions_to_events,
    upstreams,
)
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.errors import DataError, EdgeError
from tests.adapters.lake.test_event_calendar import calendar, said

CLOSE = datetime(2013, 1, 2, 21, tzinfo=UTC)
WANTED = (21, 0.05)


def test_a_forecast_is_that_which_is_served_of_the_share_s_total_returns(lake: Lake) -> None:
    found = forecast_table(lake, CLOSE, ["IBM", "AAPL"], WANTED).filter(pl.col("symbol") == "IBM")
    bars = lake.session_window(CLOSE, 504).panel.filter(pl.col("symbol") == "IBM")
    steps = (
        bars["close_usd"].to_numpy()[1:] * bars["adjustment_ratio"].to_numpy()[1:] / bars["close_usd"].to_numpy()[:-1]
    )
    path = np.concatenate([[0.0], np.cumsum(np.log(steps))])
    middle, bad = np.expm1(SERVED.quantiles(path, [21], (0.5, 0.05)))[0]
    assert found.rows() == [("IBM", 21, pytest.approx(middle), 0.05, pytest.approx(bad))]


def test_a_forecast_sees_nothing_after_its_close(lake: Lake) -> None:
    """Whatever comes after the close is rewritten; the forecast stays as it is."""
    after = pl.col("session_on") > CLOSE.date()
    changed = lake.panel.with_columns(
        close_usd=pl.when(after).then(pl.col("close_usd") * 3).otherwise(pl.col("close_usd"))
    )
    later = replace(lake, panel=changed)
    assert forecast_table(lake, CLOSE, lake.universe, WANTED).equals(
        forecast_table(later, CLOSE, lake.universe, WANTED)
    )


def test_a_share_with_too_short_a_history_has_no_forecast(lake: Lake) -> None:
    assert "FB" not in forecast_table(lake, CLOSE, lake.universe, WANTED)["symbol"].to_list()
    with pytest.raises(DataError, match="none of 1 shares has a forecast"):
        forecast_table(lake, CLOSE, ["FB"], WANTED)


def test_a_gap_in_the_prices_is_not_reached_across(lake: Lake) -> None:
    gap = (pl.col("symbol") == "IBM") & (pl.col("session_on") == datetime(2012, 12, 3, tzinfo=UTC).date())
    changed = lake.panel.with_columns(close_usd=pl.when(gap).then(None).otherwise(pl.col("close_usd")))
    found = forecast_table(replace(lake, panel=changed), CLOSE, ["IBM", "AAPL"], WANTED)
    assert found["symbol"].to_list() == ["AAPL"]


def test_events_are_those_of_the_calendar_of_the_lake(lake: Lake) -> None:
    known = calendar(said(datetime(2013, 1, 4, 14, 30, tzinfo=UTC)))
    found = sessions_to_events(replace(lake, events=known), CLOSE, ["IBM", "GOOG"])
    assert found == {"IBM": 2, "GOOG": MOST_SESSIONS}
    assert isinstance(sessions_to_events(lake, CLOSE, ["IBM"]), Absent)


def test_a_source_that_fails_is_missing_with_its_reason() -> None:
    def fails() -> Absent:
        raise EdgeError("the lake is locked; come back in a moment")

    source, found = answered("events", fails)
    assert (source.state, source.because) == (State.MISSING, "the lake is locked; come back in a moment")
    assert found == Absent("events", source.because)


def test_a_source_that_has_nothing_says_why() -> None:
    source, _ = answered("sentiment", lambda: Absent("text_scores", "no texts"))
    assert (source.name, source.state, source.because) == ("sentiment", State.MISSING, "no texts")


def test_a_source_that_answers_is_used() -> None:
    source, found = answered("events", lambda: {"IBM": 3})
    assert (source.state, found) == (State.USED, {"IBM": 3})


def test_the_sources_of_a_service_are_its_lake_and_its_feeds(signal_service: Service) -> None:
    asked = upstreams(signal_service)
    assert isinstance(asked.texts(CLOSE), Absent)
    assert isinstance(asked.events(CLOSE, ["IBM"]), Absent)
    assert asked.halted is None
    assert isinstance(asked.forecasts(CLOSE, ["IBM"], 21, 0.05), pl.DataFrame)
