"""How long everything is kept, as a document (SGN-08, GOVC-01)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from governance.entries import EntryKind
from nodes.vocabulary.errors import PolicyError
from policies.retention import (
    DROPPABLE,
    SHIPPED,
    parsed_retention_policy,
    shipped_retention_policy,
    years_before,
)

TEXT = SHIPPED.read_text(encoding="utf-8")
NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def test_years_not_days_are_the_default() -> None:
    found = shipped_retention_policy()
    assert all(rule.keep_years >= 5 for rule in found.rules)
    edge = datetime(2019, 11, 23, 15, 0, tzinfo=UTC)
    assert [found.is_past("decision", edge + timedelta(microseconds=step), NOW) for step in (-1, 0, 1)] == [
        True, False, False
    ]  # fmt: skip


def test_what_no_rule_names_is_kept_for_ever() -> None:
    assert not shipped_retention_policy().is_past("incident", datetime(1990, 1, 1, tzinfo=UTC), NOW)


def test_only_kinds_that_there_are_can_be_dropped_and_not_what_proof_rests_on() -> None:
    kinds = {kind.value for kind in EntryKind}
    assert kinds >= DROPPABLE
    kept = {"genesis", "activation", "proposal", "model", "promotion", "incident", "retention", "hold", "correction"}
    assert kept <= kinds - DROPPABLE


def test_a_leap_day_goes_back_to_the_day_before() -> None:
    assert years_before(datetime(2024, 2, 29, tzinfo=UTC), 7) == datetime(2017, 2, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("keep_years: 7", "keep_years: 0", "0"),
        ("kinds: [shadow, gate]", "kinds: [shadow, incident]", "incident"),
        ("kinds: [shadow, gate]", "kinds: [shadow, plan]", "plan is kept by 'decisions' and by 'studies'"),
        ("id: studies", "id: decisions", "'decisions' names two"),
        ("keep_years: 5", "keep_days: 5", "keep_days"),
        ("version: 1", "version: 1\nmood: good", "mood"),
    ],
)
def test_what_cannot_be_is_a_fault_with_its_place(old: str, new: str, said: str) -> None:
    with pytest.raises(PolicyError, match=r"v1\.yaml") as caught:
        parsed_retention_policy(TEXT.replace(old, new).encode(), "v1.yaml")
    assert said in str(caught.value)
