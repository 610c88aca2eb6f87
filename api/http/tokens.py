"""Tokens: JSON Web Tokens (RFC 9068) signed with Ed25519, issued and verified.

What a token says is checked in full once and kept under the SHA-256 of its text. With each request its expiry, its
revocation and its key are looked at again; see `adapters.files.token_keys` for how fresh those are.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import jwt

from adapters.files.token_keys import TokenKey, TokenKeys, TokenRing
from api.http.problems import RequestError
from nodes.vocabulary.errors import EdgeError

ISSUER = "assay"
ALGORITHM = "EdDSA"
TOKEN_TYPE = "at+jwt"  # noqa: S105  # the type of token, RFC 9068 section 2.1
LEEWAY_S = 5
MAX_TOKEN_BYTES = 4096
MAX_NAME = 128
"""Characters of a principal or an account, as everywhere in the API."""
MAX_LIFETIME_S = 366 * 86_400
MAX_KEPT = 4096
ANY_ACCOUNT = "*"
SCOPES: Mapping[str, str] = {
    "plan:read": "read the day plan, positions and orders",
    "orders:write": "place orders",
    "policy:propose": "submit policies",
    "policy:approve": "approve, withdraw and roll back policies",
    "model:promote": "promote models",
    "research:run": "run research and tests of significance",
    "audit:read": "read the decision log with traces and proofs",
    "data:read": "read market data, fundamentals, events and sentiment, and move a subscription to alerts on",
    "operate": "use the kill switch, move the paper market on, read metrics",
}
_CLAIMS = ["aud", "exp", "iat", "iss", "jti", "nbf", "sub", "scope", "accounts"]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, as their token says.

    Attributes:
        name: the subject.
        scopes: what they may do.
        accounts: for which accounts; `ANY_ACCOUNT` stands for all.
        token_id: the token.
        kid: the key that signed it.
        expires_at_s: when it ends, in seconds since 1970.
    """

    name: str
    scopes: frozenset[str]
    accounts: frozenset[str]
    token_id: str
    kid: str
    expires_at_s: int

    def require_scope(self, scope: str) -> None:
        """Raises RequestError for a scope that the token has not."""
        if scope not in self.scopes:
            raise RequestError(
                f"token of {self.name!r} has not the scope {scope}; ask for one that has",
                reason="forbidden",
                headers={"www-authenticate": f'Bearer realm="assay", error="insufficient_scope", scope="{scope}"'},
            )

    def covers(self, account_id: str) -> bool:
        """Whether the token is for an account."""
        return account_id in self.accounts or ANY_ACCOUNT in self.accounts

    def require_account(self, account_id: str) -> None:
        """Raises RequestError for an account that the token does not cover."""
        if not self.covers(account_id):
            raise RequestError(
                f"token of {self.name!r} does not cover account {account_id!r}; ask for one that does",
                reason="forbidden",
                headers={"www-authenticate": 'Bearer realm="assay", error="insufficient_scope"'},
            )


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token is to allow.

    Attributes:
        principal: to whom.
        scopes: to do what.
        accounts: for which accounts.
        lifetime_s: for how long.
    """

    principal: str
    scopes: tuple[str, ...]
    accounts: tuple[str, ...]
    lifetime_s: int


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token.

    Attributes:
        text: the token itself; whoever has it may do what it allows.
        token_id: its id, by which it is revoked.
        expires_at_s: when it ends, in seconds since 1970.
    """

    text: str
    token_id: str
    expires_at_s: int


