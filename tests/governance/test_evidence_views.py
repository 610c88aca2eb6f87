"""A pack is plain data: it goes through JSON and comes back the same."""

from __future__ import annotations

import msgspec

from governance.evidence_views import ControlEvidence, RuleCount


def test_a_control_survives_json() -> None:
    rule = RuleCount("us-equities v1", "notional", "a <= b", "deny", ("b = 1",), 3, 1)
    control = ControlEvidence("order-values", "RTS 6", "15(1)(b)", "asks.", "shown.", (rule,), {"fill": 2}, "", "")
    assert msgspec.json.decode(msgspec.json.encode(control), type=ControlEvidence) == control
