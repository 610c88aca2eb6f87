"""Facts of an entry in JSON's types: one word for one thing, wherever it is shown."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from api.views.facts import plain_fact

AT = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (b"\x01\xff", "01ff"),
        (Decimal("1.50"), "1.50"),
        (AT, "2026-11-23T14:30:00Z"),
        (date(2026, 11, 23), "2026-11-23"),
        ((1, (b"\x02",)), [1, ["02"]]),
        ({"a": Decimal(1)}, {"a": "1"}),
        (None, None),
        (True, True),
        (0.5, 0.5),
        ("x", "x"),
    ],
)
def test_facts_are_written_in_the_types_of_json(value: Any, written: Any) -> None:
    assert plain_fact("fact", value) == written


def test_a_digest_says_what_it_is_and_a_decision_is_named_as_in_its_path() -> None:
    digest = b"\x0a" * 32
    assert plain_fact("policy_digest", digest) == "sha256:" + "0a" * 32
    assert plain_fact("refs", (digest,)) == ["sha256:" + "0a" * 32]
    assert plain_fact("decision_id", digest) == "0a" * 32
    assert plain_fact("of", {"decision_id": digest, "trace_digest": digest}) == {
        "decision_id": "0a" * 32,
        "trace_digest": "sha256:" + "0a" * 32,
    }
