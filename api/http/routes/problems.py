"""The troubleshooting guide: one page for each kind of problem, for people and for programs."""

from __future__ import annotations

import base64
import hashlib

import msgspec
from litestar import MediaType, Request, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from markupsafe import Markup, escape

from api.http.access import PUBLIC
from api.http.problem_kinds import KINDS, Kind
from api.http.replies import status_phrase

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:3rem auto;padding:0 1rem;color:#1b1f24}"
    "h1{font-size:1.5rem}h2{font-size:1.1rem;margin-bottom:.2rem}code{background:#eef1f4;padding:.1rem .3rem}"
    "a{color:#0b57a4}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_CSP = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-ancestors 'none'"


class ProblemPage(msgspec.Struct, frozen=True):
    """One kind of problem.

    Attributes:
        type: what the `type` of a problem says.
        title: what it is, in one line.
        status: the HTTP status that it comes with.
        meaning: when it happens.
        mend: what to do about it.
    """

    type: str
    title: str
    status: int
    meaning: str
    mend: str


class ProblemPages(msgspec.Struct, frozen=True):
    """All kinds of problems."""

    problems: tuple[ProblemPage, ...]


@get(
    "/problems",
    opt={"scope": PUBLIC},
    operation_id="problems",
    tags=["problems"],
    summary="Everything that can go wrong",
    sync_to_thread=False,
)
def problem_list(request: Request) -> Response[ProblemPages]:  # type: ignore[type-arg]  # whoever asks
    """Every kind of problem that this API answers with: a page for people, JSON for programs."""
    if _wants_page(request):
        return _page("Problems", Markup("").join(_section(kind) for kind in KINDS.values()))
    return Response(ProblemPages(tuple(_plain(kind) for kind in KINDS.values())))


@get(
    "/problems/{slug:str}",
    opt={"scope": PUBLIC},
    operation_id="problem",
    tags=["problems"],
    summary="What one kind of problem means",
    sync_to_thread=False,
)
def problem_page(request: Request, slug: FromPath[str]) -> Response[ProblemPage]:  # type: ignore[type-arg]  # whoever asks
    """What a kind of problem means and what to do about it: a page for people, JSON for programs."""
    kind = KINDS.get(slug)
    if kind is None:
        raise NotFoundException(f"no kind of problem is called {slug[:80]!r}; see /problems")
    if _wants_page(request):
        return _page(kind.title, _said(kind) + Markup('<p><a href="/problems">All problems</a></p>'))
    return Response(_plain(kind))


def _plain(kind: Kind) -> ProblemPage:
    return ProblemPage(kind.type, kind.title, kind.status, kind.meaning, kind.mend)


def _wants_page(request: Request) -> bool:  # type: ignore[type-arg]  # whoever asks
    return "text/html" in request.headers.get("accept", "")


def _section(kind: Kind) -> Markup:
    heading = Markup('<h2><a href="{0}">{1}</a></h2>').format(kind.type, kind.title)
    return Markup('<section id="{0}">{1}{2}</section>').format(kind.slug, heading, _said(kind))


def _said(kind: Kind) -> Markup:
    """What a page says of a kind below its title."""
    status = f"{kind.status} {status_phrase(kind.status)}"
    return Markup("<p><code>{0}</code> {1}</p><p>{2}</p><p><b>Mend:</b> {3}</p>").format(
        kind.type, status, _words(kind.meaning), _words(kind.mend)
    )


def _words(text: str) -> Markup:
    """Text whose `code` is shown as code."""
    parts = [
        Markup("<code>{0}</code>").format(each) if n % 2 else escape(each) for n, each in enumerate(text.split("`"))
    ]
    return Markup("").join(parts)


def _page(title: str, content: Markup) -> Response:  # type: ignore[type-arg]  # HTML, whatever the schema says
    head = Markup(
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>{0}</title><style>'
    ).format(title)
    text = head + Markup(_STYLE) + Markup("</style><h1>{0}</h1>").format(escape(title)) + content  # noqa: S704  # ours
    headers = {"content-security-policy": _CSP, "cache-control": "public, max-age=3600", "vary": "accept"}
    return Response(text, media_type=MediaType.HTML, headers=headers)


ROUTER = Router("/", route_handlers=[problem_list, problem_page])
