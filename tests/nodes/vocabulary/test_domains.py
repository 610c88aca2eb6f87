"""The domains that features are made of, held against the tables of the lake."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import pytest

from adapters.lake.domains.registry import DOMAINS
from dataflows.features import FeatureSnapshot
from nodes.vocabulary.domains import CARRIERS, SOURCE_DOMAINS

_OF_THE_PANEL = {"adjustment_ratio", "split_ratio"}


@pytest.mark.parametrize("name", SOURCE_DOMAINS)
def test_a_domain_is_a_table_of_the_lake_with_its_subject(name: str) -> None:
    domain = SOURCE_DOMAINS[name]
    assert name in DOMAINS
    assert domain.subject is None or domain.subject in DOMAINS[name].schema


def test_every_domain_has_the_name_it_is_found_by() -> None:
    assert [domain.name for domain in SOURCE_DOMAINS.values()] == list(SOURCE_DOMAINS)


def test_every_carrier_is_a_field_of_the_snapshot_or_a_ratio_of_its_panel() -> None:
    inputs = {item.name for item in fields(FeatureSnapshot)} - {"session_on"}
    assert set(CARRIERS) == inputs | _OF_THE_PANEL


def test_no_carrier_carries_two_domains() -> None:
    assert len(CARRIERS) == sum(len(domain.carriers) for domain in SOURCE_DOMAINS.values())


def test_short_interest_and_fails_are_known_days_after_their_event() -> None:
    """FINRA publishes short interest from the seventh business day on, the SEC its fails from half a month on."""
    assert SOURCE_DOMAINS["short_interest"].least_lag_s == 9 * 86_400
    assert SOURCE_DOMAINS["fails"].least_lag_s == 12 * 86_400


def test_what_is_scheduled_may_be_known_before_it_happens() -> None:
    ahead = {name for name, domain in SOURCE_DOMAINS.items() if domain.least_lag_s is None}
    assert ahead == {"corporate_actions", "earnings_calendar"}


def test_nobody_changes_the_domains() -> None:
    with pytest.raises(FrozenInstanceError, match="least_lag_s"):
        SOURCE_DOMAINS["fails"].least_lag_s = 0  # type: ignore[misc]
    with pytest.raises(TypeError, match="does not support item assignment"):
        SOURCE_DOMAINS["rumours"] = SOURCE_DOMAINS["fails"]  # type: ignore[index]
