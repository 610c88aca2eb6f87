"""The line to IB's gateway connects when it is asked, anew when it was lost, and ends."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.brokers.interactive_brokers.line import Line
from nodes.vocabulary.errors import EdgeError
from tests.adapters.brokers.interactive_brokers.gateway import Gateway, served


async def _accounts(client: Any) -> list[str]:
    found: list[str] = client.managedAccounts()
    return found


async def _never(_client: Any) -> None:
    raise TimeoutError


def test_a_line_connects_when_it_is_asked_and_again_after_it_failed() -> None:
    gateway = Gateway()
    with served(gateway) as address:
        line = Line(address, 3, lambda: None)
        assert gateway.writers == []
        assert line.asked(_accounts) == ["DU123"]
        with pytest.raises(EdgeError, match=r"the IB gateway at 127\.0\.0\.1:[0-9]+ does not answer: TimeoutError"):
            line.asked(_never)
        assert line.asked(_accounts) == ["DU123"]
        line.close()
    assert not line._thread.is_alive()


@pytest.mark.parametrize("address", ["", "host", ":4002", "host:port"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(EdgeError, match="is no host:port; name the gateway"):
        Line(address, 3, lambda: None)
