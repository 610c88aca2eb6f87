"""The journey of an API user, walked with a client that was generated from the served document, on a real server.

The client is made anew for every run and is nowhere kept: what it lacks, the document lacks.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
from pymerkle.core import _inclusion_path_layout
from pymerkle.proof import InclusionProof

from nodes.vocabulary.canonical import digest_from_text
from tests.api.http.serving import new_key
from tests.api.server_process import Running
from tests.contract.documents import operations
from tests.contract.generated import PACKAGE, Generation, generation

pytestmark = pytest.mark.slow
ACCOUNT = "journey"
VERIFIER = Path(__file__).resolve().parents[2] / "docs" / "verifier" / "verify_proof.py"


class Client:
    """Calls operations by their ids, as `api.<tag>.<operation id>.sync_detailed` does."""

    def __init__(self, made: Generation, url: str, token: str) -> None:
        self._made = made
        kind = made.module("client").AuthenticatedClient
        self._client = kind(base_url=url, token=token, raise_on_unexpected_status=True, timeout=httpx.Timeout(30))

    def __call__(self, operation_id: str, *arguments: Any, **named: Any) -> Any:
        """The whole answer: `status_code`, `headers`, `content`, `parsed`."""
        return self._made.function(operation_id)(*arguments, client=self._client, **named)

    def __enter__(self) -> Self:
        self._client.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._client.__exit__(*error)

    def model(self, name: str, **fields: Any) -> Any:
        return getattr(self._made.module("models"), name)(**fields)

    def order(self, symbol: str, qty: str = "10", side: str = "buy") -> Any:
        side_kind = self._made.module("models").OrderBodySide
        return self.model("OrderBody", symbol=symbol, qty=qty, side=side_kind(side), account_id=ACCOUNT)


@pytest.fixture(scope="module")
def made(server: Running, tmp_path_factory: pytest.TempPathFactory) -> Generation:
    """A client of the document that the server serves."""
    return generation(httpx.get(f"{server.url}/openapi.json", timeout=60).json(), tmp_path_factory.mktemp("client"))


@pytest.fixture
def client(server: Running, made: Generation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    monkeypatch.syspath_prepend(str(made.folder))
    with Client(made, server.url, server.token) as found:
        yield found


@pytest.fixture
def decided(client: Client) -> Any:
    """An order for a share that the account has not ordered yet in this session, or has: the key is its own."""
    return client("execute", body=client.order("AAPL"), idempotency_key="journey-1").parsed


def test_the_generator_takes_the_whole_document_without_a_warning(made: Generation) -> None:
    assert "warning" not in made.said.lower()
    assert made.said.strip().splitlines() == [f"Generating {made.folder / PACKAGE}"]


def test_the_client_has_every_operation(made: Generation, document: dict[str, Any]) -> None:
    """SCOPE-04."""
    assert made.operations().keys() == {each.operation_id for each in operations(document)}


@pytest.mark.usefixtures("client")
def test_every_module_of_the_client_can_be_imported(made: Generation) -> None:
    assert all(callable(made.function(operation_id)) for operation_id in made.operations())


def test_the_plan_names_the_shares_that_can_be_ordered(client: Client) -> None:
    """API-SIG-01."""
    answer = client("plan", account_id=ACCOUNT)
    assert answer.status_code == 200
    assert {"AAPL", "MSFT"} <= {row.symbol for row in answer.parsed.rows}
    assert answer.headers["etag"]


def test_a_plan_that_is_known_already_is_not_sent_again(client: Client) -> None:
    """API-SIG-01."""
    tag = client("plan", account_id=ACCOUNT).headers["etag"]
    answer = client("plan", account_id=ACCOUNT, if_none_match=tag)
    assert (answer.status_code, answer.content) == (304, b"")


def test_an_order_that_is_sent_twice_with_one_key_is_one_decision(client: Client) -> None:
    """API-SIG-04: the retry of an order cannot buy twice."""
    key = new_key()
    first, second = (client("execute", body=client.order("IBM"), idempotency_key=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content == second.content
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"


@pytest.mark.usefixtures("decided")
def test_a_key_with_another_order_is_a_problem_with_a_type(client: Client) -> None:
    answer = client("execute", body=client.order("AAPL", qty="11"), idempotency_key="journey-1")
    assert answer.status_code == 422
    assert type(answer.parsed).__name__ == "ProblemView"
    assert answer.parsed.type_ == "/problems/key-reused"
    assert answer.parsed.mend


def test_wrong_fields_are_named_one_by_one(client: Client) -> None:
    answer = client("execute", body=client.order("aapl", qty="0"), idempotency_key=new_key())
    assert answer.status_code == 400
    assert {each.where for each in answer.parsed.errors} == {"symbol", "qty"}


def test_positions_come_from_the_ledger(client: Client) -> None:
    """API-SIG-03."""
    held = client("positions", account_id=ACCOUNT).parsed
    assert held.account_id == ACCOUNT
    assert Decimal(held.cash) > 0


def test_an_order_that_went_out_can_be_followed(client: Client, decided: Any) -> None:
    order = client("order", decided.order.id).parsed
    assert (order.id, order.symbol) == (decided.order.id, "AAPL")
    assert order.id in {each.id for each in client("orders", account_id=ACCOUNT).parsed.orders}


def test_a_symbol_is_explained_for_experts_and_for_beginners(client: Client, decided: Any) -> None:
    """API-SIG-05."""
    told = client("explain", "AAPL", account_id=ACCOUNT).parsed
    assert told.symbol == "AAPL"
    assert told.decision.decision_id == decided.decision.id


def test_why_not_tells_what_would_have_changed_the_decision(client: Client) -> None:
    denied = client("execute", body=client.order("GOOG", qty="900000"), idempotency_key="journey-2").parsed
    told = client("why_not", denied.decision.id).parsed
    assert told.rules
    assert all(rule.changes or rule.powerless for rule in told.rules)


def test_a_decision_comes_with_a_proof_that_another_program_verifies(
    client: Client, decided: Any, tmp_path: Path
) -> None:
    """API-SIG-09: full record and inclusion proof, held against the log's own key."""
    record = client("get_decision", decided.decision.id).parsed
    file, vkey = tmp_path / "proof.json", client("get_log").parsed.verifier_key
    file.write_text(json.dumps(record.proof.to_dict()), encoding="utf-8")
    command = [sys.executable, str(VERIFIER), "proof", str(file), vkey]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_same_proof_holds_with_pymerkle(client: Client, decided: Any) -> None:
    """API-SIG-09: a library that was written by others, for other logs."""
    found = client("get_decision_proof", decided.decision.id).parsed
    leaf = sha256(b"\x00" + base64.b64decode(found.entry)).digest()
    path = [leaf, *map(base64.b64decode, found.proof)]
    rule, _ = _inclusion_path_layout(found.index + 1, found.size)
    proof = InclusionProof("sha256", security=True, size=found.size, index=found.index + 1, rule=rule, path=path)
    proof.verify(leaf, digest_from_text(found.root))


def test_how_policies_stand_is_told_with_the_tag_that_a_change_needs(client: Client) -> None:
    """API-SIG-08."""
    answer = client("policy_status")
    state = f"{answer.parsed.active.policy_digest}-{answer.parsed.active.sequence}"
    assert answer.headers["etag"] == f'"{state}"'
    reloaded = client("reload_policies", if_match=answer.headers["etag"])
    assert reloaded.parsed.active.policy_digest == answer.parsed.active.policy_digest


def test_a_change_of_a_state_that_is_no_more_is_a_problem_with_a_type(client: Client) -> None:
    """API-SIG-08."""
    answer = client("reload_policies", if_match='"sha256:other"')
    assert (answer.status_code, answer.parsed.type_) == (412, "/problems/stale-condition")


def test_a_token_without_the_scope_is_a_problem_with_a_type(server: Running, made: Generation, client: Client) -> None:
    """SEC-17."""
    with Client(made, server.url, server.token_for("plan:read", principal="reader")) as reader:
        answer = reader("execute", body=client.order("AAPL"), idempotency_key=new_key())
    assert (answer.status_code, answer.parsed.type_) == (403, "/problems/forbidden")
