"""What is really there is answered as the document says: each operation is asked for something that exists.

Drawn requests seldom name what there is. Here an order is placed first, and every question is then about it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
import pytest
import requests
import schemathesis

from api.http.app import ROUTERS
from api.http.openapi import document
from tests.api.alert_calls import ARMED
from tests.api.http.serving import EXECUTE, ORDER
from tests.api.reconciliation_calls import RECONCILIATIONS, STATEMENT
from tests.api.research_samples import small_study
from tests.api.sample_lake import QUERIES as DATA_QUERIES
from tests.api.sample_lake import is_of_data, places
from tests.api.server_process import Running
from tests.contract.documents import operations

pytestmark = pytest.mark.slow
ACCOUNT = "answers"
DOCUMENT = document(ROUTERS)
CONTRACT = schemathesis.openapi.from_dict(DOCUMENT)
QUERIES: Mapping[str, Mapping[str, Any]] = {
    "GET /internal/log/proofs/inclusion": {"sequence": 1},
    "GET /internal/log/proofs/consistency": {"from": 1},
    "GET /internal/log/search": {"text": "AAPL"},
    "GET /internal/log/entries": {"kind": ["decision", "plan"], "limit": 5},
    "GET /api/v1/journal/attribution/decisions": {"line": "commission"},
    "GET /internal/decisions": {"account_id": ACCOUNT, "symbol": "AAPL", "limit": 1},
}
UNREADY = {
    "GET /api/v1/research/runs/{job_id}/report",
    "GET /api/v1/backtests/{backtest_id}/report",
    "GET /api/v1/backtests/{backtest_id}/tables/{table}",
    "GET /api/v1/scenarios/{scenario_id}/report",
    "GET /internal/policy/impacts/{impact_id}/decisions",
    "GET /api/v1/alerts/{alert_id}",
    "GET /internal/incidents/{incident_id}",
    "GET /internal/incidents/{incident_id}/postmortem",
    "GET /internal/policy/stages/{policy_digest}/divergences",
}
"""A report is there when its job is done, an alert when a condition held, an incident when somebody opened one, a
divergence when a policy is in the shadow: the tests of their routes in tests/api/http/routes wait for them."""
OF_MODELS = "/models/{family}"
"""A model is there when a study registered it: tests/api/http/routes/test_models.py registers one."""
READING = sorted(
    each.label
    for each in operations(DOCUMENT)
    if each.method == "GET" and not each.is_stream and each.label not in UNREADY and OF_MODELS not in each.label
)


@pytest.fixture(scope="module")
def line(server: Running) -> Iterator[requests.Session]:
    with requests.Session() as found:
        found.headers["Authorization"] = f"Bearer {server.token}"
        yield found


@pytest.fixture(scope="module")
def known(server: Running, line: requests.Session) -> dict[str, str]:
    """What parameters of paths are called, once an order is placed and a checkpoint is signed."""
    body = {**ORDER, "account_id": ACCOUNT}
    placed = line.post(server.url + EXECUTE, json=body, headers={"Idempotency-Key": "answers-1"}).json()
    assert placed["order"] is not None, placed
    line.post(f"{server.url}/internal/log/checkpoint")
    analysis = line.post(f"{server.url}/api/v1/models/recommendation", json={"policy": small_study()})
    study = line.post(f"{server.url}/api/v1/research/runs", json={"policy": small_study()}).json()
    backtest = line.post(f"{server.url}/api/v1/backtests", json={"first_on": "2012-01-03"}).json()
    scenario = line.post(f"{server.url}/api/v1/scenarios", json={"name": "overnight-shock"}).json()
    policy = line.get(f"{server.url}/internal/policy/versions/{placed['decision']['policy_digest']}").json()
    impact = line.post(f"{server.url}/internal/policy/impacts", json={"text": policy["text"]}).json()
    for asked in (study, analysis.json(), backtest, scenario, impact):  # looked at here, not waited for
        line.delete(f"{server.url}/api/v1/jobs/{asked['job_id']}")
    armed = line.post(f"{server.url}/api/v1/alerts/arm", json={**ARMED, "account_id": ACCOUNT}).json()
    statement = {"statement": STATEMENT, "mapping": "statement-csv", "account_id": ACCOUNT}
    reconciled = line.post(f"{server.url}{RECONCILIATIONS}", json=statement).json()
    booked = line.get(f"{server.url}/api/v1/journal/entries?limit=1").json()["entries"]
    return {
        "entry_key": booked[0]["entry_key"],
        "armed_id": armed["armed_id"],
        "reconciliation_id": reconciled["reconciliation_id"],
        "decision": placed["decision"]["id"],
        "order_id": placed["order"]["id"],
        "policy_digest": placed["decision"]["policy_digest"],
        "symbol": "AAPL",
        "sequence": "3",
        "slug": "key-reused",
        "analysis_id": analysis.json()["job_id"],
        "job_id": study["job_id"],
        "backtest_id": backtest["job_id"],
        "scenario_id": scenario["job_id"],
        "impact_id": impact["job_id"],
        "path": "0/000.p/2",
        "node": "participation_frac",
        "dataflow": "us-equities-order",
    }


@pytest.mark.parametrize("label", READING)
def test_what_is_there_is_answered_as_documented(
    label: str, known: dict[str, str], server: Running, line: requests.Session
) -> None:
    """TEST-03, SCOPE-04."""
    operation = CONTRACT.find_operation_by_label(label)
    assert operation is not None
    said = DOCUMENT["paths"][operation.path]["get"]
    about = {**known, **places(said["operationId"])} if is_of_data(said) else known
    wanted = {each.name: about[each.name] for each in operation.path_parameters}
    query = QUERIES.get(label) or DATA_QUERIES.get(said["operationId"], {})
    case = operation.Case(path_parameters=wanted, query=dict(query))
    response = case.call(base_url=server.url, session=line)
    assert response.status_code == 200, response.text
    case.validate_response(response)


def test_no_answer_has_a_field_that_the_document_does_not_have(
    known: dict[str, str], server: Running, line: requests.Session
) -> None:
    """What is told but not documented would be relied on, and taken away unnoticed."""
    record = line.get(f"{server.url}/internal/decisions/{known['decision']}").json()
    closed = _closed(DOCUMENT)
    schema = {"$ref": "#/components/schemas/DecisionRecord", "components": closed["components"]}
    assert [fault.message for fault in jsonschema_rs.Draft202012Validator(schema).iter_errors(record)] == []


def _closed(part: Any) -> Any:
    """A document in which every object has the fields that are named, and no other."""
    if isinstance(part, list):
        return [_closed(each) for each in part]
    if not isinstance(part, dict):
        return part
    said = {name: _closed(each) for name, each in part.items()}
    is_object = part.get("type") == "object" and "properties" in part
    return {**said, "additionalProperties": False} if is_object else said
