"""The public keys of tokens: SEC-17, JWKS."""

from __future__ import annotations

import json

import jwt

from tests.api.http.serving import Served


def test_others_can_verify_our_tokens_with_the_served_keys(home: Served) -> None:
    response = home.client.get("/.well-known/jwks.json")
    assert "max-age" in response.headers["cache-control"]
    keys = jwt.PyJWKSet.from_dict(response.json())
    token = home.token("plan:read", principal="ann")
    key = keys[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=["EdDSA"], audience="paper", issuer="assay")
    assert claims["sub"] == "ann"


def test_a_new_key_is_served_and_a_private_one_never(home: Served) -> None:
    text = home.client.get("/.well-known/jwks.json").text
    assert all(set(key) == {"kid", "x", "kty", "crv", "alg", "use"} for key in json.loads(text)["keys"])
    assert all(key.d not in text for key in home.parts.tokens.ring.keys)
