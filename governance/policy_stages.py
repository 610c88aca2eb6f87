"""The stages of a policy version before it is proposed, what a canary decides, and what verification holds both to.

    checked   its text and cases are in the log, and came out well
    shadow    what runs goes on deciding; this one says beside it what it would have decided
    canary    it decides a share of the symbols; the activation that says so names them
    ended     it does neither any longer

Proposal, approval, schedule and activation have kinds of entries of their own. A decision is made by the active policy
or, for the symbols of its canary, by that; which symbols these are follows from the activation alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any

from governance.entries import Entry, EntryKind
from nodes.vocabulary.canonical import digest, digest_text

CANARY = "canary"
"""The fact of an activation that names a canary."""
_PLACES = 2**64
_PLACE_BYTES = 8


class PolicyStage(Enum):
    """A stage of a version before it is proposed."""

    CHECKED = "checked"
    SHADOW = "shadow"
    CANARY = "canary"
    ENDED = "ended"


_AFTER: Mapping[str, tuple[str | None, ...]] = {
    "checked": (None, "checked", "ended"),
    "shadow": ("checked", "canary", "ended"),
    "canary": ("checked", "shadow", "canary", "ended"),
    "ended": ("shadow", "canary"),
}
"""After which stages each may come; None stands for none so far."""


@dataclass(frozen=True, slots=True)
class CanaryTerms:
    """Which symbols a canary decides.

    Attributes:
        policy_digest: the canary.
        share_frac: the share of all symbols, chosen by digest; 0 where symbols are named.
        symbols: those that are named; () where a share is chosen.
    """

    policy_digest: bytes
    share_frac: float
    symbols: tuple[str, ...] = ()

    def covers(self, symbol: str) -> bool:
        """Whether the canary decides a symbol."""
        return symbol in self.symbols if self.symbols else symbol_place(self.policy_digest, symbol) < self.share_frac

    @property
    def facts(self) -> dict[str, Any]:
        """The terms as facts of an entry."""
        return {"policy_digest": self.policy_digest, "share_frac": self.share_frac, "symbols": self.symbols}


@lru_cache(maxsize=65_536)
def symbol_place(policy_digest: bytes, symbol: str) -> float:
    """Where a symbol stands among all, from 0 to 1, for one canary: another canary draws other symbols."""
    return int.from_bytes(digest("canary", policy_digest, symbol.encode())[:_PLACE_BYTES], "big") / _PLACES


def canary_terms(facts: Mapping[str, Any]) -> CanaryTerms | None:
    """The canary that an activation names; None without one. Raises ValueError when what it says of it is none."""
    found = facts.get(CANARY)
    if found is None:
        return None
    try:
        policy_digest, share, symbols = found["policy_digest"], found["share_frac"], found["symbols"]
    except (TypeError, KeyError) as error:
        message = f"canary {found!r} lacks {error}"
        raise ValueError(message) from error
    is_share = isinstance(share, float) and (0 < share < 1 if not symbols else share == 0)
    if not isinstance(policy_digest, bytes) or not isinstance(symbols, tuple) or not is_share:
        message = f"canary of share {share!r} and symbols {symbols!r} chooses none"
        raise ValueError(message)
    return CanaryTerms(policy_digest, share, symbols)


def _is_stage(stage: object) -> bool:
    return isinstance(stage, str) and stage in _AFTER


@dataclass(slots=True)
class _Running:
    """What a strategy runs: the active policy and its canary."""

    policy_digest: bytes
    canary: CanaryTerms | None


@dataclass(slots=True)
class LearnedStages:
    """What the entries of a log say of stages and canaries so far.

    Attributes:
        stages: the newest stage of each version, by strategy and digest.
        running: what each strategy runs.
    """

    stages: dict[tuple[str, bytes], str] = field(default_factory=dict)
    running: dict[str, _Running] = field(default_factory=dict)

    def fault(self, entry: Entry) -> str:
        """Take an entry in; what is wrong with it, "" when nothing is or it is about neither."""
        match entry.kind:
            case EntryKind.POLICY_STAGE:
                return self._stage_fault(entry.facts)
            case EntryKind.ACTIVATION:
                return self._activation_fault(entry.facts)
            case EntryKind.DECISION:
                return self._decision_fault(entry.facts)
            case _:
                return ""

    def _stage_fault(self, facts: Mapping[str, Any]) -> str:
        strategy, policy_digest, stage = (facts.get(name) for name in ("strategy", "policy_digest", "stage"))
        if not isinstance(strategy, str) or not isinstance(policy_digest, bytes) or not _is_stage(stage):
            return f"stage {stage!r} of policy {policy_digest!r} of {strategy!r} is none"
        before = self.stages.get((strategy, policy_digest))
        self.stages[strategy, policy_digest] = str(stage)
        if before in _AFTER[str(stage)]:
            return ""
        return f"policy {digest_text(policy_digest)} is {stage} after {before or 'nothing'}, which no version can be"

    def _activation_fault(self, facts: Mapping[str, Any]) -> str:
        strategy, policy_digest = facts.get("strategy"), facts.get("policy_digest")
        if not isinstance(strategy, str) or not isinstance(policy_digest, bytes):
            return ""
        self.running[strategy] = running = _Running(policy_digest, None)
        try:
            running.canary = canary_terms(facts)
        except ValueError as error:
            return str(error)
        canary = running.canary
        if canary is None or self.stages.get((strategy, canary.policy_digest)) == PolicyStage.CANARY.value:
            return ""
        return f"canary {digest_text(canary.policy_digest)} is at no stage that lets it decide"

    def _decision_fault(self, facts: Mapping[str, Any]) -> str:
        policy_digest, symbol = facts.get("policy_digest"), facts.get("symbol")
        if not isinstance(policy_digest, bytes) or not isinstance(symbol, str):
            return ""
        for running in self.running.values():
            canary = running.canary
            if canary is None or policy_digest not in {running.policy_digest, canary.policy_digest}:
                continue
            wanted = canary.policy_digest if canary.covers(symbol) else running.policy_digest
            if policy_digest != wanted:
                return f"{symbol} was decided by policy {digest_text(policy_digest)}, its own is {digest_text(wanted)}"
        return self._foreign(policy_digest)

    def _foreign(self, policy_digest: bytes) -> str:
        """Why a policy that decided may not have: no activation that stands names it."""
        active = {each.policy_digest for each in self.running.values()}
        canaries = {each.canary.policy_digest for each in self.running.values() if each.canary is not None}
        if not self.running or policy_digest in active | canaries:
            return ""
        return f"policy {digest_text(policy_digest)} decided while it was neither active nor a canary"
