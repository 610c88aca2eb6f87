"""The watch over value at risk while the paper market moves on: a breach opens an incident as it happens."""

from __future__ import annotations

from api.use_cases.incidents import Incident
from api.use_cases.model_desk import serving_desk
from api.use_cases.persons import CLOCKWORK
from api.use_cases.risk import RiskBacktest, RiskDesk, recorded_breaches
from api.use_cases.risk_book import books
from api.use_cases.risk_measures import backtests
from api.use_cases.service import Service


def watched_breach(service: Service, account_id: str) -> Incident | None:
    """The incident of an account's newest session; None where it lost no more than had been told at the close before.

    Only the incident method of the terms is asked. A session that has its incident already gets no other.
    """
    policy, terms = service.generations.current.generation.policy, service.risk_terms
    desk = RiskDesk(service.lake, policy, terms.model_copy(update={"methods": (terms.incident_method,)}), account_id)
    with service.store.reader() as reader:
        newest = books(reader, account_id)[-2:]
    if len(newest) < 2:  # noqa: PLR2004  # a session is held against the close before it
        return None
    found = RiskBacktest(
        account_id, terms.value_at_risk_level_frac, terms.incident_method, backtests(desk.past, newest, desk.terms)
    )
    opened, _ = recorded_breaches(desk, serving_desk(service), found, CLOCKWORK)
    return opened[0] if opened else None
