"""SEC EDGAR: filings and the numbers in them, over the transport of edgartools (its identity, pace, retries and cache).

The files are the ones that `adapters.feeds.files` imports, so a company fetched and a company imported are the same
facts. Edgartools' own tables are not used: they keep no acceptance time per fact and pick among restatements.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec
import polars as pl

from adapters.feeds.clients.web import TIMEOUT_S, silence_telltales
from adapters.feeds.faults import (
    NotThereError,
    RefusedError,
    ThrottledError,
    Translation,
    UnreachableError,
    status_fault,
)
from adapters.feeds.files.companyfacts import cik_text, company_facts
from adapters.feeds.files.parsed import Parsed
from adapters.feeds.files.submissions import Submissions, submissions
from adapters.feeds.line import Line
from adapters.feeds.optional import library
from adapters.feeds.source import Pace, Window, each
from adapters.lake.domains.filings import FILINGS
from nodes.vocabulary.errors import AssayError, EdgeError

_BLOCKED_S = 600.0
_EVIDENCE = "decided over the company's filings as fetched"


class EdgarFeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is wanted of EDGAR.

    Attributes:
        companies: symbols and the central index key of each.
        rate: questions that we allow ourselves; SEC allows ten a second.
        url: where it is.
        timeout_s: how long an answer may take.
    """

    companies: dict[str, int]
    rate: str = "5/second"
    url: str = "https://data.sec.gov"
    timeout_s: float = TIMEOUT_S


@dataclass(frozen=True)
class Edgar:
    """Filings and fundamentals of some companies.

    Attributes:
        feed: what is wanted.
        identity: name and mail address of who asks: SEC refuses who gives none.
    """

    feed: EdgarFeed
    identity: str
    name: str = "edgar"

    @property
    def pace(self) -> Pace:
        """Each fact is known from its own filing."""
        return Pace(self.feed.rate, timedelta(days=5), timedelta(days=365 * 40), is_vintaged=True)

    @property
    def scope(self) -> str:
        """The companies."""
        return ", ".join(f"{symbol} {cik}" for symbol, cik in sorted(self.feed.companies.items()))

    def fetched(self, window: Window, line: Line) -> Iterator[Parsed]:
        """What was filed since the window began."""
        silence_telltales()
        if "@" not in self.identity:
            message = (
                f"identity {self.identity!r} names no mail address, which SEC asks for; write it like Ann ann@x.org"
            )
            raise EdgeError(message, reason="refused")
        library("edgar.settings").set_identity(self.identity)
        transport = library("edgar.httpclient")
        transport.HTTP_MGR.httpx_params["timeout"] = self.feed.timeout_s
        try:
            yield from each(sorted(self.feed.companies), FILINGS, self.name, partial(self._company, line, window))
        finally:
            transport.close_clients()

    def _company(self, line: Line, window: Window, symbol: str) -> Iterator[Parsed]:
        cik = cik_text(self.feed.companies[symbol])
        body = self._body(line, f"submissions/CIK{cik}.json", symbol)
        recent = submissions(body, symbol=symbol)
        found = recent if window.seen_until is not None else self._complete(line, body, recent, symbol)
        facts = company_facts(
            self._body(line, f"api/xbrl/companyfacts/CIK{cik}.json", symbol), symbol, found.filings.facts
        )
        plain = found.filings.facts.with_columns(acceptance_evidence=pl.lit(_EVIDENCE))
        for part, rows in ((found.filings, plain), (facts, facts.facts)):
            since = rows.filter(pl.col("filed_on") >= window.from_at.date())
            yield Parsed(part.domain, self.name, since, part.rejected)

    def _complete(self, line: Line, body: bytes, recent: Submissions, symbol: str) -> Submissions:
        older = [self._body(line, f"submissions/{name}", symbol) for name in recent.older_files]
        return submissions(body, older, symbol) if older else recent

    def _body(self, line: Line, path: str, symbol: str) -> bytes:
        what = f"edgar {path} of {symbol}"
        requests = library("edgar.httprequests")

        def ask() -> bytes:
            response = requests.get_with_retry(
                f"{self.feed.url}/{path}", identity=self.identity, timeout=self.feed.timeout_s
            )
            requests.inspect_response(response)
            content: bytes = response.content
            return content

        types = (*requests.TRANSPORT_ERRORS, _transport().HTTPError)
        return line.answer(ask, Translation(types, partial(_fault, what)))


def _transport() -> Any:  # noqa: ANN401  # a module
    """The HTTP library under edgartools: httpx, or httpx2 where it is installed, whose exceptions it does not know."""
    return library("httpxthrottlecache").httpx


def _fault(what: str, error: Exception) -> AssayError:
    known: Any = library("edgar.exceptions")
    if isinstance(error, known.TooManyRequestsError):
        return ThrottledError(what, float(getattr(error, "retry_after", None) or _BLOCKED_S))
    status: Any = getattr(error, "status_code", None)
    if isinstance(error, (library("httpx").HTTPStatusError, _transport().HTTPStatusError)):
        return status_fault(what, error.response.status_code, error.response.headers)
    if isinstance(error, known.TransportError) and status is not None:
        return NotThereError(what) if status == 404 else RefusedError(what, f"status {status}")  # noqa: PLR2004
    return UnreachableError(what, type(error).__name__)
