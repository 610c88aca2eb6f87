"""A process keeps the newest plan of each account; an append asks for what is known, others read what is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from adapters.lake.lake import Lake
from api.bootstrap import open_service
from api.use_cases.day_plan import DayPlans, newest_day_plan, newest_day_plans
from api.use_cases.market import advanced_session, opened_market
from governance.entries import EntryKind
from tests.api.use_cases.homes import entries
from tests.api.use_cases.services import ACCOUNT, paper_settings, service_at


def test_a_plan_is_known_once_it_was_read_from_the_log(lake: Lake, tmp_path: Path) -> None:
    plans = DayPlans()
    with service_at(tmp_path / "home", lake) as service:
        with service.store.reader() as reader:
            newest = newest_day_plan(reader, ACCOUNT)
        assert newest is not None
        assert plans.known(ACCOUNT, newest.trace) is None
        plans.read(service.store, [ACCOUNT])
        assert plans.known(ACCOUNT, newest.trace) == newest
        assert plans.known(ACCOUNT, b"another trace") is None


def test_a_plan_that_was_made_computes_what_its_archive_says(lake: Lake, tmp_path: Path) -> None:
    """The digest that lets rows be used again comes out the same live and from the archived manifest."""
    with service_at(tmp_path / "home", lake) as service:
        with service.store.reader() as reader:
            newest = newest_day_plan(reader, ACCOUNT)
        assert newest is not None
        generation = service.generations.current.generation
        assert newest.computation_digest == generation.session.computation_digest != generation.session.digest
        assert service.day_plans.known(ACCOUNT, newest.trace) == newest


def test_the_newest_plan_of_every_account_is_found_in_one_go(lake: Lake, tmp_path: Path) -> None:
    with service_at(tmp_path / "home", lake, accounts=("one", "two")) as service:
        advanced_session(service, "assay")
        with service.store.reader() as reader:
            found = list(newest_day_plans(reader, ("one", "two", "of nobody")))
            assert list(newest_day_plans(reader, ())) == []
            assert found == [newest_day_plan(reader, account_id) for account_id in ("two", "one")]


def test_all_plans_are_known_when_a_market_was_opened_again(lake: Lake, tmp_path: Path) -> None:
    """No first order of an account waits for its plan after a restart."""
    settings = paper_settings(tmp_path / "home", accounts=("one", "two"))
    with service_at(tmp_path / "home", lake, accounts=("one", "two")) as service:
        plans = {
            plan.facts["account_id"]: plan.facts["trace_digest"] for plan in entries(service.store, EntryKind.PLAN)
        }
    with open_service(settings, lake) as again:
        opened_market(again, "assay")
        assert all(again.day_plans.known(account_id, trace) is not None for account_id, trace in plans.items())
        assert set(plans) == {"one", "two"}


def test_only_what_is_new_in_the_log_is_read_again(lake: Lake, tmp_path: Path) -> None:
    with service_at(tmp_path / "home", lake) as service:
        (plan,) = advanced_session(service, "assay")
        plans = DayPlans()
        plans.read_newer(service.store, [ACCOUNT, "of nobody"])
        assert plans.known(ACCOUNT, plan.plan.trace) == plan.plan
        plans.keep(replace(plan.plan, trace=b"made here meanwhile"))
        plans.read_newer(service.store, [ACCOUNT])
        assert plans.known(ACCOUNT, b"made here meanwhile") is not None
