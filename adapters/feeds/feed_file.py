"""The file that says which feeds are wanted, and the keys that they need.

A YAML document with a section a feed, each as its client adapter describes it; what is not there is not collected. Keys
never stand in it: they come from the settings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import msgspec
import polars as pl
import yaml

from adapters.feeds.clients.edgar import Edgar, EdgarFeed
from adapters.feeds.clients.finnhub import Finnhub, FinnhubFeed
from adapters.feeds.clients.fred import Fred, FredFeed
from adapters.feeds.clients.reddit import Reddit, RedditFeed
from adapters.feeds.clients.rss import Rss, RssFeed
from adapters.feeds.clients.x import XFeed, XPosts
from adapters.feeds.clients.yahoo import Yahoo, YahooFeed
from adapters.feeds.source import Source
from nodes.vocabulary.errors import EdgeError


class FeedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The feeds that are wanted."""

    yahoo: YahooFeed | None = None
    finnhub: FinnhubFeed | None = None
    edgar: EdgarFeed | None = None
    reddit: RedditFeed | None = None
    x: XFeed | None = None
    rss: RssFeed | None = None
    fred: FredFeed | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The feeds that it has a section for."""
        return tuple(name for name in self.__struct_fields__ if getattr(self, name) is not None)


@dataclass(frozen=True, slots=True)
class FeedKeys:
    """What the vendors know us by. None where we have no account.

    Attributes:
        finnhub: API key.
        fred: API key.
        x: bearer token.
        reddit_id: of the registered application.
        reddit_secret: its secret.
        edgar: name and mail address of who asks.
    """

    finnhub: str | None = field(default=None, repr=False)
    fred: str | None = field(default=None, repr=False)
    x: str | None = field(default=None, repr=False)
    reddit_id: str | None = field(default=None, repr=False)
    reddit_secret: str | None = field(default=None, repr=False)
    edgar: str | None = None


def feed_file(text: bytes, place: str) -> FeedFile:
    """The file in a text. Raises EdgeError when it is none."""
    try:
        content = yaml.safe_load(text)
        return msgspec.convert(content if content is not None else {}, FeedFile)
    except (yaml.YAMLError, msgspec.ValidationError, UnicodeDecodeError) as error:
        message = f"{place} does not describe feeds: {error}; correct it as docs/guides/feeds.md has it"
        raise EdgeError(message) from error


def source_of(name: str, wanted: FeedFile, keys: FeedKeys, leases: pl.DataFrame) -> Source:
    """The source of a feed. Raises EdgeError when it is not wanted, unknown, or a key is missing.

    Args:
        name: of the feed.
        wanted: the file.
        keys: of the vendors.
        leases: which security a ticker names on which days.
    """
    if name not in wanted.names:
        known = f"it describes {', '.join(wanted.names) or 'none'}; add a section {name!r}"
        problem = "is no feed" if name not in _SOURCES else "is not described in the file of feeds"
        message = f"{name!r} {problem}; {known if name in _SOURCES else 'use one of ' + ', '.join(_SOURCES)}"
        raise EdgeError(message)
    return _SOURCES[name](wanted, keys, leases)


def _needed(key: str | None, name: str) -> str:
    if key is None:
        message = f"this feed needs a key that is not set; set ASSAY_{name.upper()}"
        raise EdgeError(message)
    return key


def _reddit(wanted: FeedFile, keys: FeedKeys) -> Source:
    client_id, secret = _needed(keys.reddit_id, "reddit_id"), _needed(keys.reddit_secret, "reddit_secret")
    return Reddit(wanted.reddit or RedditFeed(subreddits=()), client_id, secret)


_SOURCES: Mapping[str, Callable[[FeedFile, FeedKeys, pl.DataFrame], Source]] = MappingProxyType(
    {
        "yahoo": lambda wanted, _, leases: Yahoo(wanted.yahoo or YahooFeed(symbols=()), leases),
        "finnhub": lambda wanted, keys, _: Finnhub(
            wanted.finnhub or FinnhubFeed(symbols=()), _needed(keys.finnhub, "finnhub_key")
        ),
        "edgar": lambda wanted, keys, _: Edgar(
            wanted.edgar or EdgarFeed(companies={}), _needed(keys.edgar, "edgar_identity")
        ),
        "reddit": lambda wanted, keys, _: _reddit(wanted, keys),
        "x": lambda wanted, keys, _: XPosts(wanted.x or XFeed(queries={}), _needed(keys.x, "x_bearer_token")),
        "rss": lambda wanted, _keys, _leases: Rss(wanted.rss or RssFeed(feeds={})),
        "fred": lambda wanted, keys, _: Fred(wanted.fred or FredFeed(series={}), _needed(keys.fred, "fred_key")),
    }
)
FEEDS = tuple(_SOURCES)
"""The feeds that there are."""
