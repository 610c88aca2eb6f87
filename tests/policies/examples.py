"""A small policy that the tests of this folder change, and the faults that a changed one has."""

from __future__ import annotations

import pytest

from nodes.vocabulary.errors import PolicyError
from policies.parse import parsed_policy
from policies.schema import Policy

FILE = "us-equities/v1.yaml"

TEXT = """\
policy: us-equities
version: 1
strategy: us-equities
supersedes: null
owner: risk
effective_from: 2026-11-23T14:30:00Z
why: First version.
params: {momentum_sessions: 252, fee_usd: 1.50}
signal: {momentum_frac: 1.0}
rules:
  - id: liquidity
    require: participation_frac <= max_participation_frac
    applies_to: increasing
    limits: {max_participation_frac: 0.05}
    then: {clip: liquidity_cap_shares}
    because: "Order is {participation_frac:.1%} of a day's volume; the limit is {max_participation_frac:.1%}"
    plain: This order is too big for how much of this stock trades in a day.
    source: desk risk manual 4.2
  - id: kill_switch
    require: NOT kill_switch_is_engaged
    then: deny
    because: The kill switch is engaged.
    plain: Trading is stopped.
    source: desk risk manual 1.1
"""


def policy(text: str = TEXT) -> Policy:
    """The policy of a text that has no fault."""
    return parsed_policy(text.encode(), FILE).policy


def changed(old: str, new: str, text: str = TEXT) -> str:
    """The text with one part, which must be there, replaced."""
    assert old in text
    return text.replace(old, new, 1)


def faults(text: str | bytes) -> list[str]:
    """The faults of a text as people read them, without the name of the file."""
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(PolicyError, match=FILE) as refused:
        parsed_policy(data, FILE)
    return [str(fault).removeprefix(FILE).removeprefix(":").strip() for fault in refused.value.faults]
