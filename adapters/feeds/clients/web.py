"""Plain questions over HTTP, for vendors whose interface is its own documentation; and the silence about keys."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec

from adapters.feeds.faults import MalformedError, Translation, UnreachableError, status_fault
from adapters.feeds.line import Line
from adapters.feeds.optional import library
from nodes.vocabulary.errors import AssayError

AGENT = "assay-engine/0.1"
TIMEOUT_S = 15.0
_MAX_BYTES = 64 * 2**20
_TELLTALES = ("httpx", "httpcore", "urllib3", "tweepy", "prawcore", "oauthlib", "requests_oauthlib", "yfinance")


def silence_telltales() -> None:
    """Keep libraries from logging the addresses that they ask: some vendors take their key as part of it."""
    for name in _TELLTALES:
        logging.getLogger(name).setLevel(logging.WARNING)


class Web:
    """A client of one vendor."""

    def __init__(self, what: str, line: Line, timeout_s: float = TIMEOUT_S) -> None:
        silence_telltales()
        httpx = library("httpx")
        self._what = what
        self._line = line
        self._httpx = httpx
        self._client = httpx.Client(timeout=timeout_s, follow_redirects=True, headers={"User-Agent": AGENT})

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def content(self, url: str, params: Mapping[str, str] | None = None, what: str | None = None) -> bytes:
        """The body of an answer. Raises the faults of `adapters.feeds.faults`."""
        named = what or self._what
        translation = Translation(
            (self._httpx.HTTPError, self._httpx.InvalidURL), lambda error: self._fault(named, error)
        )
        return self._line.answer(lambda: self._asked(url, params, named), translation)

    def _asked(self, url: str, params: Mapping[str, str] | None, named: str) -> bytes:
        body = bytearray()
        with self._client.stream("GET", url, params=params) as response:
            response.raise_for_status()
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > _MAX_BYTES:
                    raise MalformedError(named, f"more than {_MAX_BYTES} bytes")
        return bytes(body)

    def _fault(self, named: str, error: Exception) -> AssayError:
        if isinstance(error, self._httpx.HTTPStatusError):
            return status_fault(named, error.response.status_code, error.response.headers)
        if isinstance(error, self._httpx.DecodingError):
            return MalformedError(named, "a body that is not compressed as it says")
        return UnreachableError(named, type(error).__name__)


@contextmanager
def web(what: str, line: Line, timeout_s: float = TIMEOUT_S) -> Iterator[Web]:
    """A client that gives its connections back."""
    client = Web(what, line, timeout_s)
    try:
        yield client
    finally:
        client.close()


def json_of(body: bytes, what: str) -> Any:  # noqa: ANN401  # a vendor's answer
    """The value of a JSON body. Raises MalformedError when it is none."""
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise MalformedError(what, f"no JSON ({error})") from error
