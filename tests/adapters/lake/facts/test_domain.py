"""Domains say what their tables hold, and no two of them say it under one name."""

from __future__ import annotations

import polars as pl
import pytest

from adapters.lake.domains.registry import DOMAINS
from adapters.lake.facts.domain import INSTANT, STAMPS, Domain
from adapters.lake.facts.tables import stored_schema
from tests.adapters.lake.facts.examples import ASSETS


def test_schema_is_keys_then_values_then_stamps() -> None:
    assert list(ASSETS.schema) == ["cik", "start_on", "value", "form", *STAMPS]
    assert ASSETS.schema["event_at"] == INSTANT
    assert ASSETS.identity == ("cik", "start_on", "event_at")


@pytest.mark.parametrize("domain", DOMAINS.values(), ids=list(DOMAINS))
def test_domain_of_the_lake_can_be_stored_and_says_its_lag(domain: Domain) -> None:
    """PIT-01: every table states how its facts become known."""
    assert DOMAINS[domain.name] is domain
    assert domain.keys
    assert domain.doc
    assert domain.lag
    assert set(stored_schema(domain)) > set(domain.schema)
    assert not set(domain.keys) & set(domain.values)
    assert pl.Datetime("us", "UTC") not in domain.schema.values()
