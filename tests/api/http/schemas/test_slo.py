"""Objectives as clients read them: what is unknown is null."""

from __future__ import annotations

from datetime import UTC, datetime

from adapters.sql.slo_samples import Stretch
from api.http.schemas.slo import slo_view
from api.use_cases.slo import ObjectiveStatus, WindowStatus
from policies.slo import shipped_slo_policy

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
POLICY = shipped_slo_policy()


def test_what_was_not_counted_is_null_and_what_burns_is_said() -> None:
    calm = WindowStatus(POLICY.windows[0], None, None, 0.0, is_burning=False, since=None)
    burning = WindowStatus(POLICY.windows[0], 20.0, 20.0, 3600.0, is_burning=True, since=AT)
    unknown = ObjectiveStatus("a", POLICY.objectives[0], None, None, (calm,))
    known = ObjectiveStatus("b", POLICY.objectives[0], Stretch(AT, AT, 100.0, 2.0), -19.0, (burning,))
    view = slo_view(POLICY, AT, (unknown, known))
    assert (view.is_burning, view.policy) == (True, "operations v1")
    first, second = view.objectives
    assert (first.total, first.bad_frac, first.windows[0].long_ratio, first.windows[0].since) == (
        None,
        None,
        None,
        None,
    )
    assert (second.bad_frac, second.windows[0].since) == (0.02, "2026-11-23T15:00:00Z")
    assert not slo_view(POLICY, AT, (unknown,)).is_burning
