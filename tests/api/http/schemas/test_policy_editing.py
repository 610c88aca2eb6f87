"""What an editor is told, from what was found."""

from __future__ import annotations

from datetime import UTC, datetime

from api.http.schemas.policy_editing import check_view
from api.use_cases.policy_check import PolicyCheck
from api.use_cases.policy_log import PolicyEvent
from nodes.vocabulary.errors import Fault

ACTIVE = PolicyEvent("activation", 1, b"", datetime(2026, 11, 23, tzinfo=UTC), {"policy_digest": b"\x01" * 32})


def test_a_text_with_faults_has_no_identity_and_no_name() -> None:
    view = check_view(PolicyCheck((Fault("v2.yaml", 3, 1, "what", "mend"),), "", b"", None, ACTIVE, ()))
    assert (view.is_sound, view.policy, view.policy_digest) == (False, None, None)
    assert (view.faults[0].line, view.faults[0].mend) == (3, "mend")


def test_a_sound_text_has_both() -> None:
    view = check_view(PolicyCheck((), "tiny v2", b"\x02" * 32, 7, ACTIVE, ()))
    assert (view.is_sound, view.policy, view.n_cases) == (True, "tiny v2", 7)
    assert view.policy_digest == "sha256:" + "02" * 32
    assert view.active_digest == "sha256:" + "01" * 32