class Tokens:
    """Issues and verifies the tokens of one server.

    Args:
        keys: the keys and what was revoked.
        audience: the log that they are for.
        now_s: the clock, in seconds since 1970.
    """

    def __init__(self, keys: TokenKeys, audience: str, now_s: Callable[[], float]) -> None:
        self._keys = keys
        self._audience = audience
        self._now_s = now_s
        self._kept: OrderedDict[bytes, Principal] = OrderedDict()

    @property
    def ring(self) -> TokenRing:
        """The keys as they are now."""
        return self._keys.ring()

    def issued(self, grant: Grant) -> IssuedToken:
        """A token for a grant, signed with the newest key. Raises EdgeError for a grant that cannot be."""
        _require_sound(grant)
        ring = self._keys.ring()
        if not ring.keys:
            raise EdgeError(f"{self._keys.path} holds no keys; make one with `assay token keys rotate`")
        at_s, token_id = int(self._now_s()), secrets.token_urlsafe(12)
        claims = {
            "iss": ISSUER,
            "aud": self._audience,
            "sub": grant.principal,
            "jti": token_id,
            "iat": at_s,
            "nbf": at_s,
            "exp": at_s + grant.lifetime_s,
            "scope": " ".join(grant.scopes),
            "accounts": list(grant.accounts),
        }
        key = ring.keys[-1]
        text = jwt.encode(claims, key.private, ALGORITHM, headers={"kid": key.kid, "typ": TOKEN_TYPE})
        if len(text) > MAX_TOKEN_BYTES:
            what = f"token for {len(grant.accounts)} accounts would have {len(text)} bytes, at most {MAX_TOKEN_BYTES} "
            raise EdgeError(f"{what}are read; issue several, or one for {ANY_ACCOUNT!r}")
        return IssuedToken(text, token_id, at_s + grant.lifetime_s)

    def principal(self, text: bytes) -> Principal:
        """Who a token names. Raises RequestError for one that does not hold now."""
        ring, digest = self._keys.ring(), sha256(text).digest()
        found = self._kept.get(digest)
        if found is None:
            found = self._verified(text, ring)
            self._keep(digest, found)
        if found.expires_at_s + LEEWAY_S <= self._now_s():
            raise refused_token("it has expired")
        if found.token_id in ring.revoked:
            raise refused_token("it was revoked")
        if found.kid not in ring.by_kid:
            raise refused_token(f"its key {found.kid!r} is unknown or was retired")
        return found

    def _keep(self, digest: bytes, principal: Principal) -> None:
        self._kept[digest] = principal
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)

    def _verified(self, text: bytes, ring: TokenRing) -> Principal:
        if len(text) > MAX_TOKEN_BYTES:
            raise refused_token(f"it has {len(text)} bytes, at most {MAX_TOKEN_BYTES} are read")
        try:
            key = _signing_key(jwt.get_unverified_header(text), ring)
            claims = jwt.decode(
                text,
                key.public,
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=ISSUER,
                leeway=LEEWAY_S,
                options={"require": _CLAIMS, "strict_aud": True},
            )
        except (jwt.PyJWTError, ValueError) as error:
            raise refused_token(f"{type(error).__name__.removesuffix('Error')}: {error}") from error
        return _principal(claims, key.kid)


def refused_token(why: str) -> RequestError:
    """The refusal of a token (RFC 6750 section 3)."""
    return RequestError(
        f"token is not valid: {why}; get another with `assay token issue`",
        reason="unauthenticated",
        headers={"www-authenticate": 'Bearer realm="assay", error="invalid_token"'},
    )


def missing_token() -> RequestError:
    """The refusal of a request without a token."""
    return RequestError(
        "request has no token; send `Authorization: Bearer TOKEN`, made with `assay token issue`",
        reason="unauthenticated",
        headers={"www-authenticate": 'Bearer realm="assay"'},
    )


def _signing_key(header: Mapping[str, Any], ring: TokenRing) -> TokenKey:
    """The key that a token's header names; only now is anything of the token believed."""
    if header.get("typ") != TOKEN_TYPE:
        raise refused_token(f"its type is {header.get('typ')!r}, expected {TOKEN_TYPE!r}")
    if header.get("alg") != ALGORITHM:
        raise refused_token(f"its algorithm is {header.get('alg')!r}, expected {ALGORITHM!r}")
    key = ring.by_kid.get(str(header.get("kid")))
    if key is None:
        raise refused_token(f"its key {header.get('kid')!r} is unknown or was retired")
    return key


def _principal(claims: Mapping[str, Any], kid: str) -> Principal:
    scope, accounts = claims["scope"], claims["accounts"]
    is_sound = isinstance(scope, str) and isinstance(accounts, list) and all(isinstance(each, str) for each in accounts)
    if not is_sound or not claims["sub"]:
        raise refused_token("its claims are not those of an access token")
    return Principal(
        name=claims["sub"],
        scopes=frozenset(scope.split()),
        accounts=frozenset(accounts),
        token_id=claims["jti"],
        kid=kid,
        expires_at_s=int(claims["exp"]),
    )


def _require_sound(grant: Grant) -> None:
    unknown = [scope for scope in grant.scopes if scope not in SCOPES]
    if unknown or not grant.scopes:
        raise EdgeError(f"scopes {list(grant.scopes)} are not all known; use some of {', '.join(SCOPES)}")
    if not 0 < grant.lifetime_s <= MAX_LIFETIME_S:
        raise EdgeError(f"lifetime of {grant.lifetime_s} s cannot be; use 1 to {MAX_LIFETIME_S} s")
    _require_name("principal", grant.principal, "name who the token is for")
    if not grant.accounts:
        raise EdgeError(f"token is for no account; name each, or {ANY_ACCOUNT!r} for all")
    for account_id in grant.accounts:
        _require_name("account", account_id, f"name an account, or {ANY_ACCOUNT!r} for all")


def _require_name(what: str, name: str, mend: str) -> None:
    """Raises EdgeError for a name that a person cannot tell from another, or that would break a line of a log."""
    if not name.strip():
        raise EdgeError(f"{what} {name!r} is empty; {mend}")
    if name != name.strip() or not name.isprintable():
        raise EdgeError(f"{what} {name!r:.80} has control characters, or spaces around it; {mend}")
    if len(name) > MAX_NAME:
        raise EdgeError(f"{what} {name[:40]!r} has {len(name)} characters, at most {MAX_NAME} are taken; {mend}")
