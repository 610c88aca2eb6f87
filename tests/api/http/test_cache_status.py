"""Age and Cache-Status as RFC 9111 and RFC 9211 have them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.upstreams.kept import How, Kept
from api.http.cache_status import cache_headers, wants_fresh, with_feeds
from api.use_cases.feed_outages import FeedStanding
from api.use_cases.feeds import FeedState
from policies.resilience_terms import FeedTerms

AT = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        (Kept(1, How.ASKED, 0.0, 1.0), {"cache-status": "assay; fwd=uri-miss; stored"}),
        (Kept(1, How.ASKED, 0.0, 1.0, had_older=True), {"cache-status": "assay; fwd=stale; stored"}),
        (Kept(1, How.ASKED, 0.0, 1.0, is_kept=False), {"cache-status": "assay; fwd=uri-miss"}),
        (Kept(1, How.JOINED, 0.0, 1.0), {"cache-status": "assay; fwd=uri-miss; collapsed"}),
        (Kept(1, How.FRESH, 1.2, 5.0), {"age": "1", "cache-status": "assay; hit; ttl=3"}),
        (Kept(1, How.REVALIDATING, 7.9, 5.0), {"age": "7", "cache-status": "assay; hit; ttl=-2"}),
        (Kept(1, How.REVALIDATING, 5.1, 5.0), {"age": "5", "cache-status": "assay; hit; ttl=-1"}),
    ],
)
def test_an_answer_tells_how_it_came_about(kept: Kept[int], expected: dict[str, str]) -> None:
    assert cache_headers(kept) == expected


def test_an_old_answer_after_a_failure_says_why_as_a_quoted_string_in_ascii() -> None:
    kept = Kept(1, How.ERROR, 60.0, 0.0, 'no "table"; \\ café\n')
    told = cache_headers(kept)["cache-status"]
    assert told == 'assay; hit; ttl=-60; detail="no \\"table\\"; \\\\ caf??"'


def test_what_was_asked_for_because_the_client_wanted_it_says_so() -> None:
    kept = Kept(1, How.ASKED, 0.0, 1.0, had_older=True)
    assert cache_headers(kept, is_fresh_wanted=True) == {"cache-status": "assay; fwd=request; stored"}


@pytest.mark.parametrize(
    ("age_s", "n_failures", "member"),
    [
        (60.0, 0, 'lake; hit; ttl=3540; detail="yahoo", '),
        (7200.0, 2, 'lake; hit; ttl=-3600; detail="yahoo: unreachable", '),
        (None, 1, ""),
    ],
)
def test_what_feeds_a_table_is_told_before_with_what_is_left_of_its_tolerance(
    age_s: float | None, n_failures: int, member: str
) -> None:
    terms = FeedTerms(every_s=60.0, tolerance_s=3600.0, tables=("bars_daily",))
    state = FeedState("yahoo", None, AT, "unreachable" if n_failures else "done", "", n_failures, "closed", None)
    told = with_feeds({"age": "1", "cache-status": "assay; hit; ttl=3"}, [FeedStanding(state, age_s, terms)])
    assert told == {"age": "1", "cache-status": f"{member}assay; hit; ttl=3"}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (None, False),
        ("", False),
        ("max-age=60", False),
        ("no-cache", True),
        ("No-Cache", True),
        ("max-age=0, must-revalidate", True),
        ("private , no-store", True),
    ],
)
def test_a_client_may_refuse_answers_from_memory(asked: str | None, *, expected: bool) -> None:
    assert wants_fresh(asked) is expected
