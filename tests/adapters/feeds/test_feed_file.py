"""The file that says which feeds are wanted."""

from __future__ import annotations

import pytest

from adapters.feeds.feed_file import FEEDS, FeedKeys, feed_file, source_of
from adapters.feeds.files.leases import no_leases
from nodes.vocabulary.errors import EdgeError

ALL = b"""
yahoo: {symbols: [AAPL]}
finnhub: {symbols: [AAPL], rate: 30/minute}
edgar: {companies: {AAPL: 320193}}
reddit: {subreddits: [stocks], words: {AAPL: [Apple]}}
x: {queries: {AAPL: $AAPL}}
rss: {feeds: {wire: https://example.org/feed}}
fred: {series: {GDP: billion_usd, UNRATE: null}}
"""
KEYS = FeedKeys(
    finnhub="k1",
    fred="k2",
    x="k3",
    reddit_id="k4",
    reddit_secret="k5",  # noqa: S106  # of nobody
    edgar="Ann ann@example.org",
)


@pytest.mark.parametrize("name", FEEDS)
def test_every_feed_can_be_described(name: str) -> None:
    wanted = feed_file(ALL, "feeds.yaml")
    source = source_of(name, wanted, KEYS, no_leases())
    assert wanted.names == FEEDS
    assert (source.name, bool(source.scope), source.pace.rate.count("/")) == (name, True, 1)


def test_keys_are_never_shown() -> None:
    shown = repr(KEYS) + "".join(repr(source_of(name, feed_file(ALL, ""), KEYS, no_leases())) for name in FEEDS)
    assert not any(key in shown for key in ("k1", "k2", "k3", "k4", "k5"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"bloomberg: {}", "unknown field `bloomberg`"),
        (b"yahoo: {symbol: AAPL}", "`symbol`"),
        (b"yahoo: {symbols: 5}", "Expected `array`, got `int`"),
        (b"yahoo: [", "does not describe feeds"),
        (b"- yahoo", "Expected `object`, got `array`"),
        (b"yahoo: !!python/object/apply:os.system [ls]", "could not determine a constructor"),
    ],
)
def test_a_file_that_says_something_else_is_refused_with_the_place(text: bytes, words: str) -> None:
    with pytest.raises(EdgeError, match=r"feeds\.yaml does not describe feeds") as caught:
        feed_file(text, "feeds.yaml")
    assert words in str(caught.value)


def test_an_empty_file_wants_nothing() -> None:
    assert feed_file(b"", "feeds.yaml").names == ()
    with pytest.raises(EdgeError, match="it describes none; add a section 'rss'"):
        source_of("rss", feed_file(b"", "feeds.yaml"), KEYS, no_leases())


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("finnhub", "ASSAY_FINNHUB_KEY"),
        ("fred", "ASSAY_FRED_KEY"),
        ("x", "ASSAY_X_BEARER_TOKEN"),
        ("reddit", "ASSAY_REDDIT_ID"),
        ("edgar", "ASSAY_EDGAR_IDENTITY"),
    ],
)
def test_a_missing_key_names_the_setting(name: str, variable: str) -> None:
    with pytest.raises(EdgeError, match=f"set {variable}"):
        source_of(name, feed_file(ALL, "feeds.yaml"), FeedKeys(), no_leases())
