"""Facts of a lake as features read them: every revision known at the instant, and only of the shares asked for."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from adapters.lake.domains.bars import BARS_DAILY
from adapters.lake.domains.factors import FACTORS
from adapters.lake.domains.registry import DOMAINS
from adapters.lake.facts.store import FactStore
from adapters.lake.views.features import feature_tables, stored_tables, value_columns
from nodes.vocabulary.domains import SOURCE_DOMAINS
from tests.adapters.lake.views.holding import at, clock, held

CLOSE, LATER = at("2014-06-09 20:00"), at("2014-06-10 20:00")


def bar(security_id: str, close_usd: float, known_at: object = CLOSE) -> dict[str, object]:
    prices = dict.fromkeys(("open_usd", "high_usd", "low_usd", "close_usd"), close_usd)
    return {
        "security_id": security_id, "symbol": security_id, "session_on": date(2014, 6, 9), **prices,
        "volume_shares": 100, "event_at": CLOSE, "known_at": known_at,
    }  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> FactStore:
    store = FactStore(tmp_path / "lake", clock)
    held(store, BARS_DAILY, [bar("A", 10.0), bar("A", 11.0, LATER), bar("B", 20.0)])
    level = {"factor": "vix", "period_on": date(2014, 6, 9), "value": 11.15, "unit": "points"}
    held(store, FACTORS, [{**level, "event_at": CLOSE, "known_at": CLOSE}])
    return store


def closes(tables: dict[str, pl.DataFrame]) -> list[tuple[str, float]]:
    frame = tables["bars_daily"].sort("security_id", "known_at")
    return frame.select("security_id", "close_usd").rows()


def test_a_correction_is_there_once_it_is_known_beside_what_it_corrects(store: FactStore) -> None:
    assert closes(feature_tables(store, CLOSE)) == [("A", 10.0), ("B", 20.0)]
    assert closes(feature_tables(store, LATER)) == [("A", 10.0), ("A", 11.0), ("B", 20.0)]


def test_a_retraction_is_handed_over_as_one(store: FactStore) -> None:
    held(store, BARS_DAILY, [{**bar("B", 20.0, LATER), "is_retracted": True}])
    bars = feature_tables(store, LATER)["bars_daily"]
    assert bars.filter(pl.col("security_id") == "B").sort("known_at")["is_retracted"].to_list() == [False, True]


def test_facts_of_no_share_come_with_any_shares(store: FactStore) -> None:
    tables = feature_tables(store, CLOSE, ["B"])
    assert closes(tables) == [("B", 20.0)]
    assert tables["factors"]["value"].to_list() == [11.15]


def test_no_shares_at_all_are_not_all_shares(store: FactStore) -> None:
    assert set(feature_tables(store, CLOSE, [])) == {"factors"}


def test_a_domain_without_facts_has_no_table(store: FactStore) -> None:
    assert set(feature_tables(store, CLOSE)) == {"bars_daily", "factors"}
    assert feature_tables(store, at("2014-06-09 19:59")) == {}


def test_the_values_of_every_domain_are_no_keys() -> None:
    found = value_columns()
    assert set(found) == set(SOURCE_DOMAINS)
    for name, columns in found.items():
        assert columns
        assert not set(columns) & {*DOMAINS[name].identity, "known_at", "sequence"}


def test_what_is_stored_comes_back_in_the_order_in_which_it_became_known(store: FactStore, tmp_path: Path) -> None:
    told = feature_tables(store, LATER)
    other = FactStore(tmp_path / "other", clock)
    assert stored_tables(other, {name: frame.reverse() for name, frame in told.items()}) == 4
    assert closes(feature_tables(other, CLOSE)) == closes(feature_tables(store, CLOSE))
    assert closes(feature_tables(other, LATER)) == closes(told)


def test_columns_that_a_table_does_not_have_are_null_and_strange_ones_are_left_out(tmp_path: Path) -> None:
    store = FactStore(tmp_path / "lake", clock)
    facts = pl.DataFrame(
        {"factor": ["vix"], "period_on": [date(2014, 6, 9)], "value": [11.15], "rumour": ["up"],
         "event_at": [CLOSE], "known_at": [CLOSE]},
        schema_overrides={"event_at": pl.Datetime("ns", "UTC"), "known_at": pl.Datetime("ns", "UTC")},
    )  # fmt: skip
    assert stored_tables(store, {"factors": facts}) == 1
    found = feature_tables(store, CLOSE)["factors"]
    assert found["unit"].to_list() == [None]
    assert "rumour" not in found.columns
