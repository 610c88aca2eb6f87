"""A breach opens an incident while the paper market moves on, once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from adapters.lake.lake import Lake
from api.use_cases.incidents import incidents
from api.use_cases.market import advanced_session
from api.use_cases.risk_watch import watched_breach
from tests.api.use_cases.services import ACCOUNT, ordered, service_at


def test_a_session_that_loses_more_than_was_told_opens_one_incident(lake: Lake, tmp_path: Path) -> None:
    """GOV-05: watched at a level of nearly a half, by which any loss is a breach."""
    with service_at(tmp_path / "home", lake) as service:
        assert watched_breach(service, ACCOUNT) is None
        loose = service.risk_terms.model_copy(update={"value_at_risk_level_frac": 0.49})
        watched = replace(service, risk_terms=loose)
        ordered(watched, symbol="AAPL", order_shares=50)
        for _ in range(4):
            advanced_session(watched, "risk")
        with service.store.reader() as reader:
            found = incidents(reader)
        assert found
        assert {each.principal for each in found} == {"assay"}
        assert len({each.title for each in found}) == len(found)
        again = watched_breach(watched, ACCOUNT)
    assert again is None
