"""`GET /internal/catalog` and `GET /internal/dataflows` (UI-01): what can be computed, and how it is joined."""

from __future__ import annotations

from typing import Any

from nodes.vocabulary.canonical import digest_text
from tests.api.http.serving import Served, problem_slug

CATALOG, DATAFLOWS = "/internal/catalog", "/internal/dataflows"
ORDER = "us-equities-order"


def test_every_node_is_listed_with_its_stage_and_the_dataflows_that_compute_it(home: Served) -> None:
    found = home.get(CATALOG).json()
    lines = {line["name"]: line for line in found["nodes"]}
    assert lines["participation_frac"]["unit"] == "Frac"
    assert ORDER in lines["participation_frac"]["dataflows"]
    assert lines["momentum_frac"]["has_contract"]
    assert found["stages"][:2] == ["market", "features"]
    assert home.get(lines["momentum_frac"]["links"]["node"]).status_code == 200


def test_a_node_is_told_with_formula_contract_and_all_who_use_it(home: Served) -> None:
    found = home.get(f"{CATALOG}/participation_frac").json()
    assert found["formula"] == "order_size_shares / adv_shares"
    assert [each["name"] for each in found["arguments"]] == ["order_size_shares", "adv_shares"]
    assert "expected_impact_bps" in found["read_by"]
    assert ORDER in {each["dataflow"] for each in found["rules"]}
    contract = home.get(f"{CATALOG}/momentum_frac").json()["contract"]
    assert contract["window"] == "momentum_sessions"
    assert {each["domain"] for each in contract["sources"]} == {"bars_daily", "corporate_actions"}


def test_a_node_that_does_not_exist_is_answered_with_the_nearest(home: Served) -> None:
    answer = home.get(f"{CATALOG}/participation_fra")
    assert (answer.status_code, problem_slug(answer)) == (404, "not-found")
    assert "participation_frac" in answer.json()["detail"]


def test_every_dataflow_is_listed_under_the_policy_that_governs_it(home: Served) -> None:
    lines = {line["name"]: line for line in home.get(DATAFLOWS).json()["dataflows"]}
    running = home.service.generations.current.generation
    assert lines[ORDER]["policy_digest"] == digest_text(running.policy_digest)
    assert {"features", "labels", "signals", "promotion", "picks", "venue-rules"} < lines.keys()
    assert lines["promotion"]["kind"] == "gate"


def test_a_picture_has_every_node_after_all_that_it_reads(home: Served) -> None:
    found = home.get(f"{DATAFLOWS}/{ORDER}").json()
    seen: set[str] = set()
    reads: dict[str, list[str]] = {}
    for edge in found["edges"]:
        reads.setdefault(edge["target"], []).append(edge["source"])
    for node in found["nodes"]:
        assert set(reads.get(node["name"], ())) <= seen, node["name"]
        seen.add(node["name"])
    assert {node["stage"] for node in found["nodes"]} == set(found["stages"])
    assert {rule["node"] for rule in found["rules"]} <= seen


def test_policy_values_are_shown_and_rules_tell_their_text(home: Served) -> None:
    found = home.get(f"{DATAFLOWS}/{ORDER}").json()
    limits: list[dict[str, Any]] = [node for node in found["nodes"] if node["kind"] == "limit"]
    assert limits
    assert all(node["value"] and node["stage"] == "policy" for node in limits)
    assert all(rule["text"] and rule["because"] for rule in found["rules"])


def test_a_picture_that_is_known_is_not_sent_again(home: Served) -> None:
    tag = home.get(f"{DATAFLOWS}/{ORDER}").headers["etag"]
    answer = home.get(f"{DATAFLOWS}/{ORDER}", headers={"If-None-Match": tag})
    assert (answer.status_code, answer.content) == (304, b"")


def test_a_dataflow_that_does_not_exist_is_answered_with_the_nearest(home: Served) -> None:
    answer = home.get(f"{DATAFLOWS}/us-equities-orders")
    assert (answer.status_code, problem_slug(answer)) == (404, "not-found")
    assert ORDER in answer.json()["detail"]
