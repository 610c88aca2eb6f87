"""Posts on X, by tweepy: the recent search of version 2 of its interface, one query a symbol.

An edit is a post with an id of its own; the first id of its history names the text, the time in the newest one says
since when it could be read. The search reaches back seven days and no further.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import polars as pl

from adapters.feeds.clients.answers import listed, requests_fault
from adapters.feeds.clients.way import Way
from adapters.feeds.clients.web import TIMEOUT_S, silence_telltales
from adapters.feeds.faults import BeyondReachError, MalformedError, Translation, status_fault
from adapters.feeds.files.entries import read_entries, text_of
from adapters.feeds.files.parsed import Parsed
from adapters.feeds.files.tables import joined_rejects
from adapters.feeds.line import Line
from adapters.feeds.optional import library
from adapters.feeds.source import Pace, Window, each
from adapters.feeds.texts import Text, plain_text, text_facts
from adapters.lake.domains.texts import TEXTS, X
from nodes.vocabulary.errors import AssayError, DataError

_HOST = "https://api.twitter.com"
_REACH = timedelta(days=6, hours=23)
_SETTLES = timedelta(seconds=15)
_EPOCH_MS, _TIME_BITS = 1_288_834_974_657, 22
_PAGE = 100
_ROW: Mapping[str, pl.DataType] = {
    "native_id": pl.String(),
    "body": pl.String(),
    "published_at": pl.Datetime("us", "UTC"),
    "readable_at": pl.Datetime("us", "UTC"),
}


class XFeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is wanted of X.

    Attributes:
        queries: symbols and the query that finds posts about each.
        rate: questions that we allow ourselves.
        url: where it is.
        max_pages: of a query in one run; each page is paid for.
        timeout_s: how long an answer may take.
    """

    queries: dict[str, str]
    rate: str = "60/15 minutes"
    url: str = _HOST
    max_pages: int = 10
    timeout_s: float = TIMEOUT_S


@dataclass(frozen=True)
class XPosts:
    """The posts that some queries find."""

    feed: XFeed
    key: str = field(repr=False)
    name: str = "x"

    @property
    def pace(self) -> Pace:
        """The search reaches back seven days."""
        return Pace(self.feed.rate, timedelta(hours=1), _REACH)

    @property
    def scope(self) -> str:
        """The queries."""
        return ", ".join(f"{symbol}: {query}" for symbol, query in sorted(self.feed.queries.items()))

    def fetched(self, window: Window, line: Line) -> Iterator[Parsed]:
        """The posts of the window, newest first."""
        silence_telltales()
        client = library("tweepy").Client(bearer_token=self.key, return_type=dict)
        client.session.mount(_HOST, Way(self.feed.timeout_s, self.feed.url))
        with closing(client.session):
            yield from each(
                sorted(self.feed.queries), TEXTS, self.name, lambda symbol: self._posts(client, line, symbol, window)
            )

    def _posts(self, client: Any, line: Line, symbol: str, window: Window) -> Iterator[Parsed]:  # noqa: ANN401
        what = f"x search for {symbol}"
        ask = partial(
            client.search_recent_tweets,
            self.feed.queries[symbol],
            start_time=_whole_s(max(window.from_at, window.fetched_at - _REACH)),
            end_time=_whole_s(min(window.until, window.fetched_at - _SETTLES)),
            max_results=_PAGE,
            tweet_fields=["created_at", "edit_history_tweet_ids"],
        )
        token: str | None = None
        for _ in range(self.feed.max_pages):
            answer = line.answer(partial(ask, next_token=token), _translation(what))
            yield self._page(answer, symbol, what, window)
            token = _next_token(answer, what)
            if token is None:
                return
        raise BeyondReachError(f"{what} has more than {self.feed.max_pages} pages; narrow its query or raise max_pages")

    def _page(self, answer: Any, symbol: str, what: str, window: Window) -> Parsed:  # noqa: ANN401
        if not isinstance(answer, dict):
            raise MalformedError(what, f"{type(answer).__name__} instead of an object")
        entries = read_entries(what, listed(answer.get("data", []), what), _post, _ROW)
        texts = [
            Text(X, row.pop("published_at"), symbol=symbol, url=f"https://x.com/i/status/{row['native_id']}", **row)
            for row in entries.accepted.to_dicts()
        ]
        return text_facts(self.name, texts, window, joined_rejects([entries.rejected]))


def _translation(what: str) -> Translation:
    tweepy, errors = library("tweepy"), library("requests.exceptions")
    return Translation((tweepy.TweepyException, errors.RequestException), partial(_fault, what))


def _fault(what: str, error: Exception) -> AssayError:
    if isinstance(error, library("tweepy").HTTPException):
        response: Any = error.response
        return status_fault(what, response.status_code, response.headers)
    return requests_fault(what, error)


def _next_token(answer: Mapping[str, Any], what: str) -> str | None:
    meta = answer.get("meta")
    if not isinstance(meta, dict):
        raise MalformedError(what, "no object `meta`")
    token = meta.get("next_token")
    return None if token is None else str(token)


def _post(row: Mapping[str, Any]) -> dict[str, Any]:
    own_id, created_at = _number(row, "id"), _instant(row)
    history = row.get("edit_history_tweet_ids") or [str(own_id)]
    first_id = _number({"edit_history_tweet_ids": history[0]}, "edit_history_tweet_ids")
    is_edited = first_id != own_id
    return {
        "native_id": str(first_id),
        "body": plain_text(text_of(row, "text")),
        "published_at": _made_at(first_id).replace(microsecond=0) if is_edited else created_at,
        "readable_at": _made_at(own_id) if is_edited else None,
    }


def _number(row: Mapping[str, Any], name: str) -> int:
    text = str(row.get(name))
    if not text.isascii() or not text.isdigit():
        message = f"{name} is {row.get(name)!r}, expected the number of a post; correct it at the source"
        raise DataError(message)
    return int(text)


def _instant(row: Mapping[str, Any]) -> datetime:
    text = text_of(row, "created_at")
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"created_at is {text!r}, expected a time like 2026-11-20T14:30:00.000Z; correct it at the source"
        raise DataError(message) from error
    if at.tzinfo is None:
        message = f"created_at is {text!r} without a time zone; correct it at the source"
        raise DataError(message)
    return at.astimezone(UTC)


def _made_at(post_id: int) -> datetime:
    """The time in the id of a post: milliseconds since November 2010 in its upper bits."""
    return datetime.fromtimestamp(((post_id >> _TIME_BITS) + _EPOCH_MS) / 1000, UTC)


def _whole_s(at: datetime) -> datetime:
    return at.replace(microsecond=0)
