"""`assay token`: who may use the HTTP API, and the keys that say so."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Annotated

import jwt
import typer
from rich.table import Table

from adapters.files.token_keys import TokenKeys
from api.bootstrap import token_keys, tokens
from api.cli.output import JsonOption, err, out, print_json
from api.cli.place import HomeOption
from api.cli.serving import serving_settings
from api.http.tokens import MAX_LIFETIME_S, SCOPES, Grant
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_from_ns, instant_text

app = typer.Typer(help="Tokens for the HTTP API, and the keys that sign them.", no_args_is_help=True)
keys_app = typer.Typer(help="The keys that sign tokens.", no_args_is_help=True)
app.add_typer(keys_app, name="keys")

ALL = "all"
_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION = re.compile(r"([1-9][0-9]{0,8})([smhd])")


@app.command()
def issue(
    principal: Annotated[str, typer.Option("--principal", help="Who the token is for.")],
    scope: Annotated[list[str], typer.Option("--scope", help=f"What it allows; repeat, or `{ALL}`.")],
    account: Annotated[list[str], typer.Option("--account", help="For which account; repeat, or `*`.")],
    expires: Annotated[str, typer.Option("--expires", help="For how long, e.g. 30m, 12h, 90d.")] = "12h",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print a new token. Whoever has it may do what it allows, until it expires or is revoked."""
    scopes = tuple(SCOPES) if scope == [ALL] else tuple(dict.fromkeys(scope))
    grant = Grant(principal, scopes, tuple(dict.fromkeys(account)), lifetime_s(expires))
    chosen = serving_settings(home)
    if not token_keys(chosen).ring().keys:
        token_keys(chosen).rotated()
    issued = tokens(chosen).issued(grant)
    until = second_text(issued.expires_at_s)
    if as_json:
        print_json({"token": issued.text, "token_id": issued.token_id, "expires_at": until, "scopes": scopes})
        return
    typer.echo(issued.text)
    err().print(f"Token {issued.token_id} of {principal!r} is valid until {until}.", soft_wrap=True)


@app.command()
def revoke(
    token_id: Annotated[str, typer.Argument(help="The token's id (jti), or the token itself.", metavar="JTI")],
    home: HomeOption = None,
) -> None:
    """Refuse a token from now on."""
    is_token = token_id.count(".") == 2  # noqa: PLR2004  # the three parts of a JWT
    named, until_s = _named(token_id) if is_token else (token_id, int(time.time()) + MAX_LIFETIME_S)
    _keys(home).revoke(named, until_s)
    err().print(f"Token {named} is refused from now on.", soft_wrap=True)


@keys_app.command()
def rotate(home: HomeOption = None) -> None:
    """Make a new key, which signs from now on; tokens of the keys before it stay valid until those are retired."""
    typer.echo(_keys(home).rotated().kid)


@keys_app.command()
def retire(kid: Annotated[str, typer.Argument(help="The key.")], home: HomeOption = None) -> None:
    """Forget a key: every token that it signed is refused from now on."""
    _keys(home).retire(kid)
    err().print(f"Key {kid} is retired; its tokens are refused from now on.", soft_wrap=True)


@keys_app.command("list")
def list_keys(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """The keys, newest last: that one signs."""
    ring = _keys(home).ring()
    rows = [
        {"kid": key.kid, "made_at": second_text(key.made_at_s), "signs": key is ring.keys[-1], "x": key.jwk.x}
        for key in ring.keys
    ]
    if as_json:
        print_json({"keys": rows, "revoked": sorted(ring.revoked)})
        return
    table = Table(box=None, pad_edge=False)
    for name in ("kid", "made at", "signs"):
        table.add_column(name)
    for row in rows:
        table.add_row(str(row["kid"]), str(row["made_at"]), "yes" if row["signs"] else "")
    out().print(table)


def lifetime_s(text: str) -> int:
    """A duration such as 12h, in seconds. Raises EdgeError for another text."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise EdgeError(f"duration {text!r} cannot be read; write a number and s, m, h or d, e.g. 12h")
    return int(found[1]) * _UNITS_S[found[2]]


def second_text(second: int) -> str:
    """A second since 1970 as RFC 3339."""
    return instant_text(instant_from_ns(second * 1_000_000_000))


def _keys(home: Path | None) -> TokenKeys:
    return token_keys(serving_settings(home))


def _named(token: str) -> tuple[str, int]:
    """Id and expiry of a token, unverified: whoever revokes it need not be able to use it."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
        return str(claims["jti"]), int(claims["exp"])
    except (jwt.PyJWTError, KeyError, ValueError) as error:
        raise EdgeError(f"token cannot be read: {error}; give its id (jti)") from error
