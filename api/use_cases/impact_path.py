"""The book again under a candidate: the sessions that a log planned, run in a log of their own, and both compared.

Every candidate order of each session is decided and settled on the same data and assumptions, from the equity with
which the recorded account began. Orders that clients sent beside the plan are not among them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from governance.entries import EntryKind
from governance.impact_report import PathImpact
from governance.ports import LogReader


@dataclass(frozen=True)
class RecordedBook:
    """An account as a log tells it.

    Attributes:
        account_id: whose it is.
        equities: its equity at the close of each session that was planned, in order.
        verdicts: its decisions by verdict.
    """

    account_id: str
    equities: Mapping[date, Decimal]
    verdicts: Mapping[str, int]


def recorded_book(reader: LogReader, until: date | None = None) -> RecordedBook | None:
    """The book of the account that the newest plan is of, up to a session; None where no session was planned."""
    newest = next(iter(reader.newest(EntryKind.PLAN, 1)), None)
    if newest is None:
        return None
    account_id = newest.entry.facts["account_id"]
    equities: dict[date, Decimal] = {}
    for record in reader.of_kind(EntryKind.PLAN):
        facts = record.entry.facts
        if facts["account_id"] == account_id and (until is None or facts["session_on"] <= until):
            equities[facts["session_on"]] = facts["equity_usd"]
    verdicts = Counter[str]()
    for record in reader.of_kind(EntryKind.DECISION):
        facts = record.entry.facts
        if facts["account_id"] == account_id and facts["session_on"] in equities:
            verdicts[facts["verdict"]] += 1
    return RecordedBook(account_id, equities, dict(sorted(verdicts.items()))) if equities else None


def compared_books(origin: str, assumptions_digest: bytes, before: RecordedBook, after: RecordedBook) -> PathImpact:
    """What the simulated book came to, against the recorded one, over the sessions that both have."""
    days = sorted(before.equities.keys() & after.equities.keys())
    rows = tuple((day, before.equities[day], after.equities[day]) for day in days)
    return PathImpact(
        origin=origin,
        assumptions_digest=assumptions_digest,
        first_on=days[0],
        last_on=days[-1],
        n_sessions=len(days),
        equity_before_usd=rows[-1][1],
        equity_usd=rows[-1][2],
        drawdown_before_frac=deepest_fall_frac([row[1] for row in rows]),
        drawdown_frac=deepest_fall_frac([row[2] for row in rows]),
        verdicts_before=before.verdicts,
        verdicts=after.verdicts,
        parted_on=next((day for day, recorded, simulated in rows if recorded != simulated), None),
        equities=rows,
    )


def deepest_fall_frac(equities: Sequence[Decimal]) -> float:
    """The deepest fall from a peak before it, as a fraction of that peak."""
    return max((float(1 - equity / peak) for equity, peak in zip(equities, _peaks(equities), strict=True)), default=0.0)


def _peaks(equities: Iterable[Decimal]) -> Iterable[Decimal]:
    peak = Decimal(0)
    for equity in equities:
        peak = max(peak, equity)
        yield peak
