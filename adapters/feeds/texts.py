"""Texts as facts: who wrote when is taken from the text, when it could be read from what earlier fetches brought.

A publisher's stamp is a claim. A text that a fetch made after its stamp did not bring was not there yet, whatever it
says; it is known from the fetch that brought it. The same news under several addresses is one text.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from adapters.feeds.files.parsed import Parsed
from adapters.feeds.files.tables import no_rejects
from adapters.feeds.source import Window
from adapters.lake.domains.texts import TEXTS
from adapters.lake.facts.domain import INSTANT
from adapters.lake.facts.store import FactStore

_SAME_NEWS = timedelta(days=3)
_TAG = re.compile(r"<[^<>]*>")
_SPACE = re.compile(r"\s+")
_NO_WORD = re.compile(r"[^\w$%]+")
_MAX_BODY_CHARS = 200_000
_ROW = pl.Schema({**TEXTS.keys, **TEXTS.values, "event_at": INSTANT, "known_at": INSTANT})


@dataclass(frozen=True, slots=True)
class Text:
    """A text about one symbol, or about none.

    Attributes:
        channel: news, reddit, x or filing.
        published_at: its publisher's stamp.
        native_id: the publisher's own id; None identifies it by its title, so that copies elsewhere are the same text.
        symbol: what it is about.
        title: its headline.
        body: its words.
        url: where it stands.
        readable_at: when its present words could first be read, where that is later: an edit, a day without a time.
    """

    channel: str
    published_at: datetime
    native_id: str | None = None
    symbol: str | None = None
    title: str | None = None
    body: str | None = None
    url: str | None = None
    readable_at: datetime | None = None

    @property
    def text_id(self) -> str:
        """Digest of channel, symbol, and native id or the words of its title."""
        identity = self.native_id or _words(self.title or self.body or "")
        content = "\x1f".join((self.channel, self.symbol or "", identity))
        return hashlib.sha256(content.encode()).hexdigest()[:32]


def plain_text(marked_up: str | None) -> str | None:
    """The words of a text that may be HTML; None when there are none."""
    if marked_up is None:
        return None
    words = _SPACE.sub(" ", html.unescape(_TAG.sub(" ", marked_up))).strip()
    return words[:_MAX_BODY_CHARS] or None


def text_facts(source: str, texts: Iterable[Text], window: Window, rejected: pl.DataFrame | None = None) -> Parsed:
    """Facts of the domain `texts`, copies of one text left out."""
    rows = [_row(text, window) for text in texts]
    facts = pl.DataFrame(rows, schema=_ROW, orient="row").sort("event_at", maintain_order=True)
    return Parsed(TEXTS, source, _once(facts), no_rejects() if rejected is None else rejected)


def without_copies(store: FactStore, part: Parsed, now: datetime) -> Parsed:
    """The texts that the lake does not hold as a copy of about the same time."""
    if part.facts.is_empty():
        return part
    ids = pl.col("text_id").is_in(part.facts["text_id"].implode())
    held = store.as_of(TEXTS, now, where=ids).select("text_id", held_at="event_at").collect()
    pairs = part.facts.select("text_id", "event_at").join(held, on="text_id")
    is_copy = (pl.col("held_at") != pl.col("event_at")) & ((pl.col("held_at") - pl.col("event_at")).abs() <= _SAME_NEWS)
    copies = pairs.filter(is_copy).select("text_id", "event_at").unique()
    kept = part.facts.join(copies, on=["text_id", "event_at"], how="anti", maintain_order="left")
    return Parsed(part.domain, part.source, kept, part.rejected)


def _row(text: Text, window: Window) -> tuple[object, ...]:
    body = None if text.body is None else text.body[:_MAX_BODY_CHARS]
    values = (text.channel, text.symbol, text.title, body, text.url, text.published_at)
    return (text.text_id, *values, text.published_at, _known_at(text, window))


def _known_at(text: Text, window: Window) -> datetime:
    if window.seen_until is not None and text.published_at < window.seen_until:
        return max(text.published_at, window.fetched_at)
    return text.published_at if text.readable_at is None else max(text.published_at, text.readable_at)


def _once(facts: pl.DataFrame) -> pl.DataFrame:
    """The first of each text within the time in which the same words are the same news."""
    since = (pl.col("event_at") - pl.col("event_at").shift(1).over("text_id")).fill_null(_SAME_NEWS * 2)
    return facts.filter(since > _SAME_NEWS)


def _words(title: str) -> str:
    return _NO_WORD.sub(" ", unicodedata.normalize("NFKC", title).casefold()).strip()
