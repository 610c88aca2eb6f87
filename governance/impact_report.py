"""The report of an impact: what its chunks come to, as canonical bytes whose digest an activation can name.

The report holds everything that is added up, and names the kept rows of every chunk by digest, so that whoever holds
the report can tell whether the rows that he is shown are those that it was made from. The log is named by its origin,
size and root at the time: the same candidate over the same log gives the same bytes.

Profit and loss that came later is an estimate and says so: the difference in shares, at the price of the decision,
times what the share returned over the sessions after it; without costs, without fills, without what other orders would
have become. It is not a forecast, and not a path: that one is simulated, see `PathImpact`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from governance.impact_rows import COUNTS, ImpactChunk, ImpactRow, rows_bytes, rows_digest
from nodes.vocabulary.canonical import decode, digest, encode
from nodes.vocabulary.errors import DataError, LogError

SCHEME = 1
ESTIMATE = (
    "estimate: change in shares that could be sent, at the price of the decision, times the total return of the "
    "sessions that followed; without costs, fills or what later orders would have become"
)
STEP = (
    "one step, exact: each recorded snapshot judged as it was; what the account would have held afterwards is not asked"
)
PATH = "path: the sessions run again under the candidate, on the same data and assumptions, in a log of their own"
_CENT = Decimal("0.01")
_NOTHING = Decimal(0)

LaterReturn = Callable[[str, date], Decimal | None]
"""Total return of a share over the sessions that followed one; None where it is not known."""


@dataclass(frozen=True)
class ImpactSubject:
    """What an impact is about.

    Attributes:
        origin: the log.
        log_size: how many entries it had.
        log_root: root of its tree of that size.
        candidate: family and version of the candidate.
        candidate_digest: its policy digest.
        order_plan_digest: of its order plan.
        live: what was active then; "" when nothing was.
        live_digest: its policy digest; empty when nothing was.
        asked: which decisions were asked for, in words.
        first_sequence: of the first decision; -1 without any.
        last_sequence: of the last one.
        horizon_sessions: over how many sessions later returns are taken.
    """

    origin: str
    log_size: int
    log_root: bytes
    candidate: str
    candidate_digest: bytes
    order_plan_digest: bytes
    live: str
    live_digest: bytes
    asked: str
    first_sequence: int
    last_sequence: int
    horizon_sessions: int


@dataclass(frozen=True)
class Effect:
    """What some decisions that would come out otherwise amount to.

    Attributes:
        n_decisions: how many they are.
        notional_before_usd: absolute worth of the shares that could be sent, as recorded.
        notional_usd: the same by the candidate.
        later_pnl_usd: estimate of the profit that the difference would have made, see `ESTIMATE`.
        n_unpriced: of those whose shares differ, how many have no price or no later return: they are in none of the
            amounts that need one, and are not zero.
    """

    n_decisions: int
    notional_before_usd: Decimal
    notional_usd: Decimal
    later_pnl_usd: Decimal
    n_unpriced: int


@dataclass(frozen=True)
class RuleImpact:
    """What becomes of one rule.

    Attributes:
        n_before: decisions that it objected to.
        n_now: decisions that it objects to by the candidate.
        added: those that it objects to now and did not.
        dropped: those that it objected to and does not now.
    """

    n_before: int
    n_now: int
    added: Effect
    dropped: Effect


@dataclass(frozen=True)
class PathImpact:
    """The book under the candidate, against the recorded one.

    Attributes:
        origin: the log of the simulated sessions.
        assumptions_digest: of what the market was taken to be like.
        first_on: first session.
        last_on: last session.
        n_sessions: how many.
        equity_before_usd: recorded equity at the end.
        equity_usd: simulated equity at the end.
        drawdown_before_frac: deepest fall from a peak, recorded.
        drawdown_frac: deepest fall from a peak, simulated.
        verdicts_before: recorded decisions by verdict.
        verdicts: simulated decisions by verdict.
        parted_on: first session whose equity differs; None when none does.
        equities: session, recorded and simulated equity, of every session.
    """

    origin: str
    assumptions_digest: bytes
    first_on: date
    last_on: date
    n_sessions: int
    equity_before_usd: Decimal
    equity_usd: Decimal
    drawdown_before_frac: float
    drawdown_frac: float
    verdicts_before: Mapping[str, int]
    verdicts: Mapping[str, int]
    parted_on: date | None
    equities: tuple[tuple[date, Decimal, Decimal], ...]


@dataclass(frozen=True)
class ImpactReport:
    """What a candidate would have made of recorded decisions.

    Attributes:
        subject: what it is about.
        n_decisions: decisions judged.
        n_flipped: those with another verdict.
        n_resized: those of which another number of shares could be sent.
        n_changed: those with another verdict, size, or set of rules that object.
        unread: decisions that were not judged, by the reason.
        lacking: inputs that the candidate reads and snapshots did not have, and in how many.
        changed_nodes: nodes of the order plan that were computed again, and for how many decisions.
        session_nodes: nodes of the session plan that would compute otherwise: snapshots were taken as they were.
        policies: decisions by the policy that had decided them.
        verdicts: decisions by recorded and new verdict, "deny>pass".
        effect: of all that changed.
        flips: effect by recorded and new verdict, of those that changed.
        rules: impact by rule.
        symbols: decisions and effect by symbol.
        tables: digest and length of the kept rows of each chunk.
        path: the book under the candidate; None when it was not asked for.
        says: how what is here was found.
    """

    subject: ImpactSubject
    n_decisions: int
    n_flipped: int
    n_resized: int
    n_changed: int
    unread: Mapping[str, int]
    lacking: Mapping[str, int]
    changed_nodes: Mapping[str, int]
    session_nodes: Mapping[str, int]
    policies: Mapping[str, int]
    verdicts: Mapping[str, int]
    effect: Effect
    flips: Mapping[str, Effect]
    rules: Mapping[str, RuleImpact]
    symbols: Mapping[str, tuple[int, Effect]]
    tables: tuple[tuple[bytes, int], ...]
    path: PathImpact | None
    says: Mapping[str, str] = field(default_factory=lambda: {"decisions": STEP, "later_pnl_usd": ESTIMATE})

    @property
    def body(self) -> bytes:
        """The report as canonical bytes."""
        return encode({"scheme": SCHEME, **{name: getattr(self, name) for name in self.__dataclass_fields__}})


def impact_digest(body: bytes) -> bytes:
    """The digest of a report: what an activation names."""
    return digest("impact-report", body)


def impact_report(
    subject: ImpactSubject,
    chunks: Sequence[ImpactChunk],
    later: LaterReturn,
    path: PathImpact | None = None,
) -> ImpactReport:
    """What the chunks of an impact come to, in the order of the log."""
    counts = {name: _sum(getattr(chunk, name) for chunk in chunks) for name in COUNTS}
    sums = _Sums(later)
    for chunk in chunks:
        for row in chunk.rows:
            sums.add(row)
    says = {"decisions": STEP, "later_pnl_usd": ESTIMATE, **({} if path is None else {"path": PATH})}
    return ImpactReport(
        subject=subject,
        n_decisions=sum(chunk.n_decisions for chunk in chunks),
        n_flipped=sums.n_flipped,
        n_resized=sums.n_resized,
        n_changed=sum(len(chunk.rows) for chunk in chunks),
        unread=counts["unread"],
        lacking=counts["lacking"],
        changed_nodes=counts["changed"],
        session_nodes=counts["session_changed"],
        policies=counts["policies"],
        verdicts=counts["verdicts"],
        effect=sums.of("all"),
        flips={name: sums.of("flip", name) for name in sums.names("flip")},
        rules=_rules(sums, counts["rules_before"], counts["rules"]),
        symbols={name: (count, sums.of("symbol", name)) for name, count in counts["symbols"].items()},
        tables=tuple((rows_digest(rows_bytes(chunk.rows)), len(chunk.rows)) for chunk in chunks),
        path=path,
        says=says,
    )


def _rules(sums: _Sums, before: Mapping[str, int], now: Mapping[str, int]) -> dict[str, RuleImpact]:
    return {
        name: RuleImpact(before.get(name, 0), now.get(name, 0), sums.of("added", name), sums.of("dropped", name))
        for name in sorted({*before, *now})
    }


def _sum(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total = Counter[str]()
    for each in counts:
        total.update(each)
    return dict(sorted(total.items()))


class _Sum:
    """An effect under way."""

    __slots__ = ("before", "count", "later", "now", "unpriced")

    def __init__(self) -> None:
        self.count = self.unpriced = 0
        self.before = self.now = self.later = _NOTHING


class _Sums:
    """Effects under way, by what they are of."""

    def __init__(self, later: LaterReturn) -> None:
        self._later = later
        self._sums: dict[tuple[str, str], _Sum] = {}
        self.n_flipped = self.n_resized = 0

    def add(self, row: ImpactRow) -> None:
        """Take in a decision that would come out otherwise."""
        self.n_flipped += row.is_flipped
        self.n_resized += row.sent != row.sent_before
        keys = [("all", ""), ("flip", row.flip), ("symbol", row.symbol)]
        keys += [("added", name) for name in row.rules_added]
        keys += [("dropped", name) for name in row.rules_dropped]
        amounts, pnl = _amounts(row), self._pnl(row)
        for key in keys:
            found = self._sums.get(key)
            if found is None:
                found = self._sums[key] = _Sum()
            found.count += 1
            found.unpriced += pnl is None
            if amounts is not None:
                found.before += amounts[0]
                found.now += amounts[1]
            if pnl:
                found.later += pnl

    def _pnl(self, row: ImpactRow) -> Decimal | None:
        """What the difference in shares would have made later; None where that is not known."""
        more = row.sent - row.sent_before
        if not more:
            return _NOTHING
        returned = None if row.price_usd is None else self._later(row.symbol, row.session_on)
        if row.price_usd is None or returned is None:
            return None
        return (more * row.price_usd * returned).quantize(_CENT)

    def names(self, part: str) -> list[str]:
        """What there is an effect of."""
        return sorted(name for found, name in self._sums if found == part)

    def of(self, part: str, name: str = "") -> Effect:
        """The effect of something; of nothing when there is none."""
        found = self._sums.get((part, name)) or _Sum()
        return Effect(found.count, found.before, found.now, found.later, found.unpriced)


def _amounts(row: ImpactRow) -> tuple[Decimal, Decimal] | None:
    """Worth of what could be sent, before and now; None where the price is not known."""
    price = row.price_usd
    return None if price is None else (abs(row.sent_before) * price, abs(row.sent) * price)


def impact_facts(body: bytes) -> Mapping[str, Any]:
    """What a report says. Raises LogError for bytes that are none."""
    try:
        content = decode(body)
        subject = content["subject"]
        is_known = content["scheme"] == SCHEME and {*subject} == {*ImpactSubject.__dataclass_fields__}
    except (DataError, KeyError, TypeError) as error:
        message = f"{len(body)} bytes are no impact report: {error}; restore them from a copy"
        raise LogError(message) from error
    if not is_known:
        message = f"impact report is of scheme {content['scheme']!r}, expected {SCHEME}; read it with its own version"
        raise LogError(message)
    facts: Mapping[str, Any] = content
    return facts


def impact_faults(facts: Mapping[str, Any], body: bytes, origin: str = "") -> tuple[str, ...]:
    """What is wrong with an entry's fact `impact_digest`, given the report that it is said to name.

    Args:
        facts: of the entry, which names a policy and the report.
        body: the report.
        origin: the log that the report must be about; any by default.
    """
    found = impact_digest(body)
    if found != facts["impact_digest"]:
        return (f"names impact report {facts['impact_digest'].hex()}, its body hashes to {found.hex()}",)
    try:
        subject = impact_facts(body)["subject"]
    except LogError as error:
        return (f"names an impact report that is none: {error}",)
    faults = []
    if subject["candidate_digest"] != facts["policy_digest"]:
        faults.append(f"names an impact report of another policy, {subject['candidate_digest'].hex()}")
    if origin and subject["origin"] != origin:
        faults.append(f"names an impact report about log {subject['origin']!r}")
    return tuple(faults)
