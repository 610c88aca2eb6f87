"""Every subject of a source gets its turn."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.feeds.faults import IncompleteError, MalformedError, NotThereError, UnreachableError
from adapters.feeds.files.parsed import Parsed, nothing_parsed
from adapters.feeds.files.tables import no_rejects
from adapters.feeds.source import each
from adapters.lake.domains.factors import FACTORS


def _fetch(subject: str) -> Iterator[Parsed]:
    if subject == "typo":
        raise NotThereError(subject)
    if subject == "odd":
        raise MalformedError(subject, "no JSON")
    if subject == "down":
        raise UnreachableError(subject, "status 500")
    yield nothing_parsed(FACTORS, subject, no_rejects())


def test_a_subject_that_cannot_be_read_is_set_aside_with_the_reason() -> None:
    parts = list(each(["typo", "good"], FACTORS, "vendor", _fetch))
    assert [part.source for part in parts] == ["vendor", "good"]
    assert parts[0].rejected["reason"][0] == "typo is unknown to the vendor; correct its name"


def test_a_subject_that_does_not_answer_holds_up_no_other() -> None:
    brought: list[Parsed] = []
    with pytest.raises(UnreachableError, match="down did not answer"):
        brought.extend(each(["down", "good"], FACTORS, "vendor", _fetch))
    brought.clear()
    parts = each(["down", "good"], FACTORS, "vendor", _fetch)
    assert next(parts).source == "good"


def test_a_subject_whose_answer_cannot_be_used_leaves_the_run_incomplete() -> None:
    """The watermark must not move past what was never read."""
    parts: list[Parsed] = []
    with pytest.raises(IncompleteError, match="vendor answered for odd what cannot be used; see the quarantine"):
        parts.extend(each(["odd", "good"], FACTORS, "vendor", _fetch))
    assert parts[0].rejected["reason"][0].startswith("odd answered what cannot be read")
    assert parts[1].source == "good"
