"""API-SIG-09: the full record of a decision with its inclusion proof; lists, filters, history, replay."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from adapters.sql.store import SqlLog
from governance.proofs import check_inclusion
from nodes.vocabulary.canonical import digest_from_text
from tests.api.http.serving import Served, problem_slug

DECISIONS = "/internal/decisions"


@pytest.fixture(scope="module")
def bought(home: Served) -> str:
    """The id of a decision that was let out."""
    reply = home.ordered(symbol="MSFT", qty="200", account_id="second").json()
    return str(reply["decision"]["id"])


@pytest.fixture(scope="module")
def denied(home: Served) -> str:
    """The id of a decision that was denied: one share is not worth its costs."""
    reply = home.ordered(symbol="IBM", qty="1", account_id="second").json()
    assert reply["decision"]["action"] == "deny"
    return str(reply["decision"]["id"])


def listed(home: Served, **asked: Any) -> list[str]:
    answer = home.get(DECISIONS, params=asked)
    assert answer.status_code == 200, answer.text
    return [line["decision_id"] for line in answer.json()["decisions"]]


def test_the_newest_decision_comes_first(home: Served, bought: str, denied: str) -> None:
    ids = listed(home, account_id="second")
    assert ids.index(denied) < ids.index(bought)


@pytest.mark.parametrize(
    "asked",
    [
        {"symbol": "IBM"},
        {"verdict": "deny"},
        {"action": "deny"},
        {"rule": "minimum-size"},
        {"symbol": "IBM", "account_id": "second", "rule": "minimum-size"},
    ],
)
def test_a_filter_keeps_what_it_names(home: Served, bought: str, denied: str, asked: dict[str, str]) -> None:
    ids = listed(home, **asked)
    assert denied in ids
    assert bought not in ids


def test_a_session_and_a_policy_are_filters_too(home: Served, denied: str) -> None:
    line = next(line for line in home.get(DECISIONS).json()["decisions"] if line["decision_id"] == denied)
    assert denied in listed(home, session=line["session_on"], policy=line["policy_digest"])
    assert listed(home, session="1999-01-04") == []
    assert listed(home, policy=f"sha256:{'0' * 64}") == []


def test_pages_lead_through_all_decisions_without_doubles(home: Served, bought: str, denied: str) -> None:
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = home.get(DECISIONS, params={"limit": 1, **({"cursor": cursor} if cursor else {})}).json()
        seen += [line["decision_id"] for line in page["decisions"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == listed(home)
    assert {bought, denied} <= set(seen)


def test_a_cursor_of_another_question_is_refused(home: Served, bought: str, denied: str) -> None:
    assert bought != denied
    cursor = home.get(DECISIONS, params={"limit": 1}).json()["next_cursor"]
    answer = home.get(DECISIONS, params={"limit": 1, "cursor": cursor, "symbol": "IBM"})
    assert (answer.status_code, problem_slug(answer)) == (422, "invalid")


def test_nothing_was_decided_before_the_log_began(home: Served, bought: str) -> None:
    assert bought in listed(home)
    assert listed(home, as_of="2005-01-01T00:00:00Z") == []


@pytest.mark.parametrize(
    "as_of", ["2026-11-23T10:00:00", "2026-11-23T10:00:00+02:00", "yesterday", "2026-11-23", "2026-13-01T00:00:00Z"]
)
def test_an_instant_that_is_naive_or_not_utc_is_refused(home: Served, as_of: str) -> None:
    answer = home.get(DECISIONS, params={"as_of": as_of})
    assert (answer.status_code, problem_slug(answer)) == (400, "bad-request")
    assert as_of in answer.json()["detail"]


@pytest.mark.parametrize(
    "asked",
    [{"limit": 0}, {"limit": 501}, {"verdict": "maybe"}, {"cursor": "%%"}, {"policy": "abc"}, {"session": "today"}],
)
def test_what_cannot_be_asked_is_refused(home: Served, asked: dict[str, Any]) -> None:
    answer = home.get(DECISIONS, params=asked)
    assert (answer.status_code, problem_slug(answer)) == (400, "bad-request")


def test_a_record_holds_every_node_with_value_unit_formula_and_code(home: Served, denied: str) -> None:
    trace = home.get(f"{DECISIONS}/{denied}").json()["trace"]
    nodes = {node["key"]: node for node in trace["nodes"]}
    notional = nodes["order.order_notional_usd"]
    assert notional["unit"] == "Usd"
    assert notional["formula"] == "order_size_shares * close_price_usd"
    assert notional["code_digest"].startswith("sha256:")
    assert {"session.composite_score", "order.decision"} <= nodes.keys()


def test_a_record_holds_both_truth_tables_with_operands_and_margins(home: Served, denied: str) -> None:
    rules = {row["rule"]["rule_id"]: row for row in home.get(f"{DECISIONS}/{denied}").json()["trace"]["rules"]}
    row = rules["minimum-size"]
    assert (row["rule"]["proposed"], row["rule"]["final"]) == ("fails", "fails")
    assert {each["name"] for each in row["rule"]["operands"]} == {"order_notional_usd", "min_order_notional_usd"}
    (margin,) = row["proposed_margins"]
    assert margin["margin"]["exact"].startswith("-")


def test_the_lineage_leads_from_the_conclusion_to_the_snapshot(home: Served, denied: str) -> None:
    graph = home.get(f"{DECISIONS}/{denied}/lineage").json()
    keys = {node["key"] for node in graph["nodes"]}
    assert graph["root"] == "order.decision"
    assert {edge["source"] for edge in graph["edges"]} | {edge["target"] for edge in graph["edges"]} <= keys
    assert {"source": "session.last_close_usd", "target": "order.close_price_usd"} in graph["edges"]


def test_the_lineage_of_one_node_is_what_fed_it(home: Served, denied: str) -> None:
    graph = home.get(f"{DECISIONS}/{denied}/lineage", params={"node": "order_size_shares"}).json()
    whole = home.get(f"{DECISIONS}/{denied}/lineage").json()
    assert "order.order_size_shares" in {node["key"] for node in graph["nodes"]}
    assert len(graph["nodes"]) < len(whole["nodes"])
    answer = home.get(f"{DECISIONS}/{denied}/lineage", params={"node": "no_such"})
    assert (answer.status_code, problem_slug(answer)) == (404, "not-found")


def test_a_decision_gets_a_checkpoint_when_it_is_first_read(home: Served) -> None:
    decision = home.ordered(symbol="IBM", qty="1", account_id="second").json()["decision"]["id"]
    home.application.state.pop("reading_room", None)  # its pause between two signatures starts anew
    proof = home.get(f"{DECISIONS}/{decision}/proof").json()
    assert proof["checkpoint"].startswith(f"paper\n{proof['size']}\n")


def test_the_proof_of_a_record_holds(home: Served, bought: str) -> None:
    proof = home.get(f"{DECISIONS}/{bought}").json()["proof"]
    assert isinstance(home.service.store, SqlLog)
    with home.service.store.reader() as reader:
        path = [bytes.fromhex(each) for each in _hex(proof["proof"])]
        (record,) = reader.records(proof["index"], proof["index"] + 1)
    check_inclusion(record.leaf_hash, proof["index"], proof["size"], path, digest_from_text(proof["root"]))


def _hex(texts: list[str]) -> list[str]:
    return [base64.b64decode(text).hex() for text in texts]


def test_what_is_known_already_is_not_sent_again(home: Served, bought: str) -> None:
    """Only while nothing happens to it: an acknowledgement or a checkpoint may come between two asks."""
    for _ in range(20):
        first = home.get(f"{DECISIONS}/{bought}")
        again = home.get(f"{DECISIONS}/{bought}", headers={"If-None-Match": first.headers["etag"]})
        if again.headers["etag"] == first.headers["etag"]:
            break
        assert again.status_code == 200
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    trace = home.get(f"{DECISIONS}/{bought}/trace")
    assert home.get(f"{DECISIONS}/{bought}/trace", headers={"If-None-Match": trace.headers["etag"]}).status_code == 304


def test_the_beginning_of_an_id_will_do_unless_it_begins_several(home: Served, bought: str) -> None:
    assert home.get(f"{DECISIONS}/{bought[:12]}/history").json()["decision_id"] == bought
    assert home.get(f"{DECISIONS}/latest/history").status_code == 200
    answer = home.get(f"{DECISIONS}/{'f' * 64}")
    assert (answer.status_code, problem_slug(answer)) == (404, "not-found")
    answer = home.get(f"{DECISIONS}/nonsense")
    assert (answer.status_code, problem_slug(answer)) == (400, "bad-request")


def test_the_history_begins_with_the_decision_itself(home: Served, bought: str) -> None:
    history = home.get(f"{DECISIONS}/{bought}/history").json()
    assert (history["entry"]["kind"], history["entry"]["decision_id"]) == ("decision", bought)
    assert all(later["entry"]["decision_id"] == bought for later in history["later"])


def test_a_decision_replays_identically(home: Served, bought: str) -> None:
    report = home.post(f"{DECISIONS}/{bought}/replay").json()
    assert (report["outcome"], report["node"], report["decision_id"]) == ("identical", None, bought)


def test_reading_needs_the_right_to_audit(home: Served, bought: str) -> None:
    answer = home.client.get(f"{DECISIONS}/{bought}", headers=home.headers("plan:read"))
    assert (answer.status_code, problem_slug(answer)) == (403, "forbidden")
    assert home.client.get(DECISIONS).status_code == 401
