"""Where an account's money came from and went: gains of a period as sources and costs that come to the total."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import msgspec

from adapters.lake.lake import Lake
from api.use_cases.attribution_book import AccountBook, account_book
from api.use_cases.attribution_brinson import BrinsonView, brinson_view
from api.use_cases.attribution_lines import Line, Window
from api.use_cases.attribution_model import return_model
from api.use_cases.attribution_shortfall import ShortfallView, shortfall_view
from governance.ports import LogReader
from nodes.vocabulary.errors import EdgeError
from policies.attribution_terms import AttributionTerms

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for.

    Attributes:
        account_id: whose gains.
        from_on: from which day on; None from the first session.
        to_on: to which day; None to the last.
    """

    account_id: str
    from_on: date | None = None
    to_on: date | None = None


class GainLineView(msgspec.Struct, frozen=True):
    """A source of gains, or a cost.

    Attributes:
        line: market, timing, sector:NAME, factor:NAME, selection, alpha, a cost, or what is left.
        group: market, sectors, factors, timing, selection, alpha, other, or costs.
        usd: what it brought; costs are negative.
        of_equity_frac: that, of the equity at the beginning; null without equity.
        by_symbol: share by share.
    """

    line: str
    group: str
    usd: Decimal
    of_equity_frac: float | None
    by_symbol: dict[str, Decimal]


class AttributionReport(msgspec.Struct, frozen=True):
    """The gains of an account over some sessions.

    Attributes:
        account_id: whose.
        from_on: first session whose gains count.
        to_on: last one.
        n_sessions: how many.
        opening_usd: equity at the close before.
        closing_usd: equity at the last close.
        contributed_usd: paid in since, less what was taken out.
        total_usd: what was gained.
        parts_usd: what the lines come to.
        unbooked_usd: by how much the two differ: zero while log and lake belong together.
        groups: sums of the lines by group.
        lines: in the order in which they are read.
        brinson: effects against the benchmark, by sector.
        shortfall: what carrying out the decisions of these sessions lost against a paper portfolio.
        notes: what is to be known before the figures are used.
        terms: family and version of the terms.
    """

    account_id: str
    from_on: date
    to_on: date
    n_sessions: int
    opening_usd: Decimal
    closing_usd: Decimal
    contributed_usd: Decimal
    total_usd: Decimal
    parts_usd: Decimal
    unbooked_usd: Decimal
    groups: dict[str, Decimal]
    lines: tuple[GainLineView, ...]
    brinson: BrinsonView
    shortfall: ShortfallView
    notes: tuple[str, ...]
    terms: str


@dataclass(frozen=True)
class Attribution:
    """Gains of an account, ready to be looked at from several sides.

    Attributes:
        window: the account over its sessions, beside the model of returns.
        lake: the prices.
        terms: how gains are attributed.
        asked: what was asked for.
    """

    window: Window
    lake: Lake
    terms: AttributionTerms
    asked: Asked

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every line."""
        return self.window.lines

    @property
    def opening_usd(self) -> Decimal:
        """Equity at the close before the first session; where there is none, that of the first, which made nothing."""
        return self.window.book.equity_usd[max(self.window.first - 1, 0)]

    @property
    def closing_usd(self) -> Decimal:
        """Equity at the last close."""
        return self.window.book.equity_usd[self.window.last]

    @property
    def contributed_usd(self) -> Decimal:
        """Paid in after the opening, less what was taken out."""
        return sum(self.window.book.contributed_usd[max(self.window.first, 1) : self.window.last + 1], _ZERO)


def attribution(reader: LogReader, lake: Lake, terms: AttributionTerms, asked: Asked) -> Attribution:
    """The gains of an account over a period, attributed.

    Raises:
        EdgeError: the account was never valued, or not in that period.
    """
    book = account_book(reader, lake, asked.account_id)
    first, last = _places(book, asked)
    return Attribution(Window(book, return_model(lake, terms), first, last), lake, terms, asked)


def _places(book: AccountBook, asked: Asked) -> tuple[int, int]:
    first_on, last_on = asked.from_on or book.sessions[0], asked.to_on or book.sessions[-1]
    inside = [place for place, day in enumerate(book.sessions) if first_on <= day <= last_on]
    if not inside:
        span = f"{book.sessions[0]} to {book.sessions[-1]}"
        message = f"account {book.account_id!r} was not valued from {first_on} to {last_on}; ask within {span}"
        raise EdgeError(message, reason="invalid")
    return inside[0], inside[-1]


def attribution_report(reader: LogReader, found: Attribution) -> AttributionReport:
    """What an attribution says."""
    window = found.window
    sessions = window.book.sessions[window.first : window.last + 1]
    parts = sum((line.usd for line in found.lines), _ZERO)
    total = found.closing_usd - found.opening_usd - found.contributed_usd
    groups: dict[str, Decimal] = {}
    for line in found.lines:
        groups[line.group] = groups.get(line.group, _ZERO) + line.usd
    return AttributionReport(
        account_id=window.book.account_id,
        from_on=sessions[0],
        to_on=sessions[-1],
        n_sessions=len(sessions),
        opening_usd=found.opening_usd,
        closing_usd=found.closing_usd,
        contributed_usd=found.contributed_usd,
        total_usd=total,
        parts_usd=parts,
        unbooked_usd=total - parts or _ZERO,
        groups=groups,
        lines=tuple(_line_view(line, found.opening_usd) for line in found.lines),
        brinson=brinson_view(window, found.terms),
        shortfall=shortfall_view(reader, found.lake, window),
        notes=_notes(found, total - parts),
        terms=f"{found.terms.family} v{found.terms.version}",
    )


def _line_view(line: Line, opening_usd: Decimal) -> GainLineView:
    by_symbol = {symbol: amount for symbol, amount in line.by_symbol.items() if amount}
    frac = float(line.usd / opening_usd) if opening_usd > 0 else None
    return GainLineView(line.name, line.group, line.usd, frac, by_symbol)


def _notes(found: Attribution, unbooked: Decimal) -> tuple[str, ...]:
    notes = list(found.window.book.remarks)
    by_name = {line.name: line.usd for line in found.lines}
    if by_name.get("unmodelled"):
        notes.append(
            f"{by_name['unmodelled']:,.2f} USD were made in sessions for which a share had no beta of "
            f"{found.terms.beta_sessions} sessions or no return: they are parted no further."
        )
    unreferenced = sum(row.gain.n_unreferenced for row in found.window.rows)
    if unreferenced:
        notes.append(f"{unreferenced} trades were of shares without a close before: their slippage is not told.")
    if unbooked:
        notes.append(
            f"The log values the account {unbooked:,.6f} USD otherwise than this lake's prices do: "
            "they do not belong together, or money moved that no entry explains."
        )
    return tuple(notes)
