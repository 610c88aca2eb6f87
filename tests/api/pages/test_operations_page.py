"""The operator's page: what it shows of an outage, of a sick upstream and of a lake that does not answer."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from adapters.upstreams.circuit import CircuitState
from adapters.upstreams.outages import Harm, Outage
from adapters.upstreams.upstream import Standing
from api.pages.operations_page import operations_page
from api.use_cases.feed_outages import FeedStanding
from api.use_cases.feeds import FeedState
from api.use_cases.health import Check, State
from api.use_cases.operations import Operations
from policies.resilience_terms import FeedTerms

AT = datetime(2026, 11, 23, 2, 11, tzinfo=UTC)
AWAY = Outage("lake", "the folder <b>is gone</b>", AT, AT, AT + timedelta(seconds=2))
OVER = replace(AWAY, upstream="broker", ended_at=AT + timedelta(seconds=7), harm=Harm(n_refused=3))
FEED = FeedState("yahoo", AT, AT, "unreachable", "down", 2, "opened", None)
FOUND = Operations(
    as_of=AT + timedelta(hours=1),
    checks=(Check("upstream-lake", State.DEGRADED, "left alone for 4 s"), Check("disk", State.OK, "free")),
    upstreams=(Standing("lake", CircuitState.OPEN, 4.25, 1, 3, "gone", None),),
    feeds=(FeedStanding(FEED, 7200.0, FeedTerms(every_s=60.0, tolerance_s=3600.0, tables=("bars_daily",))),),
    outages=(AWAY, OVER),
    n_kept=5,
    kept_bytes=123_456,
)


def test_the_page_says_what_is_away_what_was_and_for_how_many_seconds() -> None:
    page = operations_page(FOUND)
    for said in (
        "It serves on; something is not well. 1 of those it asks is away now.",
        "away still",
        "noticed after 2.0 s; back after 7.0 s; 3 questions went unanswered.",
        "asked again in",
        "4.2 s",
        "7200 s (2.0 h)",
        "5, 123,456 bytes",
    ):
        assert said in page, said


def test_what_others_said_is_shown_as_text() -> None:
    page = operations_page(FOUND)
    assert "the folder &lt;b&gt;is gone&lt;/b&gt;" in page
    assert "<b>is gone" not in page


def test_the_only_style_is_the_one_that_its_policy_names() -> None:
    page = operations_page(FOUND)
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert f"sha256-{b64encode(sha256(style.encode()).digest()).decode()}" in page.replace("&#43;", "+").replace(
        "&#x2B;", "+"
    )
    assert "<script" not in page


@pytest.mark.parametrize(
    ("feeds", "said"), [(None, "nothing is known of its feeds"), ((), "No feed ever ran into this lake")]
)
def test_a_lake_without_feeds_and_one_that_does_not_answer_are_told_apart(
    feeds: tuple[FeedStanding, ...] | None, said: str
) -> None:
    assert said in operations_page(replace(FOUND, feeds=feeds))


def test_a_well_server_says_so_in_one_sentence() -> None:
    page = operations_page(replace(FOUND, checks=(), outages=()))
    assert "Everything answers. Nothing that it asks is away now." in page
    assert "Nothing, as far as is written down." in page
