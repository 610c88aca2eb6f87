"""What bodies ask of impacts, and how their decisions are told."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from api.http.schemas.impacts import ImpactBody, ImpactDecisionView, asked_of, impact_decision_view
from governance.impact_rows import ImpactRow
from tests.governance.test_impact_report import row


def test_a_body_asks_for_what_it_says() -> None:
    asked = asked_of(msgspec.json.decode(b'{"text": "x", "last": 5, "since": "2013-01-02"}', type=ImpactBody))
    assert (asked.text, asked.last, asked.since, asked.has_path) == ("x", 5, date(2013, 1, 2), False)
    assert asked.words == "the newest 5 decisions since 2013-01-02"


@pytest.mark.parametrize("body", ['{"text": ""}', '{"text": "x", "file": "../x.yaml"}', '{"text": "x", "more": 1}'])
def test_a_body_that_asks_for_anything_else_is_refused(body: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"\$|Object contains"):
        msgspec.json.decode(body, type=ImpactBody)


def test_a_decision_is_told_with_all_that_is_kept_of_it() -> None:
    told = impact_decision_view(row())
    assert ImpactDecisionView.__struct_fields__ == ImpactRow.__struct_fields__
    assert told.policy_digest == "sha256:" + "cd" * 32
    assert (told.rules_added, told.because) == (("notional",), ("too big",))
