"""May this be sold short? The newest list of shares to borrow, what it costs, and what the policy says of both."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import msgspec
import polars as pl

from adapters.lake.domains.market_events import BORROW as BORROW_LISTS
from adapters.lake.facts.store import FactStore
from api.use_cases.allocation_words import Instant, Shares, Symbol, stated_instant
from api.use_cases.data_reading import no_table
from api.use_cases.gate_policies import Asking
from dataflows.borrowing import BorrowSnapshot
from nodes.kernels.portfolio.borrow import Loan, borrow_fee_usd, short_sale_shares
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.units import Frac, Seconds, Text
from nodes.vocabulary.units import Shares as ShareCount
from nodes.vocabulary.verdict import Action

CAPPED_SHARES = 10_000_000
"""The most that the broker's list ever shows; there may be more."""


class BorrowAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A sale that may be short.

    Attributes:
        symbol: of which share.
        shares: how many are sold.
        position_shares: how many are held; only what is sold beyond them is short.
        recalled_shares: of the shares already borrowed, those that the lender wants back.
        price_usd: a share, to tell the fee in money.
        as_of: by what was known then; by default now.
    """

    symbol: Symbol
    shares: Annotated[int, msgspec.Meta(ge=1, le=10**12)]
    position_shares: Annotated[int, msgspec.Meta(ge=-(10**12), le=10**12)] = 0
    recalled_shares: Shares = 0
    price_usd: Annotated[float, msgspec.Meta(ge=1e-4, le=1e7)] | None = None
    as_of: Instant | None = None


class BorrowReason(msgspec.Struct, frozen=True):
    """What a rule says that does not hold.

    Attributes:
        rule: its id.
        verdict: warn or deny.
        because: why, for experts.
        plain: why, for beginners.
    """

    rule: str
    verdict: str
    because: str
    plain: str


class BorrowView(msgspec.Struct, frozen=True):
    """Whether a sale has a locate.

    Attributes:
        symbol: of which share.
        is_located: whether the sale may go on: it is not short, or the policy lets its borrow pass.
        verdict: the gravest of the rules' verdicts; pass for a sale that is not short.
        short_shares: shares of the sale that are not held.
        available_shares: what the list shows; null where the share is on no list.
        is_capped: whether there may be more: the list shows no higher number.
        fee_frac: of a year; null where the list tells none.
        rebate_frac: what the lender pays on the collateral, a year; null likewise.
        fee_usd_per_day: of the short shares at the price given; null where fee or price is not known.
        listed_on: day of the list.
        known_at: when the list was known.
        source: whose list it is.
        reasons: rules that do not hold, gravest first.
        policy: family and version that judged.
        policy_digest: of that policy.
        trace_digest: of the run of its rules; null for a sale that is not short.
        as_of: by what was known then.
    """

    symbol: str
    is_located: bool
    verdict: str
    short_shares: int
    available_shares: int | None
    is_capped: bool
    fee_frac: float | None
    rebate_frac: float | None
    fee_usd_per_day: Decimal | None
    listed_on: date | None
    known_at: datetime | None
    source: str | None
    reasons: tuple[BorrowReason, ...]
    policy: str
    policy_digest: str
    trace_digest: str | None
    as_of: datetime


@dataclass(frozen=True)
class Listed:
    """A share's line of the newest list; all None where it is on none."""

    available_shares: int | None = None
    fee_frac: float | None = None
    rebate_frac: float | None = None
    listed_on: date | None = None
    event_at: datetime | None = None
    known_at: datetime | None = None
    source: str | None = None


def checked_borrow(asked: BorrowAsked, store: FactStore, asking: Asking, now: datetime) -> BorrowView:
    """Whether a sale has a locate, by the newest list that was known.

    Raises EdgeError where the lake holds no list at all, or the instant lies where no calendar reaches.
    """
    as_of = stated_instant(asked.as_of or now)
    listed = listed_borrow(store, asked.symbol, as_of)
    short = short_sale_shares(-asked.shares, asked.position_shares)
    run = asking.run(_snapshot(asked, listed, short, as_of), as_of) if short else None
    return BorrowView(
        symbol=asked.symbol,
        is_located=run is None or run.action is Action.ACT,
        verdict="pass" if run is None else run.verdict.label,
        short_shares=short,
        available_shares=listed.available_shares,
        is_capped=listed.available_shares == CAPPED_SHARES,
        fee_frac=listed.fee_frac,
        rebate_frac=listed.rebate_frac,
        fee_usd_per_day=_fee_usd(asked, listed, short),
        listed_on=listed.listed_on,
        known_at=listed.known_at,
        source=listed.source,
        reasons=() if run is None else tuple(_reason(rule) for rule in run.failed),
        policy=asking.policy.name,
        policy_digest=digest_text(asking.policy.plan.policy_digest),
        trace_digest=None if run is None else digest_text(run.trace.digest),
        as_of=as_of,
    )


def listed_borrow(store: FactStore, symbol: str, as_of: datetime) -> Listed:
    """A share's line of the newest list known at an instant. Raises EdgeError where the lake holds no list at all.

    A share that the newest list leaves out is on none: what an older one said of it no longer holds.
    """
    if BORROW_LISTS.name not in store.domains():
        raise no_table(BORROW_LISTS.name)
    newest_on = store.as_of(BORROW_LISTS, as_of).select(pl.col("day_on").max()).collect().item()
    rows = store.as_of(BORROW_LISTS, as_of, where=pl.col("symbol") == symbol)
    found = rows.filter(pl.col("day_on") == newest_on).collect().to_dicts()
    if not found:
        return Listed()
    row = found[0]
    return Listed(
        available_shares=row["available_shares"],
        fee_frac=row["fee_rate_frac"],
        rebate_frac=row["rebate_rate_frac"],
        listed_on=row["day_on"],
        event_at=row["event_at"],
        known_at=row["known_at"],
        source=row["source"],
    )


def _snapshot(asked: BorrowAsked, listed: Listed, short: int, as_of: datetime) -> BorrowSnapshot:
    known: dict[str, Any] = dict.fromkeys(("available_shares", "missing_shares", "borrow_use_frac", "list_age_s"))
    if listed.available_shares is not None:
        known["available_shares"] = ShareCount(listed.available_shares)
        known["missing_shares"] = ShareCount(max(short - listed.available_shares, 0))
        known["borrow_use_frac"] = Frac(short / listed.available_shares) if listed.available_shares else None
    if listed.event_at is not None:
        known["list_age_s"] = Seconds(math.ceil((as_of - listed.event_at).total_seconds()))
    fee: Any = None if listed.fee_frac is None else Frac(listed.fee_frac)
    return BorrowSnapshot(
        symbol=Text(asked.symbol),
        short_shares=ShareCount(short),
        borrow_fee_frac=fee,
        recalled_shares=ShareCount(asked.recalled_shares),
        **known,
    )


def _fee_usd(asked: BorrowAsked, listed: Listed, short: int) -> Decimal | None:
    if listed.fee_frac is None or asked.price_usd is None:
        return None
    loan, price = Loan(short, Decimal(repr(listed.fee_frac))), Decimal(repr(asked.price_usd))
    return borrow_fee_usd(loan, price, 1)


def _reason(rule: Any) -> BorrowReason:  # noqa: ANN401  # the engine's outcome of a rule
    return BorrowReason(rule.rule_id, rule.verdict.label, rule.because, rule.plain)
