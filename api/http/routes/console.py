"""The web console: its built files, under a policy that lets a browser load from this server alone.

Every place in the console has an address; whatever is no file below `/console` is answered with its first page, which
reads the address by itself.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from litestar import MediaType, Request, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from markupsafe import Markup

from api.http.access import PUBLIC
from api.http.conditions import etag, is_unchanged
from api.http.console_files import HASHED, ConsoleFile, ConsoleFiles
from api.http.parts import PartsHere
from api.http.problem_kinds import KINDS
from api.http.problems import RequestError

PATH = "/console"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "font-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
_FOR_EVER = "public, max-age=31536000, immutable"
_ASKED_AGAIN = "no-cache"
_PAGE_CSP = "default-src 'none'; frame-ancestors 'none'"
_ABSENT = Markup(
    '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>{title}</title><h1>{title}</h1><p>{meaning}</p><p><b>What to do:</b> {mend}</p><p><code>{detail}</code></p>"
    '<p>The API works without it: <a href="/docs">its documentation</a>, <a href="/problems">its problems</a>.</p>'
)


@get(PATH, opt={"scope": PUBLIC}, include_in_schema=False, sync_to_thread=True)
def first_page(request: Request[Any, Any, Any], parts: PartsHere) -> Response[bytes]:
    """The page that every place of the console begins with."""
    return _answer(request, parts.settings.console, "")


@get(f"{PATH}/{{path:path}}", opt={"scope": PUBLIC}, include_in_schema=False, sync_to_thread=True)
def file_or_place(request: Request[Any, Any, Any], parts: PartsHere, path: FromPath[str]) -> Response[bytes]:
    """A file of the console, or the first page for a place in it."""
    return _answer(request, parts.settings.console, path.removeprefix("/"))


def _answer(request: Request[Any, Any, Any], folder: Path, name: str) -> Response[bytes]:
    try:
        console = files_in(folder)
        found = console.file(name)
        if found is None and name.startswith(HASHED):
            raise NotFoundException(f"the console has no file {name[:80]!r}; load its page again")
        return _sent(request, found or console.index)
    except RequestError as error:
        if "text/html" not in request.headers.get("accept", ""):
            raise
        return _said(error)


@cache
def files_in(folder: Path) -> ConsoleFiles:
    """The console in a folder; one a process, as its files are kept in memory."""
    return ConsoleFiles(folder)


def _sent(request: Request[Any, Any, Any], file: ConsoleFile) -> Response[bytes]:
    is_packed = file.packed is not None and _takes_gzip(request.headers.get("accept-encoding", ""))
    tag = etag(file.digest[:32] + ("-gzip" if is_packed else ""))
    headers = {
        "cache-control": _FOR_EVER if file.is_hashed else _ASKED_AGAIN,
        "content-security-policy": CSP,
        "cross-origin-opener-policy": "same-origin",
        "etag": tag,
        "vary": "accept-encoding",
    }
    if is_unchanged(request.headers.get("if-none-match"), tag):
        return Response(b"", status_code=304, headers=headers)
    if is_packed:
        headers["content-encoding"] = "gzip"
    return Response(file.packed or b"" if is_packed else file.content, media_type=file.media_type, headers=headers)


def _takes_gzip(accepted: str) -> bool:
    """Whether an Accept-Encoding header takes gzip (RFC 9110 section 12.5.3)."""
    for each in accepted.lower().split(","):
        coding, _, weight = each.replace(" ", "").partition(";q=")
        if coding in {"gzip", "*"}:
            return weight.strip("0.") != "" or not weight
    return False


def _said(error: RequestError) -> Response[bytes]:
    """The absence of the console, for a person."""
    kind = KINDS[error.reason]
    text = _ABSENT.format(title=kind.title, meaning=kind.meaning, mend=kind.mend, detail=str(error))
    headers = {"content-security-policy": _PAGE_CSP, "cache-control": "no-store"}
    return Response(text.encode(), status_code=kind.status, media_type=MediaType.HTML, headers=headers)


ROUTER = Router("/", route_handlers=[first_page, file_or_place])
