"""What programs read of operations is what the page shows."""

from __future__ import annotations

from dataclasses import replace

from api.http.schemas.operations import operations_view
from api.use_cases.operations import outage_sentences
from tests.api.pages.test_operations_page import FOUND, OVER


def test_the_same_is_told_to_programs_as_on_the_page() -> None:
    """MON-03: seconds as numbers, and the sentence as it stands on the page."""
    view = operations_view(FOUND)
    assert (view.status, view.upstreams[0].circuit, view.upstreams[0].rests_s) == ("degraded", "open", 4.25)
    assert [(each.lasted_s, each.n_refused) for each in view.outages] == [(None, 0), (7.0, 3)]
    assert view.outages[1].text == outage_sentences(OVER)


def test_a_feed_is_told_with_its_tolerance_and_a_silent_lake_with_none() -> None:
    view = operations_view(FOUND)
    assert view.feeds is not None
    assert (view.feeds[0].is_within, view.feeds[0].age_s, view.feeds[0].tolerance_s) == (False, 7200.0, 3600.0)
    assert operations_view(replace(FOUND, feeds=None)).feeds is None
