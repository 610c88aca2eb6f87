"""What every reading of the lake has in common over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest

from adapters.lake.domains.factors import FACTORS
from adapters.lake.facts.store import FactStore
from adapters.lake.lake import Lake
from api.bootstrap import shell_clock
from api.http.readings import operation_id, page_struct
from api.use_cases.data_reading import Reading
from api.use_cases.data_readings import ALL_READINGS
from tests.adapters.lake.views.holding import at, held
from tests.api.http.serving import Served, paper_settings, problem_slug, served
from tests.api.sample_lake import AS_OF, QUERIES, places

BARS = "/api/v1/market-data/bars/ACME"
FACTOR = "/api/v1/market-data/factors/made"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, http_lake: Lake, sample_lake: Path) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("readings") / "home"
    with served(paper_settings(home, accounts=("paper",), lake=sample_lake), http_lake) as found:
        yield found


@pytest.fixture(scope="module")
def growing(tmp_path_factory: pytest.TempPathFactory, http_lake: Lake) -> Iterator[tuple[Served, FactStore]]:
    """A server of a lake that the test writes to."""
    folder = tmp_path_factory.mktemp("growing")
    store = FactStore(folder / "lake", shell_clock)
    _factor(store, *range(1, 6))
    settings = paper_settings(folder / "home", accounts=("paper",), lake=folder / "lake")
    with served(settings, http_lake) as found:
        yield found, store


def _factor(store: FactStore, *days: int) -> None:
    rows = [
        {"factor": "made", "period_on": date(2020, 1, day), "value": day / 3, "unit": "points"}
        | {"event_at": at(f"2020-01-0{day} 21:00"), "known_at": at(f"2020-01-0{day} 21:00")}
        for day in days
    ]
    held(store, FACTORS, rows)


def _asked(reading: Reading) -> tuple[str, dict[str, Any]]:
    own = operation_id(reading)
    return "/api/v1" + reading.path.format(**places(own)), dict(QUERIES.get(own, {}))


@pytest.mark.parametrize("reading", ALL_READINGS, ids=lambda reading: reading.name)
def test_every_reading_answers_in_three_forms_with_the_same_rows(
    desk: Served, reading: Reading, tmp_path: Path
) -> None:
    """API parts of issue 4: JSON as documented, CSV, Parquet."""
    path, query = _asked(reading)
    page = desk.get(path, params=query)
    told = msgspec.json.decode(page.content, type=page_struct(reading))
    csv = desk.get(path, params=query, headers={"accept": "text/csv"})
    parquet = desk.get(path, params=query, headers={"accept": "application/vnd.apache.parquet"})
    (tmp_path / "rows.parquet").write_bytes(parquet.content)
    frame = pl.read_parquet(tmp_path / "rows.parquet")
    assert [each.status_code for each in (page, csv, parquet)] == [200, 200, 200]
    assert dict(frame.schema) == dict(reading.columns)
    assert csv.text.splitlines()[0] == ",".join(reading.columns)
    rows: Any = told
    assert len(rows.rows) == frame.height == len(pl.read_csv(csv.content, infer_schema=False))


def test_an_answer_says_by_whose_knowledge_and_from_which_tables(desk: Served) -> None:
    """SVC-MKT-01."""
    told = desk.get(BARS, params={"as_of": AS_OF}).json()
    assert told["as_of"] == AS_OF
    assert [each["table"] for each in told["tables"]] == ["bars_daily", "identity", "corporate_actions"]
    assert all(each["digest"].startswith("sha256:") for each in told["tables"])
    assert [row["adjusted_close_usd"] for row in told["rows"]] == [100.0, 100.0]


def test_pages_follow_each_other_without_a_gap_while_the_table_grows(growing: tuple[Served, FactStore]) -> None:
    desk, store = growing
    first = desk.get(FACTOR, params={"limit": 2}).json()
    _factor(store, 6)
    second = desk.get(FACTOR, params={"limit": 2, "cursor": first["next_cursor"]}).json()
    third = desk.get(FACTOR, params={"limit": 2, "cursor": second["next_cursor"]}).json()
    days = [row["period_on"][-1] for page in (first, second, third) for row in page["rows"]]
    assert days == ["1", "2", "3", "4", "5"]
    assert (third["next_cursor"], third["as_of"]) == (None, first["as_of"])
    assert len(desk.get(FACTOR, headers={"cache-control": "no-cache"}).json()["rows"]) == 6


def test_a_cursor_belongs_to_its_question(growing: tuple[Served, FactStore]) -> None:
    desk, _ = growing
    cursor = desk.get(FACTOR, params={"limit": 2}).json()["next_cursor"]
    other = desk.get("/api/v1/market-data/factors/other", params={"cursor": cursor})
    assert (other.status_code, problem_slug(other)) == (422, "invalid")
    assert desk.get(FACTOR, params={"cursor": "x" * 38}).status_code == 422
    assert desk.get(FACTOR, params={"cursor": "short"}).status_code == 400


def test_a_stream_can_be_taken_in_pages_too(growing: tuple[Served, FactStore]) -> None:
    desk, _ = growing
    first = desk.get(FACTOR, params={"limit": 2}, headers={"accept": "text/csv"})
    rest = desk.get(FACTOR, params={"cursor": first.headers["next-cursor"]}, headers={"accept": "text/csv"})
    assert len(first.text.splitlines()) == 3
    assert "next-cursor" not in rest.headers


def test_an_answer_of_a_named_instant_is_not_sent_again_until_its_table_changes(
    growing: tuple[Served, FactStore],
) -> None:
    desk, store = growing
    query = {"as_of": "2020-01-02T22:00:00Z"}
    first = desk.get(FACTOR, params=query)
    known = {"If-None-Match": first.headers["etag"]}
    again = desk.get(FACTOR, params=query, headers=known)
    assert (again.status_code, again.content) == (304, b"")
    assert desk.get(FACTOR, params=query, headers=known | {"accept": "text/csv"}).status_code == 200
    _factor(store, 7)
    assert desk.get(FACTOR, params=query, headers=known).status_code == 200
    assert "etag" not in desk.get(FACTOR).headers


def test_nothing_that_became_known_later_is_seen(growing: tuple[Served, FactStore]) -> None:
    """SVC-MKT-02: a value is there from when it could be known, not from its day."""
    desk, _ = growing
    before = desk.get(FACTOR, params={"as_of": "2020-01-02T20:59:59Z"}).json()["rows"]
    after = desk.get(FACTOR, params={"as_of": "2020-01-02T21:00:00Z"}).json()["rows"]
    assert (len(before), len(after)) == (1, 2)


@pytest.mark.parametrize(
    ("path", "accept", "slug"),
    [
        (BARS, "image/png", "not-acceptable"),
        (BARS, "application/json;q=0", "not-acceptable"),
        (f"{BARS}?nope=1", "*/*", "bad-request"),
        (f"{BARS}?as_of=2020-06-05T20:00:00", "*/*", "bad-request"),
        (f"{BARS}?adjustment=later", "*/*", "bad-request"),
        (f"{BARS}?start_on=tomorrow", "*/*", "bad-request"),
        (f"{BARS}?limit=0", "*/*", "bad-request"),
        ("/api/v1/market-data/trades/ACME", "*/*", "bad-request"),
        ("/api/v1/market-data/bars/NOPE", "*/*", "not-known"),
        ("/api/v1/sources/quarantine/nope", "*/*", "not-found"),
        ("/api/v1/sources/quarantine/alerts", "*/*", "no-table"),
        ("/api/v1/fundamentals/ACME/facts/us-gaap:Nothing?period_end_on=2019-12-31", "*/*", "not-known"),
        ("/api/v1/fundamentals/ACME/facts/Assets?period_end_on=2019-12-31", "*/*", "bad-request"),
    ],
)
def test_what_cannot_be_answered_is_a_problem_with_a_mend(desk: Served, path: str, accept: str, slug: str) -> None:
    response = desk.get(path, headers={"accept": accept})
    assert problem_slug(response) == slug
    assert response.json()["mend"]


def test_a_table_that_was_never_imported_is_said_to_be_missing(growing: tuple[Served, FactStore]) -> None:
    desk, _ = growing
    response = desk.get("/api/v1/market-data/halts/ACME")
    assert (response.status_code, problem_slug(response)) == (404, "no-table")
    assert "import it with `assay data import`" in response.json()["detail"]


def test_without_a_lake_the_bundled_bars_are_served(home: Served) -> None:
    rows = home.get("/api/v1/market-data/bars/AAPL", params={"as_of": "2013-03-01T22:00:00Z"}).json()["rows"]
    assert rows[0]["security_id"] == "AAPL"
    assert problem_slug(home.get("/api/v1/market-data/halts/AAPL")) == "no-table"


def test_data_need_the_scope_for_it(desk: Served) -> None:
    response = desk.client.get(BARS, headers=desk.headers("audit:read", "plan:read"))
    assert (response.status_code, problem_slug(response)) == (403, "forbidden")
    assert desk.client.get(BARS, headers=desk.headers("data:read")).status_code == 200
