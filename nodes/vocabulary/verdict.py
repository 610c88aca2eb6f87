"""The closed sets of what rules and decisions can say.

A rule holds, fails or is unknown. The verdict of an order is the gravest of its rules' verdicts;
the action follows from the verdict (DESIGN section 3, Verdicts).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, IntEnum


class Outcome(Enum):
    """What a rule says of one order, in SQL's three-valued logic."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"


class Verdict(IntEnum):
    """What the rules together say of one order, ordered by gravity."""

    PASS = 0
    WARN = 1
    CLIP = 2
    REVIEW = 3
    DENY = 4

    @property
    def label(self) -> str:
        """The word for people and policies: the member's name in lower case."""
        return self.name.lower()


class Action(Enum):
    """What a decision does with the order."""

    ACT = "act"
    HOLD = "hold"
    DENY = "deny"


def gravest(verdicts: Iterable[Verdict]) -> Verdict:
    """The gravest of some verdicts; PASS when there are none."""
    return max(verdicts, default=Verdict.PASS)


def action(verdict: Verdict) -> Action:
    """The action of a verdict: pass, warn and clip act, review holds, deny denies."""
    if verdict is Verdict.DENY:
        return Action.DENY
    if verdict is Verdict.REVIEW:
        return Action.HOLD
    return Action.ACT
