"""The paper market goes on one session at a time, once, whoever tells it to, and leaves a day plan to order against."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from adapters.log_folder import log_folder_to_read
from api.bootstrap import open_service
from api.use_cases.day_plan import newest_day_plan
from api.use_cases.market import advanced_session, market_session
from api.use_cases.service import Service
from governance.entries import EntryKind
from nodes.journal.account import account_from_bytes
from nodes.vocabulary.errors import EdgeError
from tests.api.use_cases.homes import entries
from tests.api.use_cases.services import ACCOUNT, ordered, paper_settings, service_at

FIRST_ON, SECOND_ON = date(2013, 1, 2), date(2013, 1, 3)


@pytest.fixture
def service(lake: Lake, tmp_path: Path) -> Iterator[Service]:
    with service_at(tmp_path / "home", lake) as served:
        yield served


def _stands_on(service: Service) -> date | None:
    with service.store.reader() as reader:
        return market_session(service, reader, ACCOUNT).session_on


def test_the_first_start_runs_the_first_session_and_the_second_start_none(lake: Lake, tmp_path: Path) -> None:
    with service_at(tmp_path / "home", lake) as service:
        assert _stands_on(service) == FIRST_ON
    with service_at(tmp_path / "home", lake) as service:
        assert len(entries(service.store, EntryKind.PLAN)) == 1
    assert log_folder_to_read(tmp_path / "home").verification().is_intact


def test_a_day_plan_read_back_from_the_log_is_the_one_that_was_made(service: Service) -> None:
    (advance,) = advanced_session(service, "assay")
    with service.store.reader() as reader:
        assert newest_day_plan(reader, ACCOUNT) == advance.plan


def test_a_day_plan_can_be_read_as_of_an_earlier_close(service: Service) -> None:
    advanced_session(service, "assay")
    with service.store.reader() as reader:
        plan = newest_day_plan(reader, ACCOUNT, as_of=service.lake.calendar.close(FIRST_ON))
        assert newest_day_plan(reader, "nobody") is None
    assert plan is not None
    assert plan.session_on == FIRST_ON


def test_a_day_plan_names_what_it_wants_of_each_share(service: Service) -> None:
    with service.store.reader() as reader:
        plan = newest_day_plan(reader, ACCOUNT)
    assert plan is not None
    assert (plan.policy, plan.version) == ("us-equities", 1)
    wanted = {row.symbol: row for row in plan.rows.values()}
    assert wanted["FB"].target_shares is None
    assert wanted["IBM"].candidate_order_shares == wanted["IBM"].target_shares
    assert wanted["IBM"].fields["proposed_order_shares"] == wanted["IBM"].candidate_order_shares


def test_told_twice_to_go_on_from_one_session_the_market_goes_on_once(service: Service) -> None:
    (first,) = advanced_session(service, "alice", FIRST_ON)
    (second,) = advanced_session(service, "bob", FIRST_ON)
    assert (first.is_new, second.is_new, second.plan) == (True, False, first.plan)
    assert _stands_on(service) == SECOND_ON


def test_two_workers_that_go_on_at_once_go_on_once(lake: Lake, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with service_at(home, lake) as one, open_service(paper_settings(home), lake) as two, ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda service: advanced_session(service, "assay", FIRST_ON)[0], (one, two)))
        assert sorted(advance.is_new for advance in found) == [False, True]
        assert found[0].plan == found[1].plan
        assert ordered(two, "of two").plan_entry == ordered(one, "of one").plan_entry == found[0].plan.entry_id


def test_an_order_after_another_worker_moved_on_is_decided_against_the_newer_plan(lake: Lake, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with service_at(home, lake) as one, open_service(paper_settings(home), lake) as two:
        before = ordered(one, "before").as_of
        advanced_session(two, "assay")
        assert ordered(one, "after").as_of == two.lake.calendar.close(SECOND_ON) > before


def test_an_order_decided_in_one_session_is_filled_in_the_next(service: Service) -> None:
    ordered(service)
    advanced_session(service, "assay")
    with service.store.reader() as reader:
        row = reader.account(ACCOUNT)
    assert row is not None
    assert account_from_bytes(row.content).position_shares("IBM") == 100
    assert len(entries(service.store, EntryKind.FILL)) == 1


def test_the_market_ends_with_the_bars(lake: Lake, tmp_path: Path) -> None:
    with (
        service_at(tmp_path / "home", lake, market_on=lake.last_on) as service,
        pytest.raises(EdgeError, match="the bars end at 2013-03-01; there is no later session"),
    ):
        advanced_session(service, "assay")
