"""API-SIG-01, API-SIG-05: the told plan over HTTP, for beginner and expert."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.http.serving import Served

ACCOUNT = "second"


def plan(home: Served, view: str) -> dict[str, Any]:
    answer = home.get("/api/v1/plan", params={"account_id": ACCOUNT, "view": view})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def story(home: Served, symbol: str, view: str) -> dict[str, Any]:
    answer = home.get(f"/api/v1/explain/{symbol}", params={"account_id": ACCOUNT, "view": view})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["signal"]
    return found


def test_both_views_tell_the_same_decisions_and_numbers(home: Served) -> None:
    """SGN-02: same decision id, two views; no number differs."""
    decision = home.ordered(symbol="MSFT", qty="1", account_id=ACCOUNT).json()["decision"]["id"]
    beginner, expert = plan(home, "beginner"), plan(home, "expert")
    for name in ("plan_entry", "rows", "policy_digest"):
        assert beginner[name] == expert[name]
    assert decision in next(row["decision_ids"] for row in expert["rows"] if row["symbol"] == "MSFT")
    one, other = beginner["signals"], expert["signals"]
    assert one["signal_id"] == other["signal_id"]
    for mine, yours in zip(one["picks"], other["picks"], strict=True):
        for name in ("symbol", "side", "is_shown", "numbers", "reasons", "rules", "decision_ids"):
            assert mine[name] == yours[name]
        assert mine["text"] != yours["text"]


def test_only_experts_are_told_margins_and_previews(home: Served) -> None:
    (beginner, *_), (expert, *_) = (
        [pick for pick in plan(home, view)["signals"]["picks"] if pick["is_shown"]] for view in ("beginner", "expert")
    )
    assert (beginner["margins"], beginner["preview"]) == ([], None)
    assert {margin["operand"] for margin in expert["margins"]} >= {"fitness_frac", "bad_day_loss_frac"}
    preview = expert["preview"]
    assert (preview["verdict"], preview["rules"][0]["rule"]) == ("clip", "notional")
    assert preview["margins"]["notional"][0]["limit_value"]["exact"] == "150000"
    assert preview["expected_cost_bps"]["text"].endswith(" bps")


def test_a_pick_that_is_held_back_tells_why_and_no_numbers(home: Served) -> None:
    """SGN-04: below the policy's threshold no pick is shown."""
    (held,) = [pick for pick in plan(home, "beginner")["signals"]["picks"] if not pick["is_shown"]]
    assert (held["symbol"], held["numbers"], held["reasons"]) == ("IBM", {}, [])
    assert held["text"] == f"IBM is held back. {held['rules'][0]['beginner']}"
    assert held["rules"][0]["rule"] == "reason-fitness"


def test_a_degraded_plan_names_what_is_missing(home: Served) -> None:
    """SGN-01: missing upstream => degraded plan with reason."""
    found = plan(home, "expert")["signals"]
    assert (found["is_degraded"], found["missing"]) == (True, ["sentiment", "events", "halts"])
    said = {source["name"]: source for source in found["sources"]}
    assert said["sentiment"] == {
        "name": "sentiment",
        "state": "missing",
        "because": "the bundled data have no texts",
    }
    assert {said[name]["state"] for name in ("inference", "portfolio", "risk", "forecasts")} == {"used"}


@pytest.mark.parametrize("view", ["beginner", "expert"])
def test_a_share_is_explained_by_its_pick_and_what_would_change_it(home: Served, view: str) -> None:
    """API-SIG-05: reasons, counterfactuals, lineage DAG link, beginner & expert."""
    found = story(home, "AAPL", view)
    told = next(pick for pick in plan(home, view)["signals"]["picks"] if pick["symbol"] == "AAPL")
    assert found["signal_id"] == plan(home, view)["signals"]["signal_id"]
    assert found["pick"] == {**told, "decision_ids": []}
    assert found["text"] == told["text"]
    assert [change["input"] for change in found["changes"]][:2] == ["composite_score", "fitness_frac"]
    assert found["changes"][1]["then"] == "deny"


def test_a_share_that_the_plan_lets_be_is_said_to_be_let_be(home: Served) -> None:
    found = story(home, "FB", "beginner")
    assert (found["pick"], found["changes"]) == (None, [])
    assert found["text"] == "The plan lets FB be: it is not held and not bought."


def test_a_view_that_does_not_exist_is_refused(home: Served) -> None:
    assert home.get("/api/v1/plan", params={"view": "poet"}).status_code == 400
    assert home.get("/api/v1/explain/AAPL", params={"view": "poet"}).status_code == 400


def test_each_view_has_a_tag_of_its_own(home: Served) -> None:
    tags = {home.get("/api/v1/plan", params={"view": view}).headers["etag"] for view in ("beginner", "expert")}
    assert len(tags) == 2


def test_a_plan_tells_its_age_and_whether_it_came_from_memory(home: Served) -> None:
    """API-SIG-01: SWR headers; SGN-05: Age & Cache-Status."""
    home.get("/api/v1/plan")
    headers = home.get("/api/v1/plan").headers
    assert int(headers["age"]) >= 0
    assert headers["cache-status"].startswith("assay; hit; ttl=")
