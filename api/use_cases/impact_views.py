"""The report of an impact as programs are told it: read back from its canonical bytes, lists in place of maps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from governance.impact_report import impact_facts
from nodes.vocabulary.canonical import digest_text


class ImpactEffect(msgspec.Struct, frozen=True):
    """What some decisions that would come out otherwise amount to.

    Attributes:
        n_decisions: how many they are.
        notional_before_usd: absolute worth of the shares that could be sent, as recorded.
        notional_usd: the same by the candidate.
        later_pnl_usd: estimate of the profit that the difference would have made.
        n_unpriced: of them without a price or a later return: in none of the amounts that need one.
    """

    n_decisions: int
    notional_before_usd: Decimal
    notional_usd: Decimal
    later_pnl_usd: Decimal
    n_unpriced: int


class ImpactFlip(msgspec.Struct, frozen=True):
    """Decisions that changed, by recorded and new verdict; both may be the same."""

    before: str
    after: str
    effect: ImpactEffect


class ImpactOfRule(msgspec.Struct, frozen=True):
    """What becomes of a rule.

    Attributes:
        rule_id: the rule.
        n_before: decisions that it objected to.
        n_now: decisions that it objects to by the candidate.
        added: those that it objects to now and did not.
        dropped: those that it objected to and does not now.
    """

    rule_id: str
    n_before: int
    n_now: int
    added: ImpactEffect
    dropped: ImpactEffect


class ImpactOfSymbol(msgspec.Struct, frozen=True):
    """Decisions about a share: how many were judged, and what those that changed amount to."""

    symbol: str
    n_decisions: int
    effect: ImpactEffect


class ImpactEquity(msgspec.Struct, frozen=True):
    """Equity at the close of a session, recorded and simulated."""

    session_on: date
    recorded_usd: Decimal
    simulated_usd: Decimal


class ImpactPath(msgspec.Struct, frozen=True):
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
        parted_on: first session whose equity differs; null when none does.
        equities: of every session.
    """

    origin: str
    assumptions_digest: str
    first_on: date
    last_on: date
    n_sessions: int
    equity_before_usd: Decimal
    equity_usd: Decimal
    drawdown_before_frac: float
    drawdown_frac: float
    verdicts_before: dict[str, int]
    verdicts: dict[str, int]
    parted_on: date | None
    equities: tuple[ImpactEquity, ...]


class ImpactView(msgspec.Struct, frozen=True):
    """What a candidate would have made of recorded decisions.

    Attributes:
        origin: the log.
        log_size: how many entries it had.
        log_root: root of its tree of that size.
        candidate: family and version of the candidate.
        candidate_digest: its policy digest.
        live: what was active then; "" when nothing was.
        live_digest: its policy digest; null when nothing was.
        asked: which decisions were asked for, in words.
        first_sequence: of the first decision; -1 without any.
        last_sequence: of the last one.
        horizon_sessions: over how many sessions later returns are taken.
        n_decisions: decisions judged.
        n_flipped: those with another verdict.
        n_resized: those of which another number of shares could be sent.
        n_changed: those with another verdict, size, or set of rules that object.
        unread: decisions that were not judged, by the reason.
        lacking: inputs that the candidate reads and snapshots did not have, and in how many.
        changed_nodes: nodes of the order plan that were computed again, and for how many decisions.
        session_nodes: nodes of the session plan that would compute otherwise: snapshots were taken as they were.
        policies: decisions by the policy that had decided them.
        verdicts: decisions by recorded and new verdict, "deny>pass"; those that stay the same too.
        effect: of all that changed.
        flips: effect by recorded and new verdict, of those that changed.
        rules: impact by rule.
        symbols: decisions and effect by symbol.
        path: the book under the candidate; null when it was not asked for, or no session was planned.
        says: how what is here was found, by field.
    """

    origin: str
    log_size: int
    log_root: str
    candidate: str
    candidate_digest: str
    live: str
    live_digest: str | None
    asked: str
    first_sequence: int
    last_sequence: int
    horizon_sessions: int
    n_decisions: int
    n_flipped: int
    n_resized: int
    n_changed: int
    unread: dict[str, int]
    lacking: dict[str, int]
    changed_nodes: dict[str, int]
    session_nodes: dict[str, int]
    policies: dict[str, int]
    verdicts: dict[str, int]
    effect: ImpactEffect
    flips: tuple[ImpactFlip, ...]
    rules: tuple[ImpactOfRule, ...]
    symbols: tuple[ImpactOfSymbol, ...]
    path: ImpactPath | None
    says: dict[str, str]


_COPIED = (
    "n_decisions",
    "n_flipped",
    "n_resized",
    "n_changed",
    "unread",
    "lacking",
    "changed_nodes",
    "session_nodes",
    "verdicts",
    "says",
)
_OF_SUBJECT = (
    "origin",
    "log_size",
    "candidate",
    "live",
    "asked",
    "first_sequence",
    "last_sequence",
    "horizon_sessions",
)


def impact_view(body: bytes) -> ImpactView:
    """What a report says. Raises LogError for bytes that are none."""
    facts = impact_facts(body)
    subject = facts["subject"]
    return ImpactView(
        **{name: subject[name] for name in _OF_SUBJECT},
        **{name: facts[name] for name in _COPIED},
        log_root=subject["log_root"].hex(),
        candidate_digest=digest_text(subject["candidate_digest"]),
        live_digest=digest_text(subject["live_digest"]) if subject["live_digest"] else None,
        policies={f"sha256:{name}": count for name, count in facts["policies"].items()},
        effect=ImpactEffect(**facts["effect"]),
        flips=tuple(_flip(name, effect) for name, effect in facts["flips"].items()),
        rules=tuple(_rule(name, rule) for name, rule in facts["rules"].items()),
        symbols=tuple(
            ImpactOfSymbol(name, count, ImpactEffect(**effect)) for name, (count, effect) in facts["symbols"].items()
        ),
        path=None if facts["path"] is None else _path(facts["path"]),
    )


def _flip(name: str, effect: Mapping[str, Any]) -> ImpactFlip:
    before, _, after = name.partition(">")
    return ImpactFlip(before, after, ImpactEffect(**effect))


def _rule(name: str, rule: Mapping[str, Any]) -> ImpactOfRule:
    effects = {part: ImpactEffect(**rule[part]) for part in ("added", "dropped")}
    return ImpactOfRule(name, rule["n_before"], rule["n_now"], **effects)


def _path(path: Mapping[str, Any]) -> ImpactPath:
    equities = tuple(ImpactEquity(*row) for row in path["equities"])
    digest = digest_text(path["assumptions_digest"])
    return ImpactPath(**{**path, "equities": equities, "assumptions_digest": digest})
