"""Every domain of the lake can be stored, and says how its facts become known."""

from __future__ import annotations

import polars as pl
import pytest

from adapters.lake.domains.registry import DOMAINS
from adapters.lake.facts.domain import Domain
from adapters.lake.facts.tables import stored_schema


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
