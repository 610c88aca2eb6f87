"""A trial that is kept nowhere sees what it did, and can do nothing that would need a log."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from governance.entries import Entry, EntryKind, entry_id
from governance.models import StageRow
from governance.rows import Activation, Answer, OrderState, OutboundOrder
from governance.unkept import UnkeptLog
from nodes.vocabulary.errors import EdgeError, LogError

AT = datetime(2013, 1, 2, 21, tzinfo=UTC)


@pytest.fixture
def log() -> UnkeptLog:
    return UnkeptLog("research/trial", Activation("us-equities", b"p" * 32, 3))


def test_what_was_done_is_seen(log: UnkeptLog) -> None:
    entry = Entry(EntryKind.FILL, log.origin, AT, AT, {"a": 1, "decision_id": b"d" * 32})
    with log.transaction() as transaction:
        appended = transaction.append(entry)
        ref = transaction.put_body(b"body")
        transaction.save_account("demo", b"state")
        transaction.save_answer(Answer("demo", "k", b"r", b"d", b"answer"))
        transaction.send(OutboundOrder("ID", "demo", b"d", 100, b"order"))
        transaction.mark_order("ID", OrderState.DONE)
        transaction.expect_orders(["ID"])
    assert (appended.sequence, appended.entry_id, log.size) == (0, entry_id(entry.data), 1)
    assert (log.body(ref), log.account("demo"), log.account("other")) == (b"body", b"state", None)
    assert (log.appended(b"d" * 32), log.appended(b"e" * 32)) == ((entry,), ())
    kept, sent = log.answer("demo", "k"), log.order("ID")
    assert kept is not None
    assert kept.body == b"answer"
    assert sent is not None
    assert sent.state is OrderState.DONE


def test_it_runs_what_the_log_ran_when_it_began(log: UnkeptLog) -> None:
    assert log.active_policy("us-equities") == b"p" * 32
    assert log.activation("promotion") is None
    assert log.registry.champions() == ()


def test_other_models_may_decide_from_a_session_on(log: UnkeptLog) -> None:
    """A trial beside a run that trained its model anew follows the run's champions."""
    champion = StageRow("m", 2, "champion", b"d" * 32, None, None, None, None, None, None, None, 7)
    log.decide_with((champion,))
    assert log.registry.champions() == (champion,)


def test_what_needs_a_log_is_refused(log: UnkeptLog) -> None:
    with pytest.raises(LogError, match="is not of this trial"):
        log.body(b"x" * 32)
    with pytest.raises(EdgeError, match="cannot activate"):
        log.activate("us-equities", b"", None)
    with pytest.raises(EdgeError, match="has no reader"):
        log.reader()
    with pytest.raises(EdgeError, match="newest_trial of the model registry was asked for"):
        log.registry.newest_trial("family")
