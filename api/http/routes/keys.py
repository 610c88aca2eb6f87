"""The public keys that tokens are verified with, for others who want to verify them."""

from __future__ import annotations

from litestar import Response, Router, get

from adapters.files.token_keys import JsonWebKeySet, key_set
from api.http.access import PUBLIC
from api.http.parts import PartsHere


@get(
    "/.well-known/jwks.json",
    opt={"scope": PUBLIC},
    operation_id="token_keys",
    tags=["tokens"],
    summary="Public keys of tokens",
    sync_to_thread=False,
)
def token_keys(parts: PartsHere) -> Response[JsonWebKeySet]:
    """The keys that are valid now, as a JSON Web Key Set (RFC 7517, RFC 8037)."""
    return Response(key_set(parts.tokens.ring), headers={"cache-control": "public, max-age=300"})


ROUTER = Router("/", route_handlers=[token_keys])
