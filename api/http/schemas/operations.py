"""What whoever is on call reads."""

from __future__ import annotations

import msgspec

from adapters.upstreams.outages import Outage
from adapters.upstreams.upstream import Standing
from api.use_cases.feed_outages import FeedStanding
from api.use_cases.operations import Operations, outage_sentences
from nodes.vocabulary.instants import instant_text


class CheckLine(msgspec.Struct, frozen=True):
    """How one thing is that the server depends on.

    Attributes:
        name: what was looked at.
        status: ok, degraded or down.
        detail: what was found, and the mend.
    """

    name: str
    status: str
    detail: str


class UpstreamView(msgspec.Struct, frozen=True):
    """Something that the server asks and does not own.

    Attributes:
        name: what it is called.
        circuit: closed, half-open or open; while it is open, nothing is asked.
        rests_s: seconds until it is asked again.
        n_under_way: questions that it has not answered.
        n_failed: questions in a row that it did not answer.
        because: what the newest of them met.
        good_at: when it last answered; null when it has not yet.
    """

    name: str
    circuit: str
    rests_s: float
    n_under_way: int
    n_failed: int
    because: str
    good_at: str | None


class FeedView(msgspec.Struct, frozen=True):
    """A feed of the lake, held against policy.

    Attributes:
        feed: its name.
        watermark: up to when it brought everything; null when no run was ever done.
        age_s: of the watermark.
        tolerance_s: how old that may be; null where policy does not say.
        is_within: whether it is within that.
        outcome: of its last run.
        n_failures: runs since the last one that was done.
    """

    feed: str
    watermark: str | None
    age_s: float | None
    tolerance_s: float | None
    is_within: bool
    outcome: str
    n_failures: int


class OutageView(msgspec.Struct, frozen=True):
    """A time for which something did not answer.

    Attributes:
        upstream: what.
        because: what was seen.
        good_at: when it had last answered; null when nobody had asked.
        began_at: when it first did not answer.
        noticed_at: when it was left alone from then on.
        ended_at: when it answered again; null while it does not.
        noticed_after_s: seconds from the first unanswered question until then.
        lasted_s: seconds until an answer came again; null while none does.
        n_probes: times it was asked in vain whether it was back.
        n_from_memory: answers that were given from memory.
        oldest_s: age of the oldest of them.
        n_refused: questions that went unanswered.
        text: all of it in words.
    """

    upstream: str
    because: str
    good_at: str | None
    began_at: str
    noticed_at: str
    ended_at: str | None
    noticed_after_s: float
    lasted_s: float | None
    n_probes: int
    n_from_memory: int
    oldest_s: int
    n_refused: int
    text: str


class OperationsView(msgspec.Struct, frozen=True):
    """How everything is.

    Attributes:
        as_of: when this was looked at.
        status: ok, degraded or down.
        checks: what the server depends on.
        upstreams: what it asks and does not own.
        feeds: of the lake; null when the lake does not answer.
        outages: what was away, the newest first.
        n_kept: answers that are kept to be given again.
        kept_bytes: what they take.
    """

    as_of: str
    status: str
    checks: tuple[CheckLine, ...]
    upstreams: tuple[UpstreamView, ...]
    feeds: tuple[FeedView, ...] | None
    outages: tuple[OutageView, ...]
    n_kept: int
    kept_bytes: int


def operations_view(found: Operations) -> OperationsView:
    """How everything is, for clients."""
    return OperationsView(
        as_of=instant_text(found.as_of),
        status=found.state.value,
        checks=tuple(CheckLine(each.name, each.state.value, each.detail) for each in found.checks),
        upstreams=tuple(map(_upstream, found.upstreams)),
        feeds=None if found.feeds is None else tuple(map(_feed, found.feeds)),
        outages=tuple(map(_outage, found.outages)),
        n_kept=found.n_kept,
        kept_bytes=found.kept_bytes,
    )


def _upstream(each: Standing) -> UpstreamView:
    return UpstreamView(
        name=each.name,
        circuit=each.state.value,
        rests_s=round(each.rests_s, 3),
        n_under_way=each.n_under_way,
        n_failed=each.n_failed,
        because=each.because,
        good_at=None if each.good_at is None else instant_text(each.good_at),
    )


def _feed(each: FeedStanding) -> FeedView:
    feed = each.feed
    return FeedView(
        feed=feed.feed,
        watermark=None if feed.watermark is None else instant_text(feed.watermark),
        age_s=each.age_s,
        tolerance_s=None if each.terms is None else each.terms.tolerance_s,
        is_within=each.is_within,
        outcome=feed.outcome,
        n_failures=feed.n_failures,
    )


def _outage(each: Outage) -> OutageView:
    harm = each.harm
    return OutageView(
        upstream=each.upstream,
        because=each.because,
        good_at=None if each.good_at is None else instant_text(each.good_at),
        began_at=instant_text(each.began_at),
        noticed_at=instant_text(each.noticed_at),
        ended_at=None if each.ended_at is None else instant_text(each.ended_at),
        noticed_after_s=each.noticed_after_s,
        lasted_s=each.lasted_s,
        n_probes=harm.n_probes,
        n_from_memory=harm.n_from_memory,
        oldest_s=harm.oldest_s,
        n_refused=harm.n_refused,
        text=outage_sentences(each),
    )
