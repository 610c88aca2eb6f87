"""Nobody comes in without a token that holds, and nobody does what theirs is not for: at every operation there is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.bootstrap import token_keys
from api.http.tokens import ALGORITHM, SCOPES, TOKEN_TYPE
from tests.api.server_process import NO_TLS, Running
from tests.contract.documents import Operation, operations

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def line(server: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=30, verify=NO_TLS) as found:
        yield found


@pytest.fixture(scope="module")
def guarded(document: dict[str, Any]) -> tuple[Operation, ...]:
    return tuple(each for each in operations(document) if each.scope is not None)


def _statuses(
    line: httpx.Client, asked: tuple[Operation, ...], headers: Callable[[Operation], Mapping[str, str]]
) -> dict[str, httpx.Response]:
    """The answers to a request without a body to each operation."""
    found = {}
    for operation in asked:
        found[operation.label] = line.request(operation.method, operation.some_path, headers=dict(headers(operation)))
    return found


def _claims(server: Running, **changes: Any) -> dict[str, Any]:
    """What a token of the server says, or something else."""
    said = jwt.decode(server.token, options={"verify_signature": False})
    return {**said, **changes}


def _header(server: Running, **changes: Any) -> dict[str, Any]:
    return {"kid": jwt.get_unverified_header(server.token)["kid"], "typ": TOKEN_TYPE, **changes}


def _forged(server: Running) -> str:
    """Everything as it should be, signed by somebody else under the server's key id."""
    return jwt.encode(_claims(server), Ed25519PrivateKey.generate(), ALGORITHM, headers=_header(server))


def _unsigned(server: Running) -> str:
    return jwt.encode(_claims(server), "", "none", headers=_header(server))


def _altered(server: Running) -> str:
    """The server's own signature under claims that it never signed."""
    head, _, signature = server.token.split(".")
    said = _forged(server).split(".")[1]
    return f"{head}.{said[:-2]}{'AA' if said[-2:] != 'AA' else 'BB'}.{signature}"


def _expired(server: Running) -> str:
    """Signed by the server's own key, for an hour that is over."""
    at_s = int(time.time()) - 7200
    claims = _claims(server, iat=at_s, nbf=at_s, exp=at_s + 3600)
    return jwt.encode(claims, token_keys(server.settings).ring().keys[-1].private, ALGORITHM, headers=_header(server))


def _no_token(_: Running) -> str:
    return "x.y.z"


TOKENS: Mapping[str, Callable[[Running], str]] = {
    "that is no token": _no_token,
    "that somebody else signed": _forged,
    "that nobody signed": _unsigned,
    "whose claims were altered": _altered,
    "that has expired": _expired,
}


def test_no_guarded_operation_answers_without_a_token(line: httpx.Client, guarded: tuple[Operation, ...]) -> None:
    """SEC-17."""
    answers = _statuses(line, guarded, lambda _: {})
    assert {label for label, answer in answers.items() if answer.status_code != 401} == set()
    assert {answer.headers["www-authenticate"] for answer in answers.values()} == {'Bearer realm="assay"'}


@pytest.mark.parametrize("kind", TOKENS)
def test_no_guarded_operation_takes_a_token(
    kind: str, server: Running, line: httpx.Client, guarded: tuple[Operation, ...]
) -> None:
    """SEC-17."""
    token = TOKENS[kind](server)
    answers = _statuses(line, guarded, lambda _: {"Authorization": f"Bearer {token}"})
    assert {label for label, answer in answers.items() if answer.status_code != 401} == set()
    assert {answer.headers["content-type"] for answer in answers.values()} == {"application/problem+json"}
    assert all('error="invalid_token"' in answer.headers["www-authenticate"] for answer in answers.values())


def test_every_guarded_operation_asks_for_the_scope_that_the_document_says(
    server: Running, line: httpx.Client, guarded: tuple[Operation, ...]
) -> None:
    """SEC-17: with every scope but that one, the answer is 403 and names it."""
    tokens = {scope: server.token_for(*(SCOPES.keys() - {scope})) for scope in SCOPES}
    answers = _statuses(line, guarded, lambda each: {"Authorization": f"Bearer {tokens[str(each.scope)]}"})
    for operation in guarded:
        answer = answers[operation.label]
        assert (operation.label, answer.status_code) == (operation.label, 403)
        assert f'scope="{operation.scope}"' in answer.headers["www-authenticate"]


def test_that_scope_alone_is_enough(server: Running, line: httpx.Client, guarded: tuple[Operation, ...]) -> None:
    """SEC-17: nobody must be given more than they need. What a request lacks besides is told, but not who sent it."""
    asked = tuple(each for each in guarded if not each.is_stream and each.operation_id != "advance_session")
    tokens = {scope: server.token_for(scope) for scope in SCOPES}
    answers = _statuses(line, asked, lambda each: {"Authorization": f"Bearer {tokens[str(each.scope)]}"})
    assert {label for label, answer in answers.items() if answer.status_code in {401, 403}} == set()


def test_public_operations_need_nobody(line: httpx.Client, document: dict[str, Any]) -> None:
    public = tuple(each for each in operations(document) if each.scope is None)
    answers = _statuses(line, public, lambda _: {})
    assert {
        label: answer.status_code for label, answer in answers.items() if answer.status_code not in {200, 404}
    } == {}
    assert public
