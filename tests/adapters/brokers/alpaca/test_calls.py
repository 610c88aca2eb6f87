"""What Alpaca's client meets, in our words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from requests import ConnectTimeout, HTTPError, Response

from adapters.brokers.alpaca.calls import RefusalError, answered, stream_address, trading_client
from adapters.brokers.extra import broker_library
from nodes.vocabulary.errors import EdgeError


def failing(status: int, said: str) -> Callable[[], Any]:
    response = Response()
    response.status_code = status

    def call() -> Any:
        raise broker_library("alpaca.common.exceptions", "alpaca").APIError(said, HTTPError(response=response))

    return call


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://paper-api.alpaca.markets", "wss://paper-api.alpaca.markets/stream"),
        ("http://127.0.0.1:80", "ws://127.0.0.1:80/stream"),
    ],
)
def test_the_stream_is_beside_the_api(address: str, expected: str) -> None:
    assert stream_address(address) == expected


def test_what_alpaca_does_not_know_is_none_unless_it_was_to_be_sent() -> None:
    assert answered(failing(404, '{"message": "order not found"}')) is None
    with pytest.raises(EdgeError, match="Alpaca answered 404: order not found"):
        answered(failing(404, '{"message": "order not found"}'), is_sending=True)


@pytest.mark.parametrize(("status", "said"), [(403, '{"message": "no"}'), (422, '{"code": 1}'), (400, "<html>")])
def test_a_refusal_is_told_from_an_outage(status: int, said: str) -> None:
    with pytest.raises(RefusalError, match=r"no|code|html") as caught:
        answered(failing(status, said))
    assert caught.value.status == status


def test_a_network_that_fails_is_an_outage() -> None:
    def call() -> Any:
        raise ConnectTimeout

    with pytest.raises(EdgeError, match="Alpaca does not answer: ConnectTimeout") as caught:
        answered(call)
    assert caught.value.reason == "unavailable"


def test_what_nobody_foresaw_is_told_without_the_frames_that_hold_the_secret() -> None:
    def call() -> Any:
        raise ValueError

    with pytest.raises(EdgeError, match="Alpaca's client met a ValueError") as caught:
        answered(call)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_the_client_waits_neither_for_ever_nor_to_try_again() -> None:
    client = trading_client("http://127.0.0.1:9", "key", "secret")
    assert client._retry == 0
    assert type(client._session.get_adapter("http://x")).__name__ == "_Patient"
