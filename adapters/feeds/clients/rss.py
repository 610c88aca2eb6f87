"""News by RSS, Atom and JSON Feed: whatever a publisher offers at an address, read by feedparser.

A feed that is not well formed is read as far as it goes, and what is wrong with it is told. An entry without a time of
publication is set aside: nobody could say when it was known. One that states a day only is known from the opening of
the next session.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import polars as pl

from adapters.feeds.clients.web import TIMEOUT_S, Web, json_of, web
from adapters.feeds.faults import MalformedError
from adapters.feeds.files.parsed import Parsed
from adapters.feeds.files.tables import joined_rejects, no_rejects, reject
from adapters.feeds.line import Line
from adapters.feeds.mentions import about
from adapters.feeds.optional import library
from adapters.feeds.source import Pace, Window, each
from adapters.feeds.texts import Text, plain_text, text_facts
from adapters.lake.domains.texts import NEWS, TEXTS
from adapters.lake.session_instants import next_opens
from nodes.vocabulary.errors import DataError

_NO_TIME = "states no time of publication; without one nobody knows when it was known"


class RssFeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Which feeds are wanted.

    Attributes:
        feeds: name and address of each.
        words: symbols and the words by which a text names them.
        rate: questions that we allow ourselves.
        timeout_s: how long an answer may take.
    """

    feeds: dict[str, str]
    words: dict[str, tuple[str, ...]] = {}
    rate: str = "30/minute"
    timeout_s: float = TIMEOUT_S


@dataclass(frozen=True)
class Rss:
    """The news of some feeds."""

    feed: RssFeed
    name: str = "rss"

    @property
    def pace(self) -> Pace:
        """A feed gives its newest entries, whatever the window; those within the reach are kept."""
        return Pace(self.feed.rate, timedelta(days=2), timedelta(days=30))

    @property
    def scope(self) -> str:
        """The feeds and the symbols."""
        return f"{', '.join(sorted(self.feed.feeds))}: {', '.join(sorted(self.feed.words))}"

    def fetched(self, window: Window, line: Line) -> Iterator[Parsed]:
        """The entries that each feed holds now."""
        with web(self.name, line, self.feed.timeout_s) as client:
            yield from each(sorted(self.feed.feeds), TEXTS, self.name, lambda one: self._entries(client, one, window))

    def _entries(self, client: Web, feed: str, window: Window) -> Iterator[Parsed]:
        body = client.content(self.feed.feeds[feed], what=f"feed {feed}")
        entries = _json_entries(body, feed) if body.lstrip()[:1] == b"{" else _xml_entries(body, feed)
        texts: list[Text] = []
        rejects = [entries.rejected]
        for number, entry in enumerate(entries.rows, 1):
            try:
                text = _text(entry)
            except DataError as error:
                rejects.append(reject(feed, number, "published", str(entry.get("title") or ""), str(error)))
                continue
            if text.published_at >= window.fetched_at - self.pace.reach:
                texts += about(text, self.feed.words)
        yield text_facts(self.name, texts, window, joined_rejects(rejects))


@dataclass(frozen=True)
class _Entries:
    rows: list[Mapping[str, Any]]
    rejected: pl.DataFrame


def _xml_entries(body: bytes, feed: str) -> _Entries:
    parsed = library("feedparser").parse(body, sanitize_html=False, resolve_relative_uris=False)
    if not parsed.get("version") and not parsed.entries:
        raise MalformedError(f"feed {feed}", "neither RSS nor Atom nor JSON Feed")
    rejected = no_rejects()
    if parsed.bozo and not isinstance(parsed.bozo_exception, library("feedparser").CharacterEncodingOverride):
        rejected = reject(feed, 0, "", "", f"is not well formed: {parsed.bozo_exception}; read as far as it goes")
    # As plain dicts: feedparser's own stand in for missing fields with others.
    return _Entries([_of_xml(dict(entry)) for entry in parsed.entries], rejected)


def _of_xml(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    contents = entry.get("content") or ()
    return {
        "title": entry.get("title"),
        "body": contents[0].get("value") if contents else entry.get("summary"),
        "url": entry.get("link"),
        "published": entry.get("published") or entry.get("updated"),
        "published_at": _utc(entry.get("published_parsed") or entry.get("updated_parsed")),
        "updated_at": _utc(entry.get("updated_parsed")),
    }


def _json_entries(body: bytes, feed: str) -> _Entries:
    content = json_of(body, f"feed {feed}")
    items = content.get("items") if isinstance(content, dict) else None
    if not isinstance(items, list):
        raise MalformedError(f"feed {feed}", "no list `items` of a JSON Feed")
    good = [item for item in items if isinstance(item, dict)]
    rejects = [
        reject(feed, n, "", repr(item), "is no object; compare with jsonfeed.org")
        for n, item in enumerate(items, 1)
        if not isinstance(item, dict)
    ]
    return _Entries([_of_json(item) for item in good], joined_rejects([no_rejects(), *rejects]))


def _of_json(item: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "title": item.get("title"),
        "body": item.get("content_text") or item.get("content_html") or item.get("summary"),
        "url": item.get("url"),
        "published": item.get("date_published"),
        "published_at": _instant(item.get("date_published")),
        "updated_at": _instant(item.get("date_modified")),
    }


def _text(entry: Mapping[str, Any]) -> Text:
    published_at, title = entry["published_at"], plain_text(entry["title"])
    body = plain_text(entry["body"])
    if published_at is None:
        raise DataError(f"published is {entry['published']!r}: it {_NO_TIME}")
    if title is None and body is None:
        raise DataError("has neither title nor words; nothing to keep")
    updated_at = entry["updated_at"]
    is_day_only = ":" not in str(entry["published"])
    readable_at = _opening_after(published_at.date()) if is_day_only else updated_at
    return Text(NEWS, published_at, None, None, title, body, entry["url"], readable_at)


def _opening_after(on: date) -> datetime:
    opening: datetime = next_opens(pl.Series([on])).item()
    return opening


def _utc(parsed: Any) -> datetime | None:  # noqa: ANN401  # feedparser's struct_time
    return None if parsed is None else datetime.fromtimestamp(calendar.timegm(parsed), UTC)


def _instant(text: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo is not None else None
