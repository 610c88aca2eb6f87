"""Alerts over HTTP: once for each event, at least once for each subscriber."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.lake.lake import Lake
from tests.api.http.serving import Served, paper_settings, problem_slug, served
from tests.api.sample_lake import sample_store

ALERTS = "/api/v1/events/alerts"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, http_lake: Lake) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("alerts")
    sample_store(folder / "lake")
    settings = paper_settings(folder / "home", accounts=("paper",), lake=folder / "lake")
    with served(settings, http_lake) as found:
        yield found


def test_what_was_ingested_is_told_once_in_order(desk: Served) -> None:
    """SVC-EVT-03."""
    first, again = (desk.get(ALERTS).json()["alerts"] for _ in range(2))
    assert [each["sequence"] for each in first] == list(range(1, len(first) + 1))
    assert first == again
    assert {"results-announced", "rating", "insider-trade", "corporate-action"} <= {each["kind"] for each in first}


def test_pages_of_alerts_follow_each_other(desk: Served) -> None:
    page = desk.get(ALERTS, params={"limit": 2}).json()
    following = desk.get(ALERTS, params={"limit": 2, "after": page["next_after"]}).json()
    assert [each["sequence"] for each in (*page["alerts"], *following["alerts"])] == [1, 2, 3, 4]


def test_alerts_as_of_an_instant_are_those_raised_by_then(desk: Served) -> None:
    assert desk.get(ALERTS, params={"as_of": "2020-06-09T00:00:00Z"}).json()["alerts"] == []


def test_a_subscriber_is_told_until_he_says_that_he_has_handled_it(desk: Served) -> None:
    """SVC-EVT-03: at least once."""
    query = {"subscriber": "risk", "limit": 1}
    once, twice = (desk.get(ALERTS, params=query).json()["alerts"][0]["sequence"] for _ in range(2))
    moved = desk.put(f"{ALERTS}/subscribers/risk", json={"handled": 1})
    then = desk.get(ALERTS, params=query).json()["alerts"][0]["sequence"]
    assert (once, twice, moved.json(), then) == (1, 1, {"subscriber": "risk", "handled": 1}, 2)


def test_nobody_moves_the_place_of_another_principal(desk: Served) -> None:
    desk.put(f"{ALERTS}/subscribers/own", json={"handled": 3})
    other = desk.client.get(ALERTS, params={"subscriber": "own"}, headers=desk.headers(principal="somebody"))
    assert other.json()["alerts"][0]["sequence"] == 1


@pytest.mark.parametrize(
    ("body", "slug"), [({"handled": 10**6}, "invalid"), ({"handled": -1}, "bad-request"), ({}, "bad-request")]
)
def test_a_place_that_cannot_be_is_refused(desk: Served, body: dict[str, int], slug: str) -> None:
    assert problem_slug(desk.put(f"{ALERTS}/subscribers/risk", json=body)) == slug
