"""Parameters read by name: every fault at its place, all at once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from nodes.vocabulary.errors import PolicyError
from policies.params import ParamReading
from policies.parse import parsed_policy

HEAD = """\
policy: made-up
version: 1
strategy: us-equities
supersedes: null
owner: research
effective_from: 2026-11-02T14:30:00Z
why: For a test.
params:
"""


def reading(params: str) -> ParamReading:
    lines = "".join(f"  {line}\n" for line in params.splitlines())
    return ParamReading(parsed_policy(f"{HEAD}{lines}rules: []\n".encode(), "v1.yaml"), "a test")


def test_values_come_in_their_types() -> None:
    params = "share_frac: 0.25\nn_days: 3\nleast_usd: 1.50\nsizes_usd: [1, 2.5]\nnames: [a, b]\nheld_on: [2005-02-02]"
    found = reading(f"{params}\ngate: my-gate v1")
    assert found.number("share_frac", 0.0, 1.0) == 0.25
    assert found.whole("n_days", 0, 9) == 3
    assert found.amount("least_usd", Decimal(0)) == Decimal("1.50")
    assert found.amounts("sizes_usd", Decimal(1)) == (Decimal(1), Decimal("2.5"))
    assert found.words("names") == ("a", "b")
    assert found.days("held_on") == (date(2005, 2, 2),)
    assert found.word("gate") == "my-gate v1"
    found.finish()


def test_every_fault_is_told_with_its_line_and_mend() -> None:
    found = reading("share_frac: 7.0\nsizes_usd: [2, 1]\nheld_on: [2005-02-02, 2005-02-01]\nspare: 1")
    found.number("share_frac", 0.0, 1.0)
    found.whole("n_days", 0, 9)
    found.amounts("sizes_usd", Decimal(1))
    found.days("held_on")
    found.word("n_days")
    found.refuse("share_frac", "share_frac is too much", "write less")
    with pytest.raises(PolicyError, match=r"share_frac was 7\.0, expected a number from 0 to 1") as refused:
        found.finish()
    told = [fault.what for fault in refused.value.faults]
    assert len(told) == 7
    assert "n_days is missing, expected a word" in told
    assert "spare is no parameter of a test" in told
    assert any(what.startswith("n_days is missing") for what in told)
    assert {fault.line for fault in refused.value.faults} >= {9, 10, 11, 12}
