"""SEC-17: a token for one account reads nothing of another one, whichever way it asks."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.http.serving import Served, problem_slug


@pytest.fixture(scope="module")
def bought(home: Served) -> dict[str, Any]:
    """An order of the account `hidden` that was let out."""
    reply: dict[str, Any] = home.ordered(symbol="MSFT", qty="200", account_id="hidden").json()
    assert reply["order"] is not None
    return reply


@pytest.fixture(scope="module")
def sequence(home: Served, bought: dict[str, Any]) -> int:
    """The place of its decision in the log."""
    found = home.get(f"/internal/decisions/{bought['decision']['id']}/history").json()
    return int(found["entry"]["sequence"])


def asked(home: Served, path: str, *accounts: str, method: str = "GET", **params: str) -> Any:
    headers = home.headers(accounts=accounts)
    return home.client.request(method, path, headers=headers, params=params or None)


@pytest.mark.parametrize("part", ["", "/trace", "/lineage", "/proof", "/history"])
def test_a_decision_is_for_tokens_of_its_account(home: Served, bought: dict[str, Any], part: str) -> None:
    path = f"/internal/decisions/{bought['decision']['id']}{part}"
    assert problem_slug(asked(home, path, "paper", "second")) == "forbidden"
    assert asked(home, path, "hidden").status_code == 200


def test_a_decision_is_replayed_and_questioned_by_tokens_of_its_account(home: Served, bought: dict[str, Any]) -> None:
    decision_id = bought["decision"]["id"]
    replay = f"/internal/decisions/{decision_id}/replay"
    assert problem_slug(asked(home, replay, "paper", method="POST")) == "forbidden"
    assert problem_slug(asked(home, f"/decisions/why_not/{decision_id}", "paper")) == "forbidden"


def test_a_list_holds_decisions_of_the_tokens_account_only(home: Served, bought: dict[str, Any]) -> None:
    assert bought
    for account in ("hidden", "tagged"):
        listed = asked(home, "/internal/decisions", account).json()["decisions"]
        assert {line["account_id"] for line in listed} <= {account}
    assert asked(home, "/internal/decisions", "hidden").json()["decisions"]


def test_a_list_of_another_account_is_refused(home: Served) -> None:
    assert problem_slug(asked(home, "/internal/decisions", "paper", account_id="hidden")) == "forbidden"


def test_a_token_of_several_accounts_names_the_one_that_it_lists(home: Served) -> None:
    answer = asked(home, "/internal/decisions", "paper", "second")
    assert problem_slug(answer) == "bad-request"
    assert "paper, second" in answer.json()["detail"]


@pytest.mark.parametrize("part", ["entries/{}", "entries/{}/data", "proofs/inclusion?sequence={}"])
def test_an_entry_is_for_tokens_of_its_account(home: Served, sequence: int, part: str) -> None:
    path = f"/internal/log/{part.format(sequence)}"
    home.post("/internal/log/checkpoint")
    assert problem_slug(asked(home, path, "paper")) == "forbidden"
    assert asked(home, path, "hidden").status_code == 200


def test_an_entry_about_no_account_is_for_every_auditor(home: Served) -> None:
    assert asked(home, "/internal/log/entries/1", "nobody").status_code == 200


@pytest.mark.parametrize("path", ["entries", "events", "tile/entries/000.p/1"])
def test_the_whole_log_is_for_tokens_of_all_accounts(home: Served, path: str) -> None:
    assert problem_slug(asked(home, f"/internal/log/{path}", *home.service.accounts)) == "forbidden"


@pytest.mark.parametrize("path", ["", "/checkpoint", "/checkpoints", "/tile/0/000.p/1", "/proofs/consistency?from=1"])
def test_heads_and_hashes_are_for_every_auditor(home: Served, path: str) -> None:
    home.post("/internal/log/checkpoint")
    assert asked(home, f"/internal/log{path}", "nobody").status_code == 200


def test_only_an_operator_of_all_accounts_moves_the_market_on(home: Served) -> None:
    answer = asked(home, "/internal/session/advance", "paper", method="POST")
    assert problem_slug(answer) == "forbidden"
