"""Posts on Reddit, by praw: the newest of some subreddits, about the symbols whose words they hold.

The interface lists at most the newest thousand posts of a subreddit, so one that is not fetched for long loses some; a
run that cannot reach back to its window says so. Praw asks again by itself after a fault of the server.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec
import polars as pl

from adapters.feeds.clients.answers import epoch_of, listed, requests_fault
from adapters.feeds.clients.way import Way, session
from adapters.feeds.clients.web import TIMEOUT_S, silence_telltales
from adapters.feeds.faults import (
    BeyondReachError,
    MalformedError,
    NotThereError,
    RefusedError,
    Translation,
    status_fault,
)
from adapters.feeds.files.entries import Entries, read_entries, text_of
from adapters.feeds.files.parsed import Parsed
from adapters.feeds.line import Line
from adapters.feeds.mentions import about
from adapters.feeds.optional import library
from adapters.feeds.source import Pace, Window, each
from adapters.feeds.texts import Text, plain_text, text_facts
from adapters.lake.domains.texts import REDDIT, TEXTS
from nodes.vocabulary.errors import AssayError, DataError

_PAGE, _MAX_PAGES = 100, 10
_GONE = frozenset({"[deleted]", "[removed]", ""})
_ROW: Mapping[str, pl.DataType] = {
    "native_id": pl.String(),
    "title": pl.String(),
    "body": pl.String(),
    "url": pl.String(),
    "published_at": pl.Datetime("us", "UTC"),
    "readable_at": pl.Datetime("us", "UTC"),
}


class RedditFeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is wanted of Reddit.

    Attributes:
        subreddits: whose posts.
        words: symbols and the words by which a text names them.
        user_agent: who asks; Reddit wants a name and a way to reach its owner.
        rate: questions that we allow ourselves.
        url: where tokens are had.
        api_url: where posts are.
        timeout_s: how long an answer may take.
    """

    subreddits: tuple[str, ...]
    words: dict[str, tuple[str, ...]] = {}
    user_agent: str = "python:assay-engine:0.1 (set user_agent in the settings of feeds)"
    rate: str = "60/minute"
    url: str = "https://www.reddit.com"
    api_url: str = "https://oauth.reddit.com"
    timeout_s: float = TIMEOUT_S


@dataclass(frozen=True)
class Reddit:
    """The newest posts of some subreddits."""

    feed: RedditFeed
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    name: str = "reddit"

    @property
    def pace(self) -> Pace:
        """Edits of the last two days come in again."""
        return Pace(self.feed.rate, timedelta(days=2), timedelta(days=7))

    @property
    def scope(self) -> str:
        """The subreddits and the symbols."""
        return f"{', '.join(sorted(self.feed.subreddits))}: {', '.join(sorted(self.feed.words))}"

    def fetched(self, window: Window, line: Line) -> Iterator[Parsed]:
        """The posts of the window, newest first."""
        silence_telltales()
        opened = session(Way(self.feed.timeout_s))
        client = library("praw").Reddit(
            client_id=self.client_id,
            client_secret=self.client_secret,
            user_agent=self.feed.user_agent,
            reddit_url=self.feed.url,
            oauth_url=self.feed.api_url,
            requestor_kwargs={"session": opened},
            check_for_updates=False,
        )
        with closing(opened):
            yield from each(
                sorted(self.feed.subreddits), TEXTS, self.name, lambda one: self._posts(client, line, one, window)
            )

    def _posts(self, client: Any, line: Line, subreddit: str, window: Window) -> Iterator[Parsed]:  # noqa: ANN401
        what, after = f"subreddit {subreddit}", None
        for _ in range(_MAX_PAGES):
            params = {"limit": str(_PAGE)} | ({} if after is None else {"after": after})
            ask = partial(client.request, method="GET", path=f"r/{subreddit}/new", params=params)
            entries, after = _page(line.answer(ask, _translation(what)), what)
            texts = [Text(REDDIT, row.pop("published_at"), **row) for row in entries.accepted.to_dicts()]
            recent = [one for text in texts if text.published_at >= window.from_at for one in self._about(text)]
            yield text_facts(self.name, recent, window, entries.rejected)
            if after is None or any(text.published_at < window.from_at for text in texts):
                return
        raise BeyondReachError(f"{what} has more new posts than Reddit lists; fetch it more often")

    def _about(self, text: Text) -> list[Text]:
        return about(text, self.feed.words)


def _page(answer: Any, what: str) -> tuple[Entries, str | None]:  # noqa: ANN401  # a vendor's answer
    data = answer.get("data") if isinstance(answer, dict) else None
    if not isinstance(data, dict):
        raise MalformedError(what, "no object `data` of a listing")
    children = listed(data.get("children"), what)
    after = data.get("after")
    return read_entries(what, children, _post, _ROW), None if after is None else str(after)


def _post(child: Mapping[str, Any]) -> dict[str, Any]:
    row = child.get("data")
    if not isinstance(row, dict):
        message = f"data is {row!r}, expected a post; compare with Reddit's documentation"
        raise DataError(message)
    title, body = plain_text(_said(row, "title")), plain_text(_said(row, "selftext"))
    if title is None and body is None:
        message = "the post was deleted before it was fetched; nothing to keep"
        raise DataError(message)
    return {
        "native_id": text_of(row, "name"),
        "title": title,
        "body": body,
        "url": f"https://www.reddit.com{text_of(row, 'permalink')}",
        "published_at": epoch_of(row, "created_utc"),
        "readable_at": epoch_of(row, "edited") if row.get("edited") else None,
    }


def _said(row: Mapping[str, Any], name: str) -> str | None:
    value = row.get(name)
    if value is None or value in _GONE:
        return None
    return text_of(row, name)


def _translation(what: str) -> Translation:
    return Translation((library("prawcore").PrawcoreException,), partial(_fault, what))


def _fault(what: str, error: Exception) -> AssayError:
    known: Any = library("prawcore.exceptions")
    if isinstance(error, known.RequestException):
        return requests_fault(what, error.original_exception)
    if isinstance(error, known.BadJSON):
        return MalformedError(what, "no JSON")
    if isinstance(error, known.Redirect):
        return NotThereError(what)
    if isinstance(error, known.ResponseException):
        return status_fault(what, error.response.status_code, error.response.headers)
    return RefusedError(what, type(error).__name__)
