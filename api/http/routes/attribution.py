"""Attribution over HTTP: where an account's money came from and went, as numbers and as a page; how its alpha fades."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any

from litestar import Response, Router, get
from litestar.di import NamedDependency, Provide
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter, SkipValidation

from api.http.asked import Limit
from api.http.parts import Parts, PartsHere, PrincipalHere
from api.http.routes.account import Account, readable_account
from api.http.schemas.attribution import AttributionDecisionsView, part_views, parts_usd
from api.http.tokens import Principal
from api.use_cases.attribution import Asked, Attribution, AttributionReport, attribution, attribution_report
from api.use_cases.attribution_decay import AlphaDecay, alpha_decay, decay_of
from api.use_cases.attribution_decisions import decision_parts
from api.use_cases.attribution_terms import attribution_terms
from governance.ports import LogReader

SCOPE, PATH = "plan:read", "/api/v1/journal"
ANALYTICS = "/api/v1/analytics/attribution"
DEFAULT_DECISIONS = 50
_HTML = "text/html"
_CSP = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""The page's own policy, in its head, names its style by digest; both hold."""
_PROBLEMS = ("invalid", "not-found", "unknown-account")

From = Annotated[
    date | None, QueryParameter(name="from", description="First session that counts; the account's first by default.")
]
To = Annotated[date | None, QueryParameter(name="to", description="Last session; the account's newest by default.")]
LineName = Annotated[
    str,
    QueryParameter(
        name="line", description="A line of the attribution, as `lines` names it.", min_length=1, max_length=128
    ),
]
OfSymbol = Annotated[str | None, QueryParameter(description="Only of this share.", max_length=16)]


def asked_period(from_on: From = None, to_on: To = None, account_id: Account = None) -> Asked:
    """What a request asks for; no account is the server's first."""
    return Asked(account_id or "", from_on, to_on)


Period = NamedDependency[SkipValidation[Asked]]
_PERIOD = {"asked": Provide(asked_period, sync_to_thread=False)}


def _options(tag: str, *problems: str) -> dict[str, Any]:
    return {"tags": [tag], "sync_to_thread": True, "opt": {"scope": SCOPE, "problems": problems or _PROBLEMS}}


@get(
    f"{PATH}/attribution",
    operation_id="attribution",
    dependencies=_PERIOD,
    summary="Where the gains of an account came from",
    **_options("journal"),
)
def journal_attribution(parts: PartsHere, principal: PrincipalHere, asked: Period) -> AttributionReport:
    """Gains parted into market, sectors, factors, timing, selection and alpha, and every cost; the lines come to them.

    With Brinson effects against the universe in equal parts, and the implementation shortfall of the orders.
    """
    return _report(parts, principal, asked)


@get(
    f"{PATH}/attribution/decisions",
    operation_id="attribution_decisions",
    dependencies=_PERIOD,
    summary="The decisions behind a line of an attribution",
    **_options("journal"),
)
def attribution_decisions(  # noqa: PLR0913, PLR0917  # one argument a parameter
    parts: PartsHere,
    principal: PrincipalHere,
    asked: Period,
    line: LineName,
    symbol: OfSymbol = None,
    limit: Limit = DEFAULT_DECISIONS,
) -> AttributionDecisionsView:
    """What each decision brought of a line, those that brought or cost most first; together they are the line."""
    with _attribution(parts, principal, asked) as (found, _):
        behind = decision_parts(found.window, line, symbol)
        sessions = found.window.book.sessions
        return AttributionDecisionsView(
            account_id=found.asked.account_id,
            from_on=sessions[found.window.first],
            to_on=sessions[found.window.last],
            line=line,
            usd=parts_usd(behind),
            n_decisions=len(behind),
            decisions=part_views(behind[:limit]),
        )


@get(
    f"{PATH}/attribution/page",
    operation_id="attribution_page",
    dependencies=_PERIOD,
    summary="An attribution as a page",
    responses={200: ResponseSpec(str, media_type=_HTML, description="One page that needs nothing else.")},
    **_options("journal"),
)
def attribution_html(parts: PartsHere, principal: PrincipalHere, asked: Period) -> Response[bytes]:
    """The attribution as one HTML page, with its plots, the decisions behind each line, and how long alpha lasts."""
    with _attribution(parts, principal, asked) as (found, reader):
        decay = decay_of(reader, found.window, found.terms)
        page = parts.attribution_page(found, attribution_report(reader, found), decay)
    return Response(page.encode(), media_type=_HTML, headers={"content-security-policy": _CSP})


@get(
    f"{PATH}/alpha-decay",
    operation_id="alpha_decay",
    summary="How long alpha lasts",
    **_options("journal", "not-found", "unknown-account"),
)
def journal_alpha_decay(parts: PartsHere, principal: PrincipalHere, account_id: Account = None) -> AlphaDecay:
    """The information coefficient of the score by horizon and delay, with intervals; what delay would have cost.

    And whether the newest sessions fade otherwise than those before: `has_changed` is an alert.
    """
    named = readable_account(parts.service, principal, account_id)
    with parts.service.store.reader() as reader:
        return alpha_decay(reader, parts.service.lake, attribution_terms(), named)


@get(
    ANALYTICS,
    operation_id="analytics_attribution",
    dependencies=_PERIOD,
    summary="Where the gains of a strategy's account came from",
    **_options("execution"),
)
def analytics_attribution(parts: PartsHere, principal: PrincipalHere, asked: Period) -> AttributionReport:
    """The same as the journal's attribution, for those who only reach the strategy's server."""
    return _report(parts, principal, asked)


def _report(parts: Parts, principal: Principal, asked: Asked) -> AttributionReport:
    with _attribution(parts, principal, asked) as (found, reader):
        return attribution_report(reader, found)


@contextmanager
def _attribution(parts: Parts, principal: Principal, asked: Asked) -> Iterator[tuple[Attribution, LogReader]]:
    """The attribution of an account that the token covers, and the log it was read from."""
    named = readable_account(parts.service, principal, asked.account_id or None)
    with parts.service.store.reader() as reader:
        wanted = Asked(named, asked.from_on, asked.to_on)
        yield attribution(reader, parts.service.lake, attribution_terms(), wanted), reader


ROUTER = Router("/", route_handlers=[journal_attribution, attribution_decisions, attribution_html, journal_alpha_decay])
STRATEGY = Router("/", route_handlers=[analytics_attribution])
