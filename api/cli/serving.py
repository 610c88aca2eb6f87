"""`assay serve`: the HTTP API on this machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from adapters.files.keys import log_key
from adapters.log_folder import DATABASE, KEY
from api.cli.output import err
from api.cli.place import HomeOption
from api.http.domains import DOMAINS, Domain, domain_named
from api.log_parts import require_log
from api.server import Serving, require_startable
from api.server import serve as served
from api.settings import Profile, Settings, settings

PAPER: Mapping[str, str] = {"ASSAY_HOME": "var/paper", "ASSAY_ORIGIN": "paper"}
"""What serving assumes where the environment says nothing."""


def serving_settings(home: Path | None, only: Domain | None = None, **given: Any) -> Settings:  # noqa: ANN401  # each has its field's type
    """The settings of a server: the environment over a paper home, with what the command line says instead.

    A server of one domain has the domain's port unless it is given another.
    A log that is there already keeps its own name.
    """
    assumed = PAPER if only is None else {**PAPER, "ASSAY_PORT": str(only.port)}
    found = settings({**assumed, **os.environ})
    place = home or found.home
    origin = log_key(place / KEY).name if (place / DATABASE).exists() else found.origin
    return replace(found, home=place, origin=origin, **{name: each for name, each in given.items() if each is not None})


def serve(
    home: HomeOption = None,
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option("--port", help="Port to listen on.")] = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="How many processes serve.")] = None,
    policy_folder: Annotated[
        Path | None, typer.Option("--policy-folder", help="Folder whose policies are taken up as they change.")
    ] = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Show a log; refuse orders.")] = False,
    only: Annotated[
        str | None,
        typer.Option("--only", metavar="DOMAIN", help=f"Serve one domain, on its own port: {', '.join(DOMAINS)}."),
    ] = None,
) -> None:
    """Serve the HTTP API: decisions, orders, policies and proofs, with its documentation under /docs."""
    domain = None if only is None else domain_named(only)
    given = {"host": host, "port": port, "workers": workers, "policy_folder": policy_folder}
    chosen = serving_settings(home, domain, **given)
    is_read_only = read_only or (domain is not None and not domain.writes_log)
    serving = Serving(chosen, is_read_only=is_read_only, only=domain)
    require_startable(serving)
    if is_read_only:
        require_log(chosen)
    greet(err(), chosen)
    served(serving)


def greet(console: Console, chosen: Settings) -> None:
    """Say where the server is and, in development, how to get a token for it."""
    scheme = "https" if chosen.has_tls else "http"
    console.print(f"Assay serves log {chosen.origin!r} of {chosen.home} at {scheme}://{chosen.host}:{chosen.port}/docs")
    if chosen.profile is Profile.DEVELOPMENT:
        console.print(
            "Every request needs a token. Make one in another terminal:\n"
            f"  export TOKEN=$(assay token issue --home {chosen.home} --principal me --scope all --account '*')",
            soft_wrap=True,
        )
