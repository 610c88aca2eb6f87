"""The way that a client library's requests take, where it lets us set neither its host nor its time limit."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from adapters.feeds.optional import library


class Way:
    """A transport adapter of the library requests, to be mounted on a session.

    Args:
        timeout_s: how long an answer may take.
        url: the host that is asked instead of the one that the library names; None asks that one.
    """

    def __init__(self, timeout_s: float, url: str | None = None) -> None:
        self._timeout_s = timeout_s
        self._url = None if url is None else urlsplit(url)
        self._inner = library("requests.adapters").HTTPAdapter()

    def send(self, request: Any, **options: Any) -> Any:  # noqa: ANN401  # as requests calls it
        """The response to a request."""
        if self._url is not None:
            asked = urlsplit(request.url)
            request.url = urlunsplit((self._url.scheme, self._url.netloc, asked.path, asked.query, ""))
        return self._inner.send(request, **{**options, "timeout": self._timeout_s})

    def close(self) -> None:
        """Give the connections back."""
        self._inner.close()


def session(way: Way) -> Any:  # noqa: ANN401  # a session of requests
    """A session all of whose requests take one way."""
    opened = library("requests").Session()
    for scheme in ("https://", "http://"):
        opened.mount(scheme, way)
    return opened
