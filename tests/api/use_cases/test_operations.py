"""What the operator reads, in words with seconds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.upstreams.outages import Harm, Outage
from api.use_cases.operations import duration, outage_sentences

AT = datetime(2026, 11, 23, 2, 11, 4, tzinfo=UTC)
OUTAGE = Outage("lake", "no answer within 10 s", None, AT, AT + timedelta(seconds=3.2))


def test_an_outage_that_lasts_says_so() -> None:
    assert outage_sentences(OUTAGE) == (
        "First unanswered at 2026-11-23T02:11:04Z, noticed after 3.2 s; away still."
    )  # fmt: skip


def test_one_that_is_over_says_in_how_many_seconds_and_what_it_did() -> None:
    harm = Harm(n_probes=6, n_from_memory=41, n_refused=2, oldest_s=126)
    told = outage_sentences(replace(OUTAGE, ended_at=AT + timedelta(seconds=126), harm=harm))
    assert told == (
        "First unanswered at 2026-11-23T02:11:04Z, noticed after 3.2 s; back after 126 s (2 min); asked 6 times in "
        "vain whether it was back; 41 answers were given from memory, up to 126 s (2 min) old; 2 questions went "
        "unanswered."
    )


def test_one_of_a_kind_is_told_in_the_singular() -> None:
    told = outage_sentences(replace(OUTAGE, harm=Harm(n_probes=1, n_from_memory=1, n_refused=1, oldest_s=6)))
    assert "asked once in vain" in told
    assert "1 answer was given from memory, up to 6.0 s old; 1 question went unanswered." in told


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.04, "0.0 s"),
        (59.9, "59.9 s"),
        (60, "60 s (1 min)"),
        (5400, "5400 s (1.5 h)"),
        (172_800, "172800 s (2.0 days)"),
    ],
)
def test_durations_are_told_in_seconds_first(seconds: float, words: str) -> None:
    assert duration(seconds) == words
