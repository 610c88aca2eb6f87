"""The journal over HTTP, in a home of its own: what is booked is read, and /positions is its replay (JRN-03)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from adapters.lake.lake import Lake
from api.use_cases.market import advanced_session, dispatch
from nodes.journal.account import account_from_bytes
from tests.api.http.serving import Served, new_key, paper_settings, problem_slug, served

PATH = "/api/v1/journal"
AT = "2013-01-03T21:00:00Z"
PAID = {"kind": "contribution", "amount": "250.00", "account_id": "client"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, http_lake: Lake) -> Iterator[Served]:
    """A paper home whose first account traded one order."""
    settings = paper_settings(tmp_path_factory.mktemp("journal") / "home", accounts=("paper", "client"))
    with served(settings, http_lake) as found:
        assert found.ordered(qty="20").json()["order"] is not None
        dispatch(found.service)
        advanced_session(found.service, "trader")
        yield found


def book(home: Served, key: str | None = None, **body: Any) -> Any:
    headers = {"Idempotency-Key": key or new_key()}
    return home.post(f"{PATH}/entries", json={"as_of": AT, **body}, headers=headers)


def entries(home: Served, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = home.get(f"{PATH}/entries", params={"limit": 500, **asked}).json()["entries"]
    return found


def test_positions_are_a_replay_of_the_entries(home: Served) -> None:
    """JRN-03."""
    postings = [posting for entry in entries(home) for posting in entry["postings"]]
    cash = sum(Decimal(each["quantity"]) for each in postings if each["account"].endswith(":Cash"))
    shares = sum(Decimal(each["quantity"]) for each in postings if each["commodity"] == "AAPL")
    told = home.get("/api/v1/positions").json()
    assert Decimal(told["cash"]) == cash < 1_000_000
    assert [Decimal(each["qty"]) for each in told["positions"]] == [shares] == [20]


def test_positions_before_the_fill_are_cash_alone(home: Served) -> None:
    told = home.get("/api/v1/positions", params={"as_of": "2013-01-02T21:00:00Z"}).json()
    assert (told["positions"], told["cash"], told["equity"]) == ([], "1000000", "1000000")
    assert (told["as_of"], told["buying_power"], told["kill_switch_is_engaged"]) == ("2013-01-02T21:00:00Z", None, None)


def test_positions_after_it_are_valued_at_the_close(home: Served) -> None:
    told = home.get("/api/v1/positions", params={"as_of": "2013-01-04T12:00:00Z"}).json()
    now = home.get("/api/v1/positions").json()
    assert told["as_of"] == now["as_of"] == "2013-01-03T21:00:00Z"
    assert (told["positions"], told["equity"]) == (now["positions"], now["equity"])


def test_positions_before_any_session_have_no_value(home: Served) -> None:
    told = home.get("/api/v1/positions", params={"as_of": "1970-01-01T00:00:00Z"}).json()
    assert (told["positions"], told["cash"], told["as_of"]) == ([], "0", None)


def test_an_entry_leads_to_its_decision(home: Served) -> None:
    (trade, *_) = entries(home, kind="trade")
    assert home.get(f"/internal/decisions/{trade['decision_id']}").status_code == 200
    assert home.get(f"{PATH}/entries/{trade['entry_key']}").json() == trade


def test_an_entry_is_shown_to_those_who_may_see_its_account(home: Served) -> None:
    key = entries(home)[0]["entry_key"]
    token = home.headers("plan:read", accounts=("client",))
    assert problem_slug(home.client.get(f"{PATH}/entries/{key}", headers=token)) == "forbidden"
    assert problem_slug(home.get(f"{PATH}/entries/nothing")) == "not-found"


def test_entries_come_page_by_page(home: Served) -> None:
    first = home.get(f"{PATH}/entries", params={"limit": 1}).json()
    second = home.get(f"{PATH}/entries", params={"limit": 499, "cursor": first["next_cursor"]}).json()
    assert first["entries"] + second["entries"] == entries(home)
    assert second["next_cursor"] is None


@pytest.mark.parametrize("asked", [{"kind": "gift"}, {"from": "2013-01-02"}, {"cursor": "A" * 22}])
def test_a_question_that_makes_no_sense_is_refused(home: Served, asked: dict[str, str]) -> None:
    assert problem_slug(home.get(f"{PATH}/entries", params=asked)) in {"bad-request", "invalid"}


def test_balances_lots_and_trades_agree(home: Served) -> None:
    balances = home.get(f"{PATH}/balances").json()["balances"]
    assert sum(Decimal(each["weight"]) for each in balances) == 0
    lots = home.get(f"{PATH}/lots", params={"method": "fifo", "symbol": "AAPL"}).json()["lots"]
    assert sum(Decimal(each["quantity"]) for each in lots) == 20
    assert home.get(f"{PATH}/trades").json()["n_trades"] == 0
    held = home.get(f"{PATH}/holdings").json()
    assert [each["symbol"] for each in held["positions"]] == ["AAPL"]
    assert problem_slug(home.get(f"{PATH}/trades", params={"method": "average"})) == "invalid"


def test_a_contribution_is_booked_once_under_its_key(home: Served) -> None:
    """And the account that trades has it at once."""
    before = Decimal(home.get("/api/v1/positions?account_id=client").json()["buying_power"])
    first = book(home, "gift-1", **PAID)
    again = book(home, "gift-1", **PAID)
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.json()["is_replayed"], again.json()["is_replayed"]) == (False, True)
    assert again.json()["entries"] == first.json()["entries"]
    told = home.get("/api/v1/positions?account_id=client").json()
    assert Decimal(told["buying_power"]) == before + 250
    assert problem_slug(book(home, "gift-1", **{**PAID, "amount": "251.00"})) == "key-reused"


def test_a_booking_without_a_key_is_refused(home: Served) -> None:
    assert problem_slug(home.post(f"{PATH}/entries", json={"as_of": AT, **PAID})) == "missing-key"


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        ({"kind": "contribution"}, "invalid"),
        ({"kind": "contribution", "amount": "5", "symbol": "AAPL"}, "invalid"),
        ({"kind": "bust", "corrects": "nothing"}, "invalid"),
        ({"kind": "contribution", "amount": "5", "as_of": "2100-01-01T00:00:00Z"}, "invalid"),
        ({"kind": "contribution", "amount": "5", "account_id": "nobody"}, "unknown-account"),
        ({"kind": "gift", "amount": "5"}, "bad-request"),
    ],
)
def test_what_cannot_be_booked_is_refused(home: Served, body: dict[str, str], slug: str) -> None:
    assert problem_slug(book(home, **body)) == slug


def test_what_a_broker_reports_late_is_booked_as_the_account_has_it(home: Served) -> None:
    """A fill, what it should have said, and that it never was: journal and account stay one."""
    sent = home.ordered(account_id="client", symbol="MSFT", qty="200").json()["order"]["id"]
    dispatch(home.service)
    fill = {"exec_type": "F", "exec_id": "X-1", "last_qty": "50", "last_px": "27.61", "fees": "0.35", "venue": "XNAS"}
    right = {**fill, "exec_type": "G", "exec_id": "X-2", "exec_ref_id": "X-1", "last_px": "27.60"}
    for report in (fill, right, {"exec_type": "H", "exec_id": "X-3", "exec_ref_id": "X-2"}):
        answer = home.post(f"/api/v1/execution/orders/{sent}/reports", json=report)
        assert answer.is_success, answer.text
        with home.service.store.reader() as reader:
            row = reader.account("client")
        assert row is not None
        state = account_from_bytes(row.content)
        told = home.get("/api/v1/positions?account_id=client").json()
        assert Decimal(told["cash"]) == state.cash_usd
        assert Decimal(told["equity"]) == state.equity_usd
        costs = [Decimal(each["cost_basis"]) for each in told["positions"]]
        assert costs == [holding.cost_usd for holding in state.holdings]
    assert home.parts.journal.check().is_sound
    kinds = [entry["kind"] for entry in entries(home, account_id="client")]
    assert {"trade", "trade-correction", "bust"} <= set(kinds)


def test_booking_needs_leave_to_write(home: Served) -> None:
    headers = home.headers("plan:read") | {"Idempotency-Key": new_key()}
    answer = home.client.post(f"{PATH}/entries", json={"as_of": AT, **PAID}, headers=headers)
    assert problem_slug(answer) == "forbidden"
