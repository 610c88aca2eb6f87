"""Alpaca's trading REST API, asked through its own client: raw answers, and its faults in our words.

Source: https://docs.alpaca.markets/reference (orders, positions, account activities), read 2026-11.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, RequestException, Response
from requests.adapters import HTTPAdapter

from adapters.brokers.extra import broker_library
from governance.waiting import Attempt
from nodes.vocabulary.errors import EdgeError

EXTRA = "alpaca"
PAPER = "https://paper-api.alpaca.markets"
TIMEOUT_S = 4.0
_NOT_FOUND = 404
_REFUSALS = frozenset({400, 403, 422})


class RefusalError(EdgeError):
    """Alpaca understood a request and says no; where that was not asked for, it counts as no answer.

    Attributes:
        status: of its answer.
        said: its message.
    """

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"Alpaca answered {status}: {said}; look at the account at Alpaca", reason="unavailable")
        self.status = status
        self.said = said


class _Patient(HTTPAdapter):
    """Sends each request with a timeout: the client sets none, and would wait for ever."""

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:  # noqa: ANN401  # as requests has it
        options["timeout"] = options.get("timeout") or TIMEOUT_S
        return super().send(request, *args, **options)


def trading_client(address: str, key: str, secret: str) -> Any:  # noqa: ANN401  # the library's client
    """Alpaca's own client, which gives up in time and leaves trying again to the circuit that it is asked through."""
    trading = broker_library("alpaca.trading", EXTRA)
    client = trading.TradingClient(key, secret, raw_data=True, url_override=address)
    patient = _Patient()
    client._session.mount("https://", patient)  # noqa: SLF001  # the client offers no other way to set a timeout
    client._session.mount("http://", patient)  # noqa: SLF001  # as above
    client._retry = 0  # noqa: SLF001  # it would sleep for three seconds, three times, within one question
    return client


def stream_address(address: str) -> str:
    """Where the trade updates of an API are."""
    parts = urlsplit(address)
    return f"{'ws' if parts.scheme == 'http' else 'wss'}://{parts.netloc}/stream"


def answered(call: Callable[[], Any], *, is_sending: bool = False) -> Any:  # noqa: ANN401  # JSON
    """What Alpaca answers; None when it does not know what was asked about, unless something was to be sent.

    Nothing is raised from what the client met: the frames of its error hold the headers, and these the secret.

    Raises:
        RefusalError: it says no.
        EdgeError: it does not answer, not to us, or what nobody understands.
    """
    attempt = Attempt()
    with attempt:
        return call()
    error = attempt.error
    if isinstance(error, broker_library("alpaca.common.exceptions", EXTRA).APIError):
        status, said = error.status_code, _said(error)
        if status == _NOT_FOUND and not is_sending:
            return None
        if status in _REFUSALS:
            raise RefusalError(status, said)
        message = f"Alpaca answered {status}: {said}; check its status page, and ASSAY_BROKER_KEY when it says 401"
        raise EdgeError(message, reason="unavailable")
    if isinstance(error, RequestException):
        message = f"Alpaca does not answer: {type(error).__name__}; check the network and its status page"
        raise EdgeError(message, reason="unavailable")
    message = f"Alpaca's client met a {type(error).__name__}; look at Alpaca's status page, and at the client's version"
    raise EdgeError(message, reason="unavailable")


def _said(error: Any) -> str:  # noqa: ANN401  # the library's error
    """Alpaca's own words; its answer as it is where that is no JSON."""
    try:
        return str(error.message)
    except (ValueError, KeyError, TypeError):
        return str(error)[:200]
