"""Rows served as sessions close are those of the whole history, bit for bit, over the whole catalog."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import polars as pl
import pytest

from api.use_cases.leak_audit import feature_plan, made_up_closes
from dataflows.audit.leaks import audited_names
from dataflows.audit.made_up import made_up_tables
from dataflows.engine.evaluation import guarded
from dataflows.engine.plan import Plan
from dataflows.engine.serving import Serving
from dataflows.feature_serving import feature_keeping, feature_news
from dataflows.feature_snapshots import feature_snapshot
from dataflows.features import FeatureSnapshot
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.errors import DataError

N_SERVED = 9
LISTED, HALTED = -5, -3
"""Sessions from the end: one share's first bar, and one without a bar of another."""


@cache
def plan() -> Plan:
    return feature_plan()


@cache
def closes() -> list[datetime]:
    return made_up_closes()


@cache
def tables() -> Mapping[str, pl.DataFrame]:
    made = made_up_tables(closes())
    is_unlisted = (pl.col("symbol") == "CCC") & (pl.col("event_at") < closes()[LISTED])
    is_halted = (pl.col("symbol") == "BBB") & (pl.col("event_at") == closes()[HALTED])
    return {**made, "bars_daily": made["bars_daily"].filter(~(is_unlisted | is_halted))}


@cache
def snapshot(place: int) -> FeatureSnapshot:
    return feature_snapshot(tables(), closes()[place])


@cache
def whole() -> Mapping[str, Any]:
    return guarded(plan(), snapshot(-1))[0]


def serving(place: int) -> Serving:
    return Serving(plan(), snapshot(place), closes()[place], feature_keeping(plan()))


def wrong(served: Mapping[str, Any], rows: pl.Series) -> list[str]:
    """Features that differ from the whole history on some of its rows."""
    return [name for name in audited_names(plan()) if encode(served[name]) != encode(whole()[name].filter(rows))]


def test_every_feature_is_served_as_the_whole_history_has_it() -> None:
    """PIT-03: session after session, with news in every domain, a share that is listed and one that pauses."""
    served, panel = serving(-N_SERVED - 1), snapshot(-1).panel
    symbols = []
    for place in range(-N_SERVED, 0):
        row = served.advanced(feature_news(snapshot(place), closes()[place - 1]), closes()[place])
        symbols.append("".join(name[0] for name in row.symbols))
        assert wrong(row.values, panel["closed_at"] == closes()[place]) == []
    assert symbols == ["AB", "AB", "AB", "AB", "ABC", "ABC", "AC", "ABC", "ABC"]


def test_sessions_that_were_missed_are_served_together() -> None:
    served = serving(-N_SERVED - 1)
    row = served.advanced(feature_news(snapshot(-1), closes()[-N_SERVED - 1]), closes()[-1])
    assert served.symbols == ("AAA", "BBB", "CCC")
    symbol = snapshot(-1).panel["symbol"]
    is_last = (symbol != symbol.shift(-1)).fill_null(value=True)
    assert wrong({name: served.latest(name) for name in audited_names(plan())}, is_last) == []
    assert row.symbols == ("AAA",), "the only one with so many bars"


def test_deriving_facts_anew_between_sessions_moves_no_value() -> None:
    served, panel = serving(-3), snapshot(-1).panel
    served.advanced(feature_news(snapshot(-2), closes()[-3]), closes()[-2])
    served.rebased()
    row = served.advanced(feature_news(snapshot(-1), closes()[-2]), closes()[-1])
    assert wrong(row.values, panel["closed_at"] == closes()[-1]) == []


def test_news_that_would_change_what_was_served_are_refused() -> None:
    served = serving(-2)
    news = feature_news(snapshot(-1), closes()[-2])
    with pytest.raises(DataError, match=r"which is not after .* start anew from all facts"):
        served.advanced(news, closes()[-2])
    with pytest.raises(DataError, match=r"the bar of AAA on .* closed by .* start anew"):
        served.advanced(feature_news(snapshot(-1), closes()[-3]), closes()[-1])
    late = news.ratings if news.ratings is None else snapshot(-1).ratings
    with pytest.raises(DataError, match=r"facts were known by .* start anew"):
        served.advanced(replace(news, ratings=late), closes()[-1])


def test_facts_of_a_domain_that_was_not_there_are_refused() -> None:
    bare = replace(snapshot(-2), borrow=None)
    served = Serving(plan(), bare, closes()[-2], feature_keeping(plan()))
    with pytest.raises(DataError, match="facts of borrow were not there before; start anew"):
        served.advanced(feature_news(snapshot(-1), closes()[-2]), closes()[-1] + timedelta(hours=1))
