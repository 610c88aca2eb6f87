"""A process keeps the newest plan of each account, and reads what it does not know from the log."""

from __future__ import annotations

from pathlib import Path

from adapters.lake.lake import Lake
from api.use_cases.day_plan import DayPlans, newest_day_plan
from tests.api.use_cases.services import ACCOUNT, service_at


def test_a_plan_is_read_from_the_log_once_and_then_known(lake: Lake, tmp_path: Path) -> None:
    plans = DayPlans()
    with service_at(tmp_path / "home", lake) as service:
        with service.store.reader() as reader:
            newest = newest_day_plan(reader, ACCOUNT)
        assert newest is not None
        found = plans.plan(service.store, ACCOUNT, newest.trace)
        assert found == newest
        assert plans.plan(service.store, ACCOUNT, newest.trace) is found
        assert plans.plan(service.store, ACCOUNT, b"another trace") is None
