"""A service gives desks for the accounts that it serves, and writes to logs that may be written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from api.use_cases.service import Service
from nodes.vocabulary.errors import EdgeError
from tests.api.use_cases.services import ACCOUNT, ordered, service_at


@pytest.fixture
def service(lake: Lake, tmp_path: Path) -> Iterator[Service]:
    with service_at(tmp_path / "home", lake) as served:
        yield served


def test_a_desk_is_of_the_account_and_of_who_asks(service: Service) -> None:
    desk = service.desk(ACCOUNT, "alice")
    assert (desk.account_id, desk.principal, desk.active) == (ACCOUNT, "alice", service.generations.current)


def test_an_account_that_is_not_served_has_no_desk(service: Service) -> None:
    with pytest.raises(EdgeError, match="account 'nobody' is not served here; name one of paper") as raised:
        service.desk("nobody", "alice")
    assert raised.value.reason == "unknown-account"


def test_a_log_that_may_only_be_read_takes_no_order(service: Service) -> None:
    with pytest.raises(EdgeError, match="is open for reading only") as raised:
        ordered(replace(service, is_read_only=True))
    assert raised.value.reason == "read-only-log"
