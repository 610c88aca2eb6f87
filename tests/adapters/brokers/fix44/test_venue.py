"""QuickFIX at both ends of a FIX 4.4 session: orders, fills, cancels, replaces, rejects, drops, restarts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.brokers.fix44 import fields as fix
from adapters.brokers.fix44 import session
from adapters.brokers.fix44.venue import FixVenue
from adapters.brokers.remote import RemoteBroker
from adapters.brokers.wanted import wanted_order
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.executions import ExecType, OrdStatus
from tests.adapters.brokers.fix44.peer import Book, Peer, free_port, session_file, until
from tests.adapters.brokers.orders import outbound


@dataclass
class Line:
    """Both ends of a session."""

    home: Path
    port: int
    peer: Peer
    venue: FixVenue

    @property
    def book(self) -> Book:
        return self.peer.book

    @property
    def broker(self) -> RemoteBroker:
        return RemoteBroker(self.venue, patience_s=2.0)

    def started(self) -> FixVenue:
        """Our side anew, on the same folder."""
        file = session_file(self.home, self.port)
        self.venue = FixVenue(file, self.home, lambda: datetime.now(UTC), "A-1", ("us", "pass"), answer_s=3.0)
        until(lambda: self.venue.is_on)
        return self.venue


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    home, port = tmp_path_factory.mktemp("fix"), free_port()
    peer = Peer(home / "peer", port, Book())
    file = session_file(home, port)
    line = Line(home, port, peer, FixVenue(file, home, lambda: datetime.now(UTC), "A-1", ("us", "pass"), answer_s=3.0))
    yield line
    line.venue.close()
    line.peer.close()


@pytest.fixture
def line(standing: Line) -> Line:
    """The session, up, with a peer that takes everything."""
    until(lambda: standing.venue.is_on)
    standing.book.is_silent, standing.book.refuses, standing.book.pends = False, "", False
    standing.book.forgets.clear()
    standing.book.received.clear()
    standing.broker.heard([each.exec_id for each in standing.broker.executions()])
    return standing


def test_an_order_is_asked_about_and_sent_once(line: Line) -> None:
    """EXE-17."""
    words = [line.broker.handed_over([outbound("ONCE", -100)])[0] for _ in range(2)]
    assert [(word.exec_type, word.leaves_shares) for word in words] == [(ExecType.NEW, 100)] * 2
    assert line.book.kinds() == "HDH"
    said = line.book.orders["ONCE"].said
    wanted = {fix.SYMBOL: "IBM", fix.SIDE: "2", fix.ORDER_QTY: "100", fix.PRICE: "190.10", fix.ACCOUNT: "A-1"}
    assert {tag: said[tag] for tag in wanted} == wanted
    assert (said[fix.ORD_TYPE], said[fix.TIME_IN_FORCE]) == ("2", "0")


def test_the_logon_names_us_and_the_password_is_kept_nowhere(line: Line) -> None:
    assert (line.book.logons[0][553], line.book.logons[0][554]) == ("us", "pass")
    for file in line.home.rglob("*"):
        if file.is_file() and "peer" not in file.parts:
            assert b"554=pass" not in file.read_bytes(), file


def test_fills_corrections_and_busts_are_told_until_they_are_heard(line: Line) -> None:
    line.broker.handed_over([outbound("TOLD")])
    first = line.peer.traded("TOLD", 40, "190.05")
    until(lambda: len(line.broker.executions()) == 1)
    (told,) = line.broker.executions()
    assert (told.order_id, told.exec_id, told.last_shares, told.venue) == ("TOLD", first, 40, "XNYS")
    assert (told.last_price_usd, told.fee_usd) == (Decimal("190.05"), Decimal("0.35"))
    assert told.transacted_at == datetime(2026, 11, 23, 15, 0, 0, 123000, tzinfo=UTC)
    line.broker.heard([first])
    right = {fix.EXEC_REF_ID: first, fix.LAST_QTY: "30", fix.LAST_PX: "190.06"}
    corrected = line.peer.report("TOLD", "G", right)
    line.peer.report("TOLD", "H", {fix.EXEC_REF_ID: corrected, fix.LAST_QTY: "30", fix.LAST_PX: "190.06"})
    until(lambda: len(line.broker.executions()) == 2)
    correct, bust = line.broker.executions()
    assert (correct.exec_type, correct.last_shares, correct.exec_ref_id) == (ExecType.TRADE_CORRECT, 30, first)
    assert (bust.exec_type, bust.last_shares, bust.exec_ref_id) == (ExecType.TRADE_CANCEL, 0, corrected)


def test_a_partly_filled_order_is_canceled_by_its_own_name(line: Line) -> None:
    line.broker.handed_over([outbound("BACK")])
    line.peer.traded("BACK", 40, "190.05")
    (word,) = line.broker.taken_back(["BACK"])
    assert (word.exec_type, word.cum_shares) == (ExecType.CANCELED, 40)
    asked = next(said for said in line.book.received if said[fix.MSG_TYPE] == fix.CANCEL)
    assert (asked[fix.CL_ORD_ID], asked[fix.ORIG_CL_ORD_ID], asked[fix.SYMBOL]) == ("BACK-C1", "BACK", "IBM")
    assert line.broker.stood(["BACK"])[0].exec_type is ExecType.CANCELED


def test_a_cancel_that_is_refused_is_asked_for_again_under_a_new_name(line: Line) -> None:
    line.broker.handed_over([outbound("HARD")])
    line.book.refuses = "not now"
    with pytest.raises(EdgeError, match="order HARD is new at the broker, though its cancel was asked"):
        RemoteBroker(line.venue, patience_s=0.2).taken_back(["HARD"])
    line.book.refuses = ""
    assert line.broker.taken_back(["HARD"])[0].exec_type is ExecType.CANCELED
    names = [said[fix.CL_ORD_ID] for said in line.book.received if said[fix.MSG_TYPE] == fix.CANCEL]
    assert names == ["HARD-C1", "HARD-C2"]


def test_a_replacement_takes_the_place_of_the_old_order_in_one_step(line: Line) -> None:
    line.broker.handed_over([outbound("OLD")])
    (word,) = line.broker.exchanged([(*outbound("NEW", 150), ("OLD",))])
    assert (word.exec_type, word.leaves_shares) == (ExecType.NEW, 150)
    assert (line.book.orders["OLD"].status, line.book.kinds()[-1]) == ("5", "G")
    assert line.broker.stood(["OLD"])[0].exec_type is ExecType.CANCELED


def test_what_traded_while_it_was_replaced_counts_for_the_old_order_alone(line: Line) -> None:
    """FIX carries CumQty over to the order that replaces; the log keeps them apart."""
    line.broker.handed_over([outbound("RACED")])
    line.book.orders["RACED"].cum = 40
    (word,) = line.broker.exchanged([(*outbound("AFTER"), ("RACED",))])
    assert (word.exec_type, word.cum_shares, word.leaves_shares) == (ExecType.REJECTED, 0, 0)
    old = line.venue.known("RACED")
    assert old is not None
    assert old.cum_shares == 40


def test_shares_that_the_old_order_traded_are_not_told_of_the_new_one(line: Line) -> None:
    line.broker.handed_over([outbound("CARRY")])
    before = line.venue.known("CARRY")
    assert before is not None
    line.book.orders["CARRY"].cum = 40
    found = line.venue.replaced(before, wanted_order(*outbound("CARRIED")))
    assert found is not None
    assert (found.status, found.cum_shares, found.leaves_shares) == (OrdStatus.PARTIALLY_FILLED, 0, 60)


def test_a_replacement_that_the_peer_refuses_is_refused(line: Line) -> None:
    line.broker.handed_over([outbound("STAYS")])
    line.book.refuses = "no replaces here"
    (word,) = line.broker.exchanged([(*outbound("GOES"), ("STAYS",))])
    assert (word.exec_type, word.text) == (ExecType.REJECTED, "no replaces here")


def test_a_replacement_that_is_pending_first_is_none_until_the_peer_has_made_it(line: Line) -> None:
    line.book.pends = True
    line.broker.handed_over([outbound("FIRST")])
    (word,) = line.broker.exchanged([(*outbound("SECOND"), ("FIRST",))])
    assert (word.exec_type, word.leaves_shares) == (ExecType.NEW, 100)
    line.book.refuses = "too late"
    (word,) = line.broker.exchanged([(*outbound("THIRD"), ("SECOND",))])
    assert (word.exec_type, word.text) == (ExecType.REJECTED, "too late")
    assert line.broker.open_orders() >= {"SECOND"}
    assert "THIRD" not in line.broker.open_orders()


def test_an_order_that_the_peer_has_though_it_knew_nothing_of_it_is_not_refused(line: Line) -> None:
    """EXE-17: the answer to the first was lost, and the question came before the peer had taken it in."""
    line.book.is_silent = True
    with pytest.raises(EdgeError, match="did not answer on order SLOW"):
        line.broker.handed_over([outbound("SLOW")])
    line.book.is_silent = False
    line.book.forgets.add("SLOW")
    with pytest.raises(EdgeError, match="the FIX peer has an order SLOW already, of which it knew nothing") as caught:
        line.broker.handed_over([outbound("SLOW")])
    assert caught.value.reason == "broker-not-done"
    line.book.forgets.clear()
    assert line.broker.handed_over([outbound("SLOW")])[0].exec_type is ExecType.NEW


def test_an_order_that_the_peer_took_and_forgot_is_over_and_not_sent_again(line: Line) -> None:
    line.broker.handed_over([outbound("GONE")])
    line.book.forgets.add("GONE")
    (word,) = line.broker.handed_over([outbound("GONE")])
    assert (word.exec_type, word.text) == (ExecType.CANCELED, "the peer knows it no more")
    assert (line.book.kinds(), "GONE" in line.broker.open_orders()) == ("HDH", False)


def test_an_order_that_is_refused_later_on_is_over_though_the_peer_gave_it_no_number(line: Line) -> None:
    line.broker.handed_over([outbound("LATER")])
    line.book.orders["LATER"].status = "8"
    line.peer.report("LATER", "8", {fix.ORDER_ID: "NONE", fix.TEXT: "no buying power"})
    line.book.forgets.add("LATER")
    until(lambda: "LATER" not in line.broker.open_orders())
    (word,) = line.broker.stood(["LATER"])
    assert (word.exec_type, word.text) == (ExecType.REJECTED, "no buying power")


def test_an_order_that_the_peer_refuses_is_told_in_its_words(line: Line) -> None:
    line.book.refuses = "no such limit"
    (word,) = line.broker.handed_over([outbound("NO")])
    assert (word.exec_type, word.text) == (ExecType.REJECTED, "no such limit")
    assert line.broker.handed_over([outbound("NO")])[0].exec_type is ExecType.REJECTED


def test_an_order_that_the_peer_took_in_silence_is_not_sent_again(line: Line) -> None:
    """EXE-17: the answer never comes, the order is there: asked about before it is sent."""
    line.book.is_silent = True
    with pytest.raises(EdgeError, match="the FIX peer did not answer on order QUIET within 3 s; it is asked about"):
        line.broker.handed_over([outbound("QUIET")])
    (word,) = line.broker.handed_over([outbound("QUIET")])
    assert (word.exec_type, line.book.kinds().count("D")) == (ExecType.NEW, 1)


def test_what_is_reported_while_we_are_away_comes_by_resend_and_nothing_of_ours_goes_twice(line: Line) -> None:
    """EXE-17: sequence numbers outlive the process; missed reports come with PossDupFlag, orders never do."""
    line.broker.handed_over([outbound("GAP")])
    line.venue.close()
    names = [line.peer.traded("GAP", 30, "190.05"), line.peer.traded("GAP", 20, "190.06")]
    n_received = len(line.book.received)
    line.started()
    until(lambda: len(line.broker.executions()) == 2)
    assert [each.exec_id for each in line.broker.executions()] == names
    assert len(line.book.received) == n_received
    assert line.broker.stood(["GAP"])[0].cum_shares == 50
    assert [logon[34] for logon in line.book.logons[1:]] != ["1"] * len(line.book.logons[1:])


def test_while_the_peer_is_away_nothing_is_sent_and_the_session_comes_back_by_itself(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "REVIVE_S", 0.3)
    line.peer.close()
    until(lambda: not line.venue.is_on)
    with pytest.raises(EdgeError, match="the FIX session is not logged on; check the peer"):
        line.broker.handed_over([outbound("WAITS")])
    line.peer = Peer(line.home / "peer", line.port, line.book)
    until(lambda: answers(line))
    (word,) = line.broker.handed_over([outbound("WAITS")])
    assert (word.exec_type, line.book.kinds().count("D")) == (ExecType.NEW, 1)


def answers(line: Line) -> bool:
    with suppress(EdgeError):
        line.broker.open_orders()
        return True
    return False


def test_a_report_that_is_said_again_is_told_once(line: Line) -> None:
    line.broker.handed_over([outbound("TWICE")])
    name = line.peer.traded("TWICE", 40, "190.05")
    until(lambda: len(line.broker.executions()) == 1)
    again = {fix.EXEC_ID: name, fix.LAST_QTY: "40", fix.LAST_PX: "190.05"}
    line.peer.report("TWICE", "F", again)
    line.peer.report("TWICE", "I")
    line.venue.known("TWICE")
    assert [each.exec_id for each in line.broker.executions()] == [name]


def test_positions_are_not_told_by_the_session(line: Line) -> None:
    assert line.venue.positions() is None
