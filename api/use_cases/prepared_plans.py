"""What is made ready before anybody asks for it: the day plans of a policy that is to become active.

A policy that computes other targets needs a session run for each account. They are made before its activation, from
the accounts as they are then, and appended with it, so that no order waits for them. An account that moves meanwhile,
or for which there was no time, gets its plan when its next order is put back (`api.use_cases.planning`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from api.use_cases.desk import ActiveGeneration
from api.use_cases.planning import PLANNER, PlannedRun, replanned
from api.use_cases.service import Service
from api.use_cases.session_models import computation, session_model
from api.use_cases.sessions import account_run
from dataflows.engine.run import Runner
from governance.ports import Transaction
from nodes.journal.account import AccountState, account_from_bytes

PREPARE_S = 0.5
"""How long an activation may be held up by session runs: a saved policy is to be active within a second."""


def prepared_runs(service: Service, session: Runner, within_s: float = PREPARE_S) -> dict[str, PlannedRun]:
    """Session runs under another session plan, by account: of those whose day plan that plan would not have made.

    Not for use inside an append.

    Args:
        service: whose accounts they are.
        session: runs the session plan.
        within_s: for how long to go on; the accounts that are left then go without.
    """
    until_s, runs = time.monotonic() + within_s, dict[str, PlannedRun]()
    champions = service.generations.current.champions
    wanted = computation(session.plan, champions)
    for state in _states(service):
        if time.monotonic() >= until_s:
            break
        if state.decided_on is not None and _computed_otherwise(service, state, wanted):
            as_of = service.lake.calendar.close(state.decided_on)
            model = session_model(service.store, session.plan, champions, state.decided_on)
            run = account_run(session, service.lake, state, as_of, service.salt_key(), model)
            runs[state.account_id] = PlannedRun(state, run, wanted)
    return runs


def appended_runs(
    service: Service, active: ActiveGeneration, transaction: Transaction, runs: Mapping[str, PlannedRun]
) -> None:
    """Make day plans of session runs, in the append that made their generation active."""
    for account_id, planned in runs.items():
        replanned(service, service.desk_under(active, account_id, PLANNER), transaction, planned)


def kept_up(service: Service) -> None:
    """Make ready what other workers brought: the generation that the log runs, and day plans. Not inside an append."""
    with service.store.reader() as reader:
        service.generations.look(reader)
    service.day_plans.read_newer(service.store, service.accounts)


def _states(service: Service) -> list[AccountState]:
    with service.store.reader() as reader:
        rows = [reader.account(account_id) for account_id in service.accounts]
    return [account_from_bytes(row.content) for row in rows if row is not None]


def _computed_otherwise(service: Service, state: AccountState, wanted: bytes) -> bool:
    """Whether an account's day plan was computed by something else than is wanted, as far as is known here."""
    plan = None if state.plan_trace is None else service.day_plans.known(state.account_id, state.plan_trace)
    return plan is None or plan.computation_digest != wanted
