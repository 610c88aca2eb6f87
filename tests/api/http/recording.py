"""Records the examples of the OpenAPI document from a real server: `python -m tests.api.http.recording`.

Run it after a route, a body or an answer changed; with names of operations it renews only these. Ids and instants
differ from run to run; nothing depends on them.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import msgspec

from adapters.lake.lake import bundled_lake
from api.http.app import ROUTERS
from api.http.openapi import document
from api.impact_parts import impact_work
from api.settings import PolicyMode
from api.use_cases.incidents import IncidentReport, closed_incident, opened_incident
from api.use_cases.jobs import done_job
from api.use_cases.market import dispatch
from api.use_cases.model_desk import serving_desk
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.instants import instant_text
from policies.parse import parsed_policy, policy_digest
from tests.api.alert_calls import alert_calls
from tests.api.http.serving import EXECUTE, ORDER, Served, new_key, paper_settings, served
from tests.api.luck import CALLS
from tests.api.portfolios import CALLS as PORTFOLIO_CALLS
from tests.api.reconciliation_calls import reconciliation_calls
from tests.api.research_samples import small_study
from tests.api.sample_lake import QUERIES, is_of_data, places, sample_store
from tests.api.use_cases.model_desks import challenger
from tests.dataflows.research.small import small_policy
from tests.governance.model_examples import FAMILY

TARGET = Path(__file__).parents[3] / "api" / "http" / "examples.json"
EXECUTION = "/api/v1/execution"
MAX_LIST = 3
_ASKED_APART = (
    "policy_digest",
    "{path}",
    "analysis_id",
    "backtest_id",
    "impact_id",
    "scenario_id",
    "job_id",
    "armed_id",
    "alert_id",
    "reconciliation_id",
)
_CONTRIBUTION = {"kind": "contribution", "as_of": "2013-01-02T21:00:00Z", "amount": "2500.00", "account_id": "paper"}
_STATE: dict[str, str] = {}
"""Headers of a call that names how policies stand by then."""
Calls = list[tuple[str, str, str, Any, dict[str, str]]]


def recorded(home: Served) -> dict[str, Any]:
    """Requests and answers by operation id. A second person approves what the first one proposed."""
    placed = home.ordered(account_id="paper", client_order_id="my-order-1").json()
    incident_id = _incident(home)
    home.post("/internal/log/checkpoint")
    active = home.get("/internal/policy").json()["active"]["policy_digest"]
    found: dict[str, Any] = {}
    for operation_id, method, path, body, headers in [
        *executions(home),
        *_writes(home, active),
        *_promotions(home),
        *analyses(home),
        *studies(home),
        *backtests(home),
        *impacts(home),
        *proofs(home),
        *risks(home),
        *alert_calls(home),
        *reconciliation_calls(home),
        *_reads(placed, incident_id, _journal_entry(home)),
        *CALLS,
        *PORTFOLIO_CALLS,
    ]:
        who = "second person" if operation_id in {"approve_policy", "approve_model", "canary_policy"} else "trader"
        condition = {"If-Match": home.get("/internal/policy").headers["etag"]} if headers is _STATE else headers
        response = home.client.request(method, path, json=body, headers=home.headers(principal=who) | condition)
        assert response.is_success, (operation_id, response.text)
        said: dict[str, Any] = {}
        if body is not None:
            said["request"] = {"application/json": _short(body)}
        if "json" in response.headers.get("content-type", ""):
            said["answers"] = {str(response.status_code): _short(response.json())}
        before = found.get(operation_id, {})
        found[operation_id] = said | {"answers": before.get("answers", {}) | said["answers"]} if before else said
    return found


def executions(home: Served) -> Calls:
    """Calls that plan a route, send an order in the words of FIX, replace it and take it back."""
    order = {"cl_ord_id": new_key(), "symbol": "MSFT", "side": "1", "order_qty": "200", "account_id": "one"}
    quotes = [
        {"venue": venue, "bids": [{"price": "27.60", "qty": "300"}], "asks": [{"price": "27.61", "qty": qty}]}
        for venue, qty in (("NASDAQ", "300"), ("NYSE", "200"), ("BYX", "100"))
    ]
    asked = {"symbol": "MSFT", "side": "1", "order_qty": "500", "quotes": quotes, "account_id": "one"}
    sent = home.post(f"{EXECUTION}/submit-order", json=order).json()["order_id"]
    return [
        ("route_order", "POST", f"{EXECUTION}/route-order", asked, {}),
        ("submit_order", "POST", f"{EXECUTION}/submit-order", order, {}),
        ("execution_order", "GET", f"{EXECUTION}/orders/{sent}", None, {}),
        ("cancel_order", "POST", f"{EXECUTION}/orders/{sent}/cancel", {"reason": "no longer wanted"}, {}),
        *_replacement(home),
        *_report(home),
    ]


def _replacement(home: Served) -> Calls:
    order = {"cl_ord_id": new_key(), "symbol": "MSFT", "side": "1", "order_qty": "200", "account_id": "hidden"}
    sent = home.post(f"{EXECUTION}/submit-order", json=order).json()["order_id"]
    change = {"cl_ord_id": new_key(), "order_qty": "300"}
    return [("replace_order", "POST", f"{EXECUTION}/orders/{sent}/replace", change, {})]


def _report(home: Served) -> Calls:
    order = {"cl_ord_id": new_key(), "symbol": "MSFT", "side": "1", "order_qty": "200", "account_id": "tagged"}
    sent = home.post(f"{EXECUTION}/submit-order", json=order).json()["order_id"]
    dispatch(home.service)
    said = {"exec_id": "X-17", "exec_type": "F", "last_qty": "50", "last_px": "27.61", "fees": "0.35", "venue": "XNAS"}
    return [("report_execution", "POST", f"{EXECUTION}/orders/{sent}/reports", said, {})]


def _incident(home: Served) -> str:
    """An incident that was closed with its cause."""
    desk = serving_desk(home.service)
    report = IncidentReport("Orders on bad data", "prices stood still for an hour", desk.clock())
    found = opened_incident(desk, report, "oncall")
    return closed_incident(desk, found.incident_id, "oncall", "the feed was late; an alert now says so").incident_id


def _journal_entry(home: Served) -> str:
    """The key of an entry of the journal."""
    return str(home.get("/api/v1/journal/entries?limit=1").json()["entries"][0]["entry_key"])


def _reads(placed: Mapping[str, Any], incident_id: str, entry_key: str) -> Calls:
    """A call for each reading operation, of what was just placed."""
    decision, order = placed["decision"]["id"], placed["order"]["id"]
    known = {"decision": decision, "order_id": order, "symbol": "AAPL", "sequence": "3", "slug": "key-reused"}
    known |= {"node": "participation_frac", "dataflow": "venue-rules"}
    known |= {"family": FAMILY, "version": "1", "incident_id": incident_id, "entry_key": entry_key}
    queries = {
        "/internal/log/proofs/inclusion": "?sequence=1",
        "/internal/log/search": "?text=AAPL",
        "/internal/log/proofs/consistency": "?from=1",
        "/api/v1/journal/attribution/decisions": "?line=market",
        "/api/v1/plan": "?view=beginner",
        "/api/v1/explain/{symbol}": "?view=beginner",
    }
    calls: Calls = []
    for path, item in document(ROUTERS)["paths"].items():
        for method, operation in item.items():
            is_streamed = "text/event-stream" in str(operation)
            if method != "get" or is_streamed or any(name in path for name in _ASKED_APART):
                continue
            operation_id = operation["operationId"]
            about = {**known, **places(operation_id)} if is_of_data(operation) else known
            query = f"?{urlencode(QUERIES[operation_id])}" if operation_id in QUERIES else queries.get(path, "")
            calls.append((operation_id, "GET", path.format(**about) + query, None, {}))
    calls.append(("replay_decision", "POST", f"/internal/decisions/{decision}/replay", None, {}))
    calls.append(("make_checkpoint", "POST", "/internal/log/checkpoint", None, {}))
    return calls


def _writes(home: Served, active: str) -> Calls:
    """A call for each changing operation, in an order in which each of them can be."""
    because = {"because": "drill"}
    text = home.settings.policy.read_text(encoding="utf-8").replace("version: 1", "version: 2")
    text = text.replace("supersedes: null", f"supersedes: {active}").replace("2020-01-01", "2096-01-01")
    cases = home.settings.policy.with_name("v1.cases.yaml").read_text(encoding="utf-8")
    watched = home.settings.policy.parent
    (watched / "v2.yaml").write_text(text, encoding="utf-8")
    (watched / "v2.cases.yaml").write_text(cases, encoding="utf-8")
    second = parsed_policy(text.encode(), "v2.yaml").policy
    place = f"/internal/policy/proposals/{digest_text(policy_digest(second))}"
    switched = {"is_engaged": False, "reason": "drill over"}
    return [
        ("execute", "POST", EXECUTE, {**ORDER, "account_id": "second"}, {"Idempotency-Key": new_key()}),
        ("policy_version", "GET", f"/internal/policy/versions/{active}", None, {}),
        *_stages(home, text, cases),
        (
            "submit_policy",
            "POST",
            "/internal/policy/candidates",
            {"text": text, "cases": cases, "file": "v2.yaml"},
            _STATE,
        ),
        ("withdraw_policy", "POST", f"{place}/withdraw", because, _STATE),
        ("reload_policies", "POST", "/internal/policy/reload", None, _STATE),
        ("approve_policy", "POST", f"{place}/approve", None, _STATE),
        ("roll_back_policy", "POST", "/internal/policy/rollback", {"policy_digest": active, **because}, _STATE),
        ("set_kill_switch", "PUT", "/internal/kill-switch", switched, {}),
        ("handle_alerts", "PUT", "/api/v1/events/alerts/subscribers/desk", {"handled": 1}, {}),
        ("book_journal_entry", "POST", "/api/v1/journal/entries", _CONTRIBUTION, {"Idempotency-Key": new_key()}),
        ("advance_session", "POST", "/internal/session/advance", {"from_session_on": "2013-01-02"}, {}),
    ]


def _stages(home: Served, text: str, cases: str) -> Calls:
    """A version that is checked while it is written, judges in the shadow, decides one symbol, and is ended."""
    now = text.replace("2096-01-01T00:00:00Z", instant_text(home.service.clock())).replace("owner: risk", "owner: desk")
    place = f"/internal/policy/stages/{digest_text(policy_digest(parsed_policy(now.encode(), 'v2.yaml').policy))}"
    body = {"text": now, "cases": cases, "file": "v2.yaml", "because": "to see what it says"}
    canary = {"policy_digest": place.rpartition("/")[2], "symbols": ["IBM"], "because": "it says what was expected"}
    return [
        ("check_policy", "POST", "/internal/policy/check", {"text": now, "file": "v2.yaml"}, {}),
        ("shadow_policy", "POST", "/internal/policy/shadows", body, _STATE),
        ("canary_policy", "POST", "/internal/policy/canaries", canary, _STATE),
        ("policy_divergences", "GET", f"{place}/divergences", None, {}),
        ("end_policy_stage", "POST", f"{place}/end", {"because": "seen enough"}, _STATE),
    ]


def _promotions(home: Served) -> Calls:
    """A call for each operation that changes a model: version 1 is promoted, and gone back to after version 2 was."""
    desk = serving_desk(home.service)
    first, second, _ = (challenger(desk, number) for number in (1, 2, 3))
    why, place = {"because": "it was tested"}, f"/api/v1/models/{FAMILY}"
    none, one = ({"If-Match": f'"{tag}"'} for tag in ("none", digest_text(first.model_digest)))
    two = {"If-Match": f'"{digest_text(second.model_digest)}"'}
    back = {"version": 1, "because": "it trades on bad data"}
    retired = {"stage": "retired", "because": "it had its time"}
    return [
        ("propose_model", "POST", f"{place}/versions/1/promotion", why, none),
        ("withdraw_model", "POST", f"{place}/versions/1/withdrawal", {"because": "not today"}, none),
        ("propose_model", "POST", f"{place}/versions/1/promotion", why, none),
        ("approve_model", "POST", f"{place}/versions/1/approval", why, none),
        ("propose_model", "POST", f"{place}/versions/2/promotion", why, one),
        ("approve_model", "POST", f"{place}/versions/2/approval", why, one),
        ("roll_back_model", "POST", f"{place}/rollback", back, two),
        ("move_model", "POST", f"{place}/versions/3/stage", retired, one),
    ]


def _short(value: Any) -> Any:
    """A value short enough to read: long lists and texts cut."""
    if isinstance(value, dict):
        return {name: _short(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_short(each) for each in value[:MAX_LIST]]
    if isinstance(value, str) and len(value) > 400:
        return value[:400]
    return value


def analyses(home: Served) -> Calls:
    """A call for each analysis, and one that looks at it."""
    study = {"policy": small_study()}
    model = {**study, "model": "lightgbm", "settings": {"n_trees": 40}}
    asked = home.post("/api/v1/models/recommendation", json=study).json()["job_id"]
    return [
        ("analyze_features", "POST", "/api/v1/features/analyze", model, {}),
        ("optimize_features", "POST", "/api/v1/features/optimize", model, {}),
        ("evaluate_model", "POST", "/api/v1/models/evaluate", model, {}),
        ("recommend_models", "POST", "/api/v1/models/recommendation", study, {}),
        ("analysis", "GET", f"/api/v1/analysis/{asked}", None, {}),
    ]


def studies(home: Served) -> Calls:
    """A call for a study and for its job, which is cancelled in the end."""
    study = {"policy": small_policy(), "file": "v1.yaml"}
    asked = home.post("/api/v1/research/runs", json=study).json()["job_id"]
    return [
        ("run_research", "POST", "/api/v1/research/runs", study, {}),
        ("research_run", "GET", f"/api/v1/research/runs/{asked}", None, {}),
        ("job", "GET", f"/api/v1/jobs/{asked}", None, {}),
        ("cancel_job", "DELETE", f"/api/v1/jobs/{asked}", None, {}),
    ]


def backtests(home: Served) -> Calls:
    """A call for a backtest, and one that looks at it."""
    body = {"first_on": "2012-01-03", "last_on": "2012-12-31", "changes": ["max_fill_participation_frac=0.0005"]}
    asked = home.post("/api/v1/backtests", json=body).json()["job_id"]
    return [
        ("run_backtest", "POST", "/api/v1/backtests", body, {}),
        ("backtest", "GET", f"/api/v1/backtests/{asked}", None, {}),
    ]


def impacts(home: Served) -> Calls:
    """A call for an impact, and those that look at one that was done."""
    text = home.settings.policy.read_text(encoding="utf-8").replace("max_order_shares: 5000", "max_order_shares: 5")
    asked = home.post("/internal/policy/impacts", json={"text": text}).json()["job_id"]
    done_job(home.parts.jobs, home.parts.jobs.job(asked), impact_work(replace(home.settings, lake=None), 1))
    return [
        ("run_impact", "POST", "/internal/policy/impacts", {"text": text, "last": 1000}, {}),
        ("impact", "GET", f"/internal/policy/impacts/{asked}", None, {}),
        ("impact_decisions", "GET", f"/internal/policy/impacts/{asked}/decisions?limit=2", None, {}),
    ]


def proofs(home: Served) -> Calls:
    """A call for a proof: what is proved of a candidate, and what is shown of it."""
    text = home.settings.policy.read_text(encoding="utf-8").replace("min_cash_usd: 5000", "min_cash_usd: 8000")
    claims = ["candidate-allows", "candidate-skips-review", "live-allows"]
    return [
        ("prove_policy", "POST", "/internal/policy/proofs", {"text": text, "file": "v2.yaml", "claims": claims}, {})
    ]


def risks(home: Served) -> Calls:
    """A call for each operation of risk that changes something, for a scenario, and one that looks at it."""
    asked = home.post("/api/v1/scenarios", json={"name": "overnight-shock"}).json()["job_id"]
    return [
        ("release_throttle", "POST", "/api/v1/risk/throttles/release", {"reason": "orders read, all meant"}, {}),
        ("record_breaches", "POST", "/api/v1/risk/breaches", {}, {}),
        ("run_scenario", "POST", "/api/v1/scenarios", {"name": "overnight-shock", "by_rule": False}, {}),
        ("scenario", "GET", f"/api/v1/scenarios/{asked}", None, {}),
    ]


HOME_SHOWN = b"/srv/assay"
"""Where examples say that the home is, wherever they were recorded."""


def main(only: Collection[str] = ()) -> None:
    """Write the examples, or renew those of some operations."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "home"
        sample_store(Path(folder) / "lake")
        more = {"policy_mode": PolicyMode.APPROVED, "policy_folder": place / "policies", "lake": Path(folder) / "lake"}
        settings = paper_settings(place, **more)
        with served(settings, bundled_lake()) as home:
            found = recorded(home)
    if only:
        kept: dict[str, Any] = msgspec.json.decode(TARGET.read_bytes())
        found = kept | {name: found[name] for name in only}
    text = msgspec.json.format(msgspec.json.encode(found), indent=1).replace(str(place).encode(), HOME_SHOWN)
    TARGET.write_bytes(text + b"\n")


if __name__ == "__main__":
    main(sys.argv[1:])
