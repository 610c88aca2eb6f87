"""What vendors' answers have in common."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from adapters.feeds.clients.answers import epoch_of, listed, requests_fault
from adapters.feeds.faults import MalformedError, ThrottledError, UnreachableError
from nodes.vocabulary.errors import DataError


def test_the_entries_of_a_list_know_their_place() -> None:
    entries = list(listed([{"a": 1}, 5], "vendor"))
    assert [(entry.row, entry.place) for entry in entries] == [({"a": 1}, "[0]"), ({"entry": 5}, "[1]")]


def test_what_is_no_list_is_malformed() -> None:
    with pytest.raises(MalformedError, match="vendor answered what cannot be read: NoneType instead of a list"):
        list(listed(None, "vendor"))


def test_an_epoch_is_an_instant() -> None:
    assert epoch_of({"at": 1795185000}, "at") == datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize("value", [0, -5, 1e30, "soon", None, float("nan"), True])
def test_what_is_no_epoch_is_refused(value: Any) -> None:
    with pytest.raises(DataError, match="at is"):
        epoch_of({"at": value}, "at")


def test_exceptions_of_requests_say_what_to_do() -> None:
    throttled = requests.Response()
    throttled.status_code, throttled.headers["Retry-After"] = 429, "7"
    fault = requests_fault("vendor", requests.HTTPError(response=throttled))
    assert isinstance(fault, ThrottledError)
    assert fault.retry_after_s == 7
    assert isinstance(requests_fault("vendor", requests.ReadTimeout("https://v/?key=s")), UnreachableError)
    assert isinstance(requests_fault("vendor", requests.JSONDecodeError("no", "", 0)), MalformedError)
