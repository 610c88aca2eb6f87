"""Tokens: SEC-17. What was not signed by a key of ours, for us, and for now, is refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adapters.files.token_keys import TokenKeys
from api.http.problems import RequestError
from api.http.tokens import Grant, Tokens
from nodes.vocabulary.errors import EdgeError

GRANT = Grant("ann", ("plan:read", "orders:write"), ("paper",), 3600)


@dataclass
class Clock:
    """A clock that a test moves."""

    at_s: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.at_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(tmp_path: Path, clock: Clock) -> TokenKeys:
    made = TokenKeys(tmp_path / "token-keys", clock)
    made.rotated()
    return made


@pytest.fixture
def tokens(keys: TokenKeys, clock: Clock) -> Tokens:
    return Tokens(keys, "paper", clock)


def _signed(keys: TokenKeys, headers: dict[str, Any] | None = None, **changes: Any) -> bytes:
    """A token signed with the right key, one claim or header of which is as the test wants it."""
    key, at_s = keys.ring().keys[-1], int(time.time())
    claims: dict[str, Any] = {
        "iss": "assay",
        "aud": "paper",
        "sub": "ann",
        "jti": "one",
        "iat": at_s,
        "nbf": at_s,
        "exp": at_s + 60,
        "scope": "plan:read",
        "accounts": ["paper"],
        **changes,
    }
    claims = {name: value for name, value in claims.items() if value is not None}
    said = {"kid": key.kid, "typ": "at+jwt", **(headers or {})}
    return jwt.encode(claims, key.private, "EdDSA", headers=said).encode()


def _part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def test_an_issued_token_names_its_principal_scopes_and_accounts(tokens: Tokens) -> None:
    found = tokens.principal(tokens.issued(GRANT).text.encode())
    assert (found.name, found.scopes, found.accounts) == (
        "ann",
        frozenset({"plan:read", "orders:write"}),
        frozenset({"paper"}),
    )


def test_a_sound_token_of_these_tests_is_let_in(tokens: Tokens, keys: TokenKeys) -> None:
    assert tokens.principal(_signed(keys)).name == "ann"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"exp": int(time.time()) - 60}, "ExpiredSignature"),
        ({"nbf": int(time.time()) + 86_400}, "ImmatureSignature"),
        ({"aud": "live"}, "InvalidAudience"),
        ({"aud": ["paper", "live"]}, "InvalidAudience"),
        ({"iss": "elsewhere"}, "InvalidIssuer"),
        ({"sub": None}, "MissingRequiredClaim"),
        ({"sub": ""}, "claims are not those"),
        ({"jti": None}, "MissingRequiredClaim"),
        ({"exp": None}, "MissingRequiredClaim"),
        ({"scope": ["plan:read"]}, "claims are not those"),
        ({"accounts": "paper"}, "claims are not those"),
        ({"accounts": [1]}, "claims are not those"),
    ],
)
def test_a_well_signed_token_with_a_wrong_claim_is_refused(
    tokens: Tokens, keys: TokenKeys, changes: dict[str, Any], why: str
) -> None:
    with pytest.raises(RequestError, match=why) as caught:
        tokens.principal(_signed(keys, **changes))
    assert caught.value.reason == "unauthenticated"
    assert 'error="invalid_token"' in caught.value.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"kid": "nobody"}, "its key 'nobody' is unknown"),
        ({"typ": "JWT"}, "its type is 'JWT'"),
        ({"kid": "../k"}, "unknown"),
    ],
)
def test_a_token_with_a_wrong_header_is_refused(
    tokens: Tokens, keys: TokenKeys, headers: dict[str, Any], why: str
) -> None:
    with pytest.raises(RequestError, match=why):
        tokens.principal(_signed(keys, headers))


def test_a_token_signed_with_another_key_under_our_kid_is_refused(tokens: Tokens, keys: TokenKeys) -> None:
    kid = keys.ring().keys[-1].kid
    claims = jwt.decode(_signed(keys), options={"verify_signature": False})
    forged = jwt.encode(claims, Ed25519PrivateKey.generate(), "EdDSA", headers={"kid": kid, "typ": "at+jwt"})
    with pytest.raises(RequestError, match="InvalidSignature"):
        tokens.principal(forged.encode())


def test_a_token_without_a_signature_is_refused(tokens: Tokens, keys: TokenKeys) -> None:
    claims = jwt.decode(_signed(keys), options={"verify_signature": False})
    kid = keys.ring().keys[-1].kid
    for name in ("none", "None", "nOnE"):
        bare = f"{_part({'alg': name, 'kid': kid, 'typ': 'at+jwt'})}.{_part(claims)}."
        with pytest.raises(RequestError, match="its algorithm is"):
            tokens.principal(bare.encode())


def test_the_public_key_is_no_shared_secret(tokens: Tokens, keys: TokenKeys) -> None:
    """Algorithm confusion: HS256 with the public key, which everybody knows, as the secret."""
    key = keys.ring().keys[-1]
    claims = jwt.decode(_signed(keys), options={"verify_signature": False})
    encodings = (
        key.public.public_bytes_raw(),
        key.jwk.x.encode(),
        key.public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
    )
    for secret in encodings:
        signed = f"{_part({'alg': 'HS256', 'kid': key.kid, 'typ': 'at+jwt'})}.{_part(claims)}"
        mac = base64.urlsafe_b64encode(hmac.new(secret, signed.encode(), hashlib.sha256).digest()).rstrip(b"=")
        with pytest.raises(RequestError, match="its algorithm is 'HS256', expected 'EdDSA'"):
            tokens.principal(f"{signed}.{mac.decode()}".encode())


@pytest.mark.parametrize(
    "text", [b"", b"x", b"a.b", b"a.b.c", b"....", b"\xff\xfe.\x00.x", b"e30.e30.e30", b"bnVsbA.e30.e30"]
)
def test_text_that_is_no_token_is_refused(tokens: Tokens, text: bytes) -> None:
    with pytest.raises(RequestError, match="token is not valid"):
        tokens.principal(text)


def test_an_oversize_token_is_refused_unread(tokens: Tokens) -> None:
    with pytest.raises(RequestError, match="it has 4097 bytes, at most 4096 are read"):
        tokens.principal(b"x" * 4097)


def test_a_kept_token_ends_when_it_expires(tokens: Tokens, clock: Clock) -> None:
    text = tokens.issued(GRANT).text.encode()
    tokens.principal(text)
    clock.at_s += 3600 + 4
    tokens.principal(text)  # within the leeway for clocks that differ
    clock.at_s += 1
    with pytest.raises(RequestError, match="it has expired"):
        tokens.principal(text)


def test_a_kept_token_ends_when_it_is_revoked(tokens: Tokens, keys: TokenKeys) -> None:
    issued = tokens.issued(GRANT)
    tokens.principal(issued.text.encode())
    keys.revoke(issued.token_id, issued.expires_at_s)
    with pytest.raises(RequestError, match="it was revoked"):
        tokens.principal(issued.text.encode())


def test_tokens_of_an_older_key_live_until_that_key_is_retired(tokens: Tokens, keys: TokenKeys) -> None:
    kid, text = keys.ring().keys[-1].kid, tokens.issued(GRANT).text.encode()
    keys.rotated()
    assert tokens.principal(text).kid == kid
    keys.retire(kid)
    with pytest.raises(RequestError, match="unknown or was retired"):
        tokens.principal(text)


def test_no_token_is_issued_without_a_key(tmp_path: Path, clock: Clock) -> None:
    with pytest.raises(EdgeError, match=r"holds no keys; make one with `assay token keys rotate`"):
        Tokens(TokenKeys(tmp_path / "token-keys", clock), "paper", clock).issued(GRANT)


@pytest.mark.parametrize(
    ("grant", "why"),
    [
        (Grant("ann", ("plan:burn",), ("paper",), 60), "'plan:burn'.* are not all known"),
        (Grant("ann", (), ("paper",), 60), "are not all known"),
        (Grant("ann", ("plan:read",), ("paper",), 0), "lifetime of 0 s"),
        (Grant("ann", ("plan:read",), ("paper",), 10**9), "lifetime of 1000000000 s"),
        (Grant(" ", ("plan:read",), ("paper",), 60), "principal ' ' is empty"),
    ],
)
def test_a_grant_that_makes_no_sense_is_refused(tokens: Tokens, grant: Grant, why: str) -> None:
    with pytest.raises(EdgeError, match=why):
        tokens.issued(grant)


@pytest.mark.parametrize("name", ["", "  ", "an\nn", "ann\x00", "ann ", "\u202eann", "a\x1b[31m", "x" * 129])
def test_a_name_that_a_log_or_a_person_would_misread_is_refused(tokens: Tokens, name: str) -> None:
    """SEC-17: a principal ends up in every entry that it caused, and an account decides what a token reaches."""
    expected = "is empty|has control characters|at most 128 are taken"
    with pytest.raises(EdgeError, match=f"principal .*({expected}).*; name who the token is for"):
        tokens.issued(replace(GRANT, principal=name))
    with pytest.raises(EdgeError, match=rf"account .*({expected}).*; name an account, or '\*' for all"):
        tokens.issued(replace(GRANT, accounts=("paper", name)))


def test_a_token_for_no_account_or_for_too_many_is_refused(tokens: Tokens) -> None:
    with pytest.raises(EdgeError, match="token is for no account; name each"):
        tokens.issued(replace(GRANT, accounts=()))
    with pytest.raises(EdgeError, match="at most 4096 are read; issue several"):
        tokens.issued(replace(GRANT, accounts=tuple(f"account-{n}" for n in range(500))))


def test_a_principal_may_do_what_its_token_says_and_no_more(tokens: Tokens) -> None:
    found = tokens.principal(tokens.issued(GRANT).text.encode())
    found.require_scope("plan:read")
    found.require_account("paper")
    with pytest.raises(RequestError, match="has not the scope audit:read") as caught:
        found.require_scope("audit:read")
    assert 'error="insufficient_scope", scope="audit:read"' in caught.value.headers["www-authenticate"]
    with pytest.raises(RequestError, match="does not cover account 'live'"):
        found.require_account("live")
