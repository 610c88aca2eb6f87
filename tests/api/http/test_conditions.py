"""Conditional requests, RFC 9110 section 13."""

from __future__ import annotations

import pytest

from api.http.conditions import etag, is_unchanged, require_match
from api.http.problems import RequestError

NOW = etag("sha256:aa")


@pytest.mark.parametrize("if_match", ['"sha256:aa"', '"other", "sha256:aa"'])
def test_a_change_for_the_present_state_may_go_on(if_match: str) -> None:
    require_match(if_match, NOW)


@pytest.mark.parametrize("if_match", ["", "*", '"sha256:bb"', 'W/"sha256:aa"', "sha256:aa"])
def test_a_change_for_any_other_is_refused(if_match: str) -> None:
    """A weak tag never matches where a strong one is asked for; `*` would undo what its sender never saw."""
    with pytest.raises(RequestError, match="is not the present state") as caught:
        require_match(if_match, NOW)
    assert (caught.value.reason, caught.value.headers["etag"]) == ("stale-condition", NOW)


def test_a_change_without_a_condition_is_refused_and_told_the_present_state() -> None:
    with pytest.raises(RequestError, match="has no If-Match") as caught:
        require_match(None, NOW)
    assert (caught.value.reason, caught.value.headers["etag"]) == ("missing-condition", NOW)


@pytest.mark.parametrize(
    ("if_none_match", "wanted"),
    [(None, False), ("*", True), (NOW, True), (f"W/{NOW}", True), ('"x", "sha256:aa"', True), ('"x"', False)],
)
def test_a_reader_who_has_the_state_is_known(if_none_match: str | None, wanted: bool) -> None:  # noqa: FBT001
    assert is_unchanged(if_none_match, NOW) is wanted
