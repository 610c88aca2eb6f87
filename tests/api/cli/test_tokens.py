"""`assay token`: SEC-17 from the command line."""

from __future__ import annotations

from pathlib import Path

import jwt
import pytest

from tests.api.cli.invoking import answer, invoked, json_answer

ISSUE = ("token", "issue", "--principal", "ann", "--scope", "plan:read", "--account", "paper")


@pytest.fixture
def place(tmp_path: Path) -> str:
    return str(tmp_path / "home")


def test_a_token_is_printed_alone_so_that_a_shell_can_take_it(place: str) -> None:
    token = answer(*ISSUE, "--home", place).strip()
    claims = jwt.decode(token, options={"verify_signature": False})
    assert (claims["sub"], claims["scope"], claims["accounts"], claims["aud"]) == (
        "ann",
        "plan:read",
        ["paper"],
        "paper",
    )
    assert claims["exp"] - claims["iat"] == 12 * 3600


def test_all_stands_for_every_scope(place: str) -> None:
    found = json_answer("token", "issue", "--principal", "x", "--scope", "all", "--account", "*", "--home", place)
    assert {"orders:write", "policy:approve", "operate"} <= set(found["scopes"])


@pytest.mark.parametrize(
    ("option", "value", "why"),
    [
        ("--scope", "plan:burn", "plan:burn"),
        ("--expires", "soon", "soon"),
        ("--principal", "an\x1bn", "'an\\x1bn' has control characters"),
        ("--account", "", "account '' is empty"),
    ],
)
def test_a_slip_is_quoted(place: str, option: str, value: str, why: str) -> None:
    result = invoked(*ISSUE, option, value, "--home", place)
    assert result.exit_code == 14
    assert why in result.stderr


def test_keys_rotate_are_listed_and_retire(place: str) -> None:
    first = answer("token", "keys", "rotate", "--home", place).strip()
    second = answer("token", "keys", "rotate", "--home", place).strip()
    listed = json_answer("token", "keys", "list", "--home", place)["keys"]
    assert [(key["kid"], key["signs"]) for key in listed] == [(first, False), (second, True)]
    assert first in answer("token", "keys", "list", "--home", place)
    answer("token", "keys", "retire", first, "--home", place)
    assert [key["kid"] for key in json_answer("token", "keys", "list", "--home", place)["keys"]] == [second]


def test_a_private_key_is_never_printed(place: str) -> None:
    answer("token", "keys", "rotate", "--home", place)
    secret = (Path(place) / "token-keys").read_text(encoding="utf-8").split('"d": "')[1].split('"')[0]
    for arguments in (("list",), ("list", "--json"), ("rotate",)):
        assert secret not in invoked("token", "keys", *arguments, "--home", place).output


def test_a_token_is_revoked_by_its_id_or_by_itself(place: str) -> None:
    token = answer(*ISSUE, "--home", place).strip()
    token_id = jwt.decode(token, options={"verify_signature": False})["jti"]
    answer("token", "revoke", token, "--home", place)
    answer("token", "revoke", "another", "--home", place)
    assert json_answer("token", "keys", "list", "--home", place)["revoked"] == sorted([token_id, "another"])


def test_text_that_is_no_token_is_not_revoked(place: str) -> None:
    result = invoked("token", "revoke", "a.b.c", "--home", place)
    assert result.exit_code == 14
    assert "token cannot be read" in result.stderr
