"""Journey 4 of issue 7: an upstream goes down, the service goes on within policy, tells once, and recovers alone.

The lake's folder is taken away under a running server and given back; MON-03 and MON-04 run more faults on a server of
its own, in tests/drills.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from adapters.lake.lake import Lake
from policies.resilience_terms import SHIPPED
from tests.api.http.serving import Served, paper_settings, problem_slug, served
from tests.api.sample_lake import AS_OF

BARS = "/api/v1/market-data/bars/ACME"
OTHER = "/api/v1/market-data/bars/OTHER"
RESTLESS = (
    ("rest_s: 1.0, longest_rest_s: 30.0, probe_every_s: 2.0", "rest_s: 0.05, longest_rest_s: 0.1, probe_every_s: 0.05"),
    ("fresh_s: 0.5, revalidate_s: 5.0", "fresh_s: 0.0, revalidate_s: 0.0"),
)


@dataclass(frozen=True)
class Desk:
    home: Served
    lake: Path

    @property
    def away(self) -> Path:
        return self.lake.with_name("away")

    def look(self) -> None:
        self.home.parts.upstreams.looked()

    def down(self) -> None:
        self.lake.rename(self.away)
        for _ in range(3):
            self.home.get(BARS)
        self.look()

    def up(self) -> None:
        self.away.rename(self.lake)
        time.sleep(0.11)  # the longest rest
        self.look()
        self.look()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, http_lake: Lake, sample_lake: Path) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("operations")
    text = SHIPPED.read_text(encoding="utf-8")
    for old, new in RESTLESS:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / "terms.yaml").write_text(text, encoding="utf-8")
    shutil.copytree(sample_lake, folder / "lake")
    settings = paper_settings(
        folder / "home", accounts=("paper",), lake=folder / "lake", resilience=folder / "terms.yaml"
    )
    with served(settings, http_lake) as home:
        yield Desk(home, folder / "lake")
        home.parts.upstreams.close()


@pytest.fixture(scope="module")
def told(desk: Desk) -> list[str]:
    """The story, told once: what was answered before, during and after; kept as lines for the tests below."""
    with structlog.testing.capture_logs() as lines:
        before = desk.home.get(BARS, params={"as_of": AS_OF})
        plain = desk.home.get(BARS)
        desk.down()
        during, unknown = desk.home.get(BARS), desk.home.get(OTHER)
        dated = desk.home.get(BARS, params={"as_of": AS_OF})
        page = desk.home.get("/internal").json()
        health = desk.home.get("/health")
        desk.up()
        after = desk.home.get(BARS)
    assert [each.status_code for each in (before, plain, during, unknown, dated, health, after)] == [
        200, 200, 200, 503, 200, 200, 200,
    ]  # fmt: skip
    assert during.json() == plain.json()
    assert dated.headers["etag"] == before.headers["etag"]
    assert problem_slug(unknown) == "upstream-unavailable"
    return [
        during.headers["cache-status"],
        during.headers["age"],
        unknown.headers["retry-after"],
        page["status"],
        page["outages"][0]["text"],
        health.json()["status"],
        after.headers["cache-status"],
        *[f"log {line['event']}" for line in lines if line["event"].startswith("upstream")],
    ]


def test_answers_go_on_from_memory_with_their_age_and_why(told: list[str]) -> None:
    assert told[0].startswith("assay; hit; ttl=-")
    assert 'detail="lake ' in told[0]
    assert int(told[1]) < 60


def test_what_is_not_in_memory_is_refused_with_when_to_come_again(told: list[str]) -> None:
    assert told[2] == "5"


def test_the_server_is_degraded_and_not_down(told: list[str]) -> None:
    assert (told[3], told[5]) == ("degraded", "degraded")


def test_the_page_says_what_is_away_while_it_is(told: list[str]) -> None:
    assert "away still" in told[4]


def test_it_recovers_alone_and_answers_anew(told: list[str]) -> None:
    assert told[6] == "assay; fwd=stale; stored"


def test_it_is_told_once_that_it_is_away_and_once_that_it_is_back(told: list[str]) -> None:
    assert told[7:] == ["log upstream away", "log upstream back"]


@pytest.mark.usefixtures("told")
def test_the_page_says_afterwards_what_happened_and_in_how_many_seconds(desk: Desk) -> None:
    """MON-03: seconds to notice and to be back."""
    found = desk.home.get("/internal").json()
    (outage,) = found["outages"]
    assert (found["status"], outage["upstream"]) == ("ok", "lake")
    assert "were there and are gone; mount or restore it" in outage["because"]
    assert 0 <= outage["noticed_after_s"] <= outage["lasted_s"] < 60
    assert outage["n_from_memory"] >= 3
    assert outage["n_refused"] >= 3
    assert f"back after {outage['lasted_s']:.1f} s" in outage["text"]


@pytest.mark.usefixtures("told")
def test_a_browser_is_given_the_page_without_script_or_network(desk: Desk) -> None:
    found = desk.home.get("/internal", headers={"accept": "text/html,application/xhtml+xml"})
    assert found.headers["content-type"].startswith("text/html")
    for said in ("What was away", "back after", "lake", "Nothing that it asks is away now"):
        assert said in found.text
    assert "<script" not in found.text
    assert "http" not in found.text.replace("http-equiv", "")


@pytest.mark.usefixtures("told")
def test_the_metrics_say_that_it_was_away(desk: Desk) -> None:
    text = desk.home.get("/metrics").text
    assert 'assay_upstream_away{upstream="lake"} 0.0' in text
    assert 'assay_upstream_away_seconds_total{upstream="lake"}' in text


def test_the_page_needs_the_right_to_read_the_log(desk: Desk) -> None:
    token = desk.home.token("plan:read")
    answer = desk.home.client.get("/internal", headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, problem_slug(answer)) == (403, "forbidden")
