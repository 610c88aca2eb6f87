"""Other futures leave the past alone, change the rest, and come out alike for one seed."""

from __future__ import annotations

from datetime import datetime

import polars as pl
import pytest

from api.use_cases.leak_audit import made_up_closes
from dataflows.audit.futures import Change, other_facts, other_panel, other_tables
from dataflows.audit.made_up import made_up_tables
from dataflows.feature_snapshots import feature_snapshot
from nodes.vocabulary.instants import instant_ns

CLOSES = made_up_closes()[-40:]
TABLES = made_up_tables(CLOSES)
PANEL = feature_snapshot(TABLES, CLOSES[-1]).panel
AFTER: datetime = CLOSES[20]
PAST = pl.col("known_at").to_physical() <= instant_ns(AFTER)  # a datetime literal would compare in microseconds


@pytest.mark.parametrize("change", Change)
@pytest.mark.parametrize("name", sorted(TABLES))
def test_what_was_known_stays_as_it_was(name: str, change: Change) -> None:
    facts = TABLES[name]
    other = other_facts(facts, AFTER, change, 1)
    assert other.filter(PAST).equals(facts.filter(PAST))
    assert other.schema == facts.schema


@pytest.mark.parametrize("change", Change)
def test_what_became_known_later_is_another(change: Change) -> None:
    facts = TABLES["fundamentals"]
    other = other_facts(facts, AFTER, change, 1)
    assert not other.filter(~PAST).equals(facts.filter(~PAST))


@pytest.mark.parametrize("change", Change)
def test_the_rows_of_a_panel_up_to_the_session_stay(change: Change) -> None:
    last_on = AFTER.date()
    other, is_past = other_panel(PANEL, last_on, change, 1), pl.col("session_on") <= last_on
    assert other.filter(is_past).equals(PANEL.filter(is_past))
    assert not other.filter(~is_past).equals(PANEL.filter(~is_past))


def test_a_correction_is_of_the_same_event() -> None:
    facts = TABLES["fundamentals"]
    added = other_facts(facts, AFTER, Change.CORRECTED, 1).tail(-facts.height)
    keys = ["symbol", "concept", "period_start_on", "period_end_on", "event_at"]
    assert added.height
    assert added.join(facts, on=keys, how="anti", nulls_equal=True).is_empty()


def test_one_seed_gives_one_future() -> None:
    one, same, other = (other_tables(TABLES, AFTER, Change.REWRITTEN, seed) for seed in (1, 1, 2))
    assert all(one[name].equals(same[name]) for name in TABLES)
    assert not all(one[name].equals(other[name]) for name in TABLES)
