from __future__ import annotations

from datetime import UTC, datetime

import pytest

from api.http.asked import asked_digest, asked_instant, required
from api.http.problems import RequestError


def test_an_instant_in_utc_is_read() -> None:
    assert asked_instant("2026-11-23T14:30:00Z") == datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
    assert asked_instant(None) is None


@pytest.mark.parametrize(
    "text", ["2026-11-23T14:30:00", "2026-11-23T14:30:00+01:00", "now", "", "2026-02-30T00:00:00Z"]
)
def test_any_other_instant_is_refused_by_name(text: str) -> None:
    with pytest.raises(RequestError, match="as_of"):
        asked_instant(text)


def test_a_digest_may_leave_out_what_it_is() -> None:
    assert (
        asked_digest("ab" * 32, "policy") == asked_digest(f"sha256:{'ab' * 32}", "policy") == bytes.fromhex("ab" * 32)
    )
    assert asked_digest(None, "policy") is None
    with pytest.raises(RequestError, match="is no digest"):
        asked_digest("ab", "policy")


def test_what_must_be_given_is_asked_for() -> None:
    assert required(0, ("sequence",)) == 0
    with pytest.raises(RequestError, match="parameter from is missing; give from and to"):
        required(None, ("from", "to"))
