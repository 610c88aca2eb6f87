"""Reconciliations over HTTP: sent, recorded, read, corrected; every fault of a statement is the client's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from adapters.lake.lake import Lake
from api.use_cases.market import dispatch
from tests.api.http.serving import ORDER, Served, paper_settings, problem_slug, served
from tests.broker_statements import Brokers, brokers_side, csv_statement

PLACE = "/api/v1/journal/reconciliations"
ACCOUNT = "paper"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, http_lake: Lake) -> Iterator[Served]:
    """A market with one order that was filled."""
    with served(paper_settings(tmp_path_factory.mktemp("reconciliations") / "home"), http_lake) as found:
        found.ordered(account_id=ACCOUNT, symbol="IBM", qty="100")
        dispatch(found.service)
        assert found.post("/internal/session/advance").is_success
        yield found


@pytest.fixture(scope="module")
def brokers(home: Served) -> Brokers:
    return brokers_side(home.service.store, ACCOUNT)


def _sent(home: Served, statement: bytes, **more: str) -> dict[str, object]:
    response = home.post(PLACE, json={"statement": statement.decode(), "account_id": ACCOUNT, **more})
    assert response.status_code == 200, response.text
    found: dict[str, object] = response.json()
    return found


def _dearer(brokers: Brokers) -> bytes:
    """A statement in which the trade was a dollar dearer, fee and all."""
    lines = [
        replace(line, fee=(line.fee or Decimal(0)) + 1, amount=(line.amount or Decimal(0)) - 1)
        if line.record == "trade"
        else line
        for line in brokers.lines
    ]
    return csv_statement(brokers.with_lines(lines))


def test_a_statement_that_agrees_is_clean_and_recorded_once(home: Served, brokers: Brokers) -> None:
    """JRN-01."""
    assert any(line.record == "trade" for line in brokers.lines)
    found = _sent(home, csv_statement(brokers))
    assert (found["is_clean"], found["breaks"]) == (True, [])
    again = _sent(home, csv_statement(brokers))
    assert again["reconciliation_id"] == found["reconciliation_id"]
    rows = home.get(f"{PLACE}?account_id={ACCOUNT}").json()["reconciliations"]
    assert [row["reconciliation_id"] for row in rows] == [found["reconciliation_id"]]


def test_breaks_are_read_again_and_their_corrections_booked_once(home: Served, brokers: Brokers) -> None:
    """JRN-01, JRN-03: afterwards positions, journal and statement agree."""
    found = _sent(home, _dearer(brokers))
    assert found["causes"] == {"wrong-fee": sum(line.record == "trade" for line in brokers.lines)}
    place = f"{PLACE}/{found['reconciliation_id']}"
    assert home.get(place).json() == found
    first = home.post(f"{place}/corrections", json={"because": "the invoice says so"}).json()
    assert {each["is_new"] for each in first["booked"]} == {True}
    assert first["now"]["is_clean"]
    again = home.post(f"{place}/corrections", json={"because": "the invoice says so"}).json()
    assert again["booked"] == []
    rows = home.get(f"{PLACE}?account_id={ACCOUNT}").json()["reconciliations"]
    corrected = {row["reconciliation_id"]: row["n_corrected"] for row in rows}
    assert corrected[found["reconciliation_id"]] == len(first["booked"])
    assert _sent(home, csv_statement(brokers))["is_clean"] is False


@pytest.mark.parametrize(
    ("body", "status", "slug", "words"),
    [
        ({"statement": "record,date\ntrade,2013-01-03\n"}, 422, "invalid", "has no symbol"),
        ({"statement": "record\nnothing\n"}, 422, "invalid", "known to no row"),
        ({"statement": "record"}, 422, "invalid", "say which days"),
        ({"statement": "a\x00b"}, 422, "invalid", ""),
        ({"statement": "record", "since": "2013-02-30"}, 422, "invalid", "no day"),
        ({"statement": "record", "since": "2013-02-03", "until": "2013-02-01"}, 422, "invalid", "is after"),
        ({"statement": "{}", "mapping": "alpaca-activities"}, 422, "invalid", "expected a list"),
        ({"statement": "8=FIX.4.4|9=5|35=8|10=000|", "mapping": "fix-drop-copy"}, 422, "invalid", "check sum"),
        ({"statement": "record", "mapping": "of-nobody"}, 400, "bad-request", ""),
        ({"statement": "record", "account_id": "nobody"}, 403, "unknown-account", ""),
        ({}, 400, "bad-request", ""),
    ],
)
def test_a_statement_that_cannot_be_understood_is_refused(
    home: Served, body: dict[str, str], status: int, slug: str, words: str
) -> None:
    response = home.post(PLACE, json={"account_id": ACCOUNT, **body})
    assert (response.status_code, problem_slug(response)) == (status, slug), response.text
    assert words in response.text


def test_one_that_is_not_known_is_not_found(home: Served) -> None:
    assert home.get(f"{PLACE}/rec-000000000000").status_code == 404
    response = home.post(f"{PLACE}/rec-000000000000/corrections", json={"because": "why not"})
    assert response.status_code == 404


def test_a_reconciliation_of_another_account_is_not_shown(home: Served, brokers: Brokers) -> None:
    found = _sent(home, csv_statement(brokers))
    headers = home.headers("plan:read", accounts=("second",))
    assert home.client.get(f"{PLACE}/{found['reconciliation_id']}", headers=headers).status_code == 403


def test_an_order_is_no_statement(home: Served) -> None:
    assert home.post(PLACE, json=ORDER).status_code == 400
