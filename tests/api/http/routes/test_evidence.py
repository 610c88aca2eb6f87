"""UI-01: what the auditor's pages ask: where something is, and the bytes that a trace's digest is made of."""

from __future__ import annotations

import base64
import struct
from hashlib import sha256
from typing import Any

import pytest

from tests.api.http.serving import Served, problem_slug

SEARCH = "/internal/log/search"
DECISIONS = "/internal/decisions"


@pytest.fixture(scope="module")
def bought(home: Served) -> dict[str, Any]:
    """A decision that was let out, whole."""
    reply = home.ordered(symbol="MSFT", qty="300", account_id="pages").json()
    found: dict[str, Any] = home.get(f"{DECISIONS}/{reply['decision']['id']}").json()
    return found


def hits(home: Served, text: str) -> list[dict[str, Any]]:
    answer = home.get(SEARCH, params={"text": text})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["hits"]
    return found


@pytest.mark.parametrize("fact", ["trace_digest", "plan_digest", "trace_ref"])
def test_a_decision_is_found_by_any_digest_that_it_says(home: Served, bought: dict[str, Any], fact: str) -> None:
    found = hits(home, bought["entry"]["facts"][fact])
    assert bought["decision"]["decision_id"] in {hit["decision_id"] for hit in found}


def test_a_decision_is_found_by_the_beginning_of_its_id_and_by_its_own_hashes(
    home: Served, bought: dict[str, Any]
) -> None:
    decision_id = bought["decision"]["decision_id"]
    for text in (decision_id[:9], decision_id.upper(), bought["entry"]["entry_id"], bought["entry"]["leaf_hash"]):
        assert hits(home, text)[0]["decision_id"] == decision_id


def test_an_entry_is_found_by_its_place(home: Served, bought: dict[str, Any]) -> None:
    found = hits(home, str(bought["entry"]["sequence"]))
    assert found[0]["sequence"] == bought["entry"]["sequence"]


@pytest.mark.parametrize(
    ("text", "filtered"),
    [
        ("msft", {"symbol": "MSFT"}),
        ("2013-01-02", {"session": "2013-01-02"}),
        ("PASS", {"verdict": "pass"}),
        ("pages", {"account_id": "pages"}),
    ],
)
def test_what_names_many_decisions_is_a_filter_of_their_list(
    home: Served, bought: dict[str, Any], text: str, filtered: dict[str, str]
) -> None:
    assert filtered in [hit["filter"] for hit in hits(home, text)]
    listed = home.get(DECISIONS, params=filtered).json()["decisions"]
    assert bought["decision"]["decision_id"] in {line["decision_id"] for line in listed}


def test_a_signed_root_is_found(home: Served, bought: dict[str, Any]) -> None:
    assert "checkpoint" in {hit["kind"] for hit in hits(home, bought["proof"]["root"])}


@pytest.mark.parametrize("text", ["0" * 64, "nothing-like-it", "9" * 40, "2013-13-45", "\u2603"])
def test_what_is_nowhere_is_not_found(home: Served, text: str) -> None:
    assert hits(home, text) == []


def test_a_search_without_a_text_is_refused(home: Served) -> None:
    assert problem_slug(home.get(SEARCH)) == "bad-request"


def test_a_token_finds_nothing_of_accounts_that_it_does_not_cover(home: Served, bought: dict[str, Any]) -> None:
    headers = home.headers("audit:read", accounts=("second",))
    answer = home.get(SEARCH, params={"text": bought["decision"]["decision_id"]}, headers=headers)
    assert answer.json()["hits"] == []


def test_the_evidence_of_a_trace_hashes_to_its_digest(home: Served, bought: dict[str, Any]) -> None:
    """A live or paper trace commits to each value: the root over the commitments, after the head, is its digest."""
    found = home.get(f"{DECISIONS}/{bought['decision']['decision_id']}/evidence").json()
    assert found["is_salted"]
    hashed = base64.b64decode(found["head"])
    for each in found["passes"]:
        leaves = [sha256(base64.b64decode(value["preimage"])).digest() for value in each["values"]]
        hashed += b"\x20" + sha256(b"\x01" + b"".join(leaves)).digest()
    assert f"sha256:{sha256(hashed).hexdigest()}" == found["trace_digest"] == bought["entry"]["facts"]["trace_digest"]


def test_values_are_read_from_the_bytes_that_were_hashed(home: Served, bought: dict[str, Any]) -> None:
    found = home.get(f"{DECISIONS}/{bought['decision']['decision_id']}/evidence").json()
    values = {value["key"]: value for value in found["passes"][0]["values"]}
    order = values["order.order_shares"]
    assert order["form"] == "int"
    assert struct.unpack("<q", base64.b64decode(order["preimage"])[24:]) == (bought["decision"]["order_shares"],)
