"""What a FIX peer has said outlives the process that heard it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.brokers.fix44 import fields as fix
from adapters.brokers.fix44.kept import Kept
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.executions import OrdStatus


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    with closing(Kept(tmp_path / "kept.db")) as found:
        yield found


def told(kept: Kept, **said: str) -> None:
    """Take in an execution report; `t150` is tag 150."""
    message = fix.SOH.join(f"{name[1:]}={value}" for name, value in {"t35": "8", "t37": "P", **said}.items())
    kept.told(fix.fields(message), message)


def test_a_trade_is_kept_until_it_is_heard_and_over_a_restart(tmp_path: Path) -> None:
    with closing(Kept(tmp_path / "kept.db")) as first:
        told(first, t11="A", t17="E1", t150="F", t39="1", t14="40", t151="60", t32="40", t31="190")
        told(first, t11="A", t17="E1", t150="F", t39="1", t14="40", t151="60", t32="40", t31="190")
        told(first, t11="A", t17="E2", t150="F", t39="1", t14="50", t151="50", t32="10", t31="190")
    with closing(Kept(tmp_path / "kept.db")) as second:
        assert [each.exec_id for each in second.trades()] == ["E1", "E2"]
        second.heard(["E1"])
        assert [each.exec_id for each in second.trades()] == ["E2"]
        standing = second.standing("A")
        assert standing is not None
        assert (standing.cum_shares, standing.leaves_shares, standing.broker_id) == (50, 50, "P")


def test_a_replaced_order_is_over_and_what_it_traded_is_not_the_new_ones(kept: Kept) -> None:
    told(kept, t11="OLD", t150="0", t39="0", t14="0", t151="100")
    told(kept, t11="OLD", t17="E1", t150="F", t39="1", t14="40", t151="60", t32="40", t31="190")
    told(kept, t11="NEW", t41="OLD", t150="5", t39="1", t14="40", t151="110")
    old, new = kept.standing("OLD"), kept.standing("NEW")
    assert old is not None
    assert new is not None
    assert (old.status, old.cum_shares, new.cum_shares, new.leaves_shares) == (OrdStatus.REPLACED, 40, 0, 110)
    assert [each.cl_ord_id for each in kept.open_orders()] == ["NEW"]


def test_a_replacement_that_is_pending_leaves_the_old_order_the_one_that_works(kept: Kept) -> None:
    """Refused after that, the new one is none: nothing would ever say again how it stands."""
    told(kept, t11="OLD", t150="0", t39="0", t14="0", t151="100")
    told(kept, t11="NEW", t41="OLD", t150="E", t39="E", t14="0", t151="100")
    assert [(each.cl_ord_id, each.status) for each in kept.open_orders()] == [("OLD", OrdStatus.PENDING_REPLACE)]
    assert kept.standing("NEW") is None


def test_what_is_said_late_brings_no_order_back_to_life(kept: Kept) -> None:
    first = {"t11": "A", "t17": "E1", "t150": "F", "t39": "1", "t14": "40", "t151": "60", "t32": "40", "t31": "190"}
    told(kept, **first)
    told(kept, t11="A", t150="4", t39="4", t14="40", t151="0")
    told(kept, **first)
    told(kept, t11="NEW", t41="OLD", t150="5", t39="0", t14="0", t151="100")
    told(kept, **{**first, "t11": "OLD", "t17": "E2"})
    assert [each.cl_ord_id for each in kept.open_orders()] == ["NEW"]
    assert [each.exec_id for each in kept.trades()] == ["E1", "E2"]


def test_an_exec_id_that_is_given_out_again_for_another_order_is_no_repetition(kept: Kept) -> None:
    """FIX 4.4: ExecID is unique within a single trading day, or over the life of a multi-day order."""
    for name in ("A", "B"):
        told(kept, t11=name, t17="1", t150="F", t39="1", t14="40", t151="60", t32="40", t31="190")
    assert [each.order_id for each in kept.trades()] == ["A", "B"]


def test_an_order_that_the_peer_had_and_knows_no_more_is_over(kept: Kept) -> None:
    told(kept, t11="A", t17="E1", t150="F", t39="1", t14="40", t151="60", t32="40", t31="190")
    lost = kept.lost("A")
    assert lost is not None
    assert (lost.status, lost.cum_shares, lost.text) == (OrdStatus.CANCELED, 40, "the peer knows it no more")
    assert (kept.open_orders(), kept.lost("B")) == ((), None)


def test_cancels_of_one_order_have_numbers_of_their_own(kept: Kept) -> None:
    kept.asked("A", "IBM", "1")
    assert [kept.next_cancel("A"), kept.next_cancel("A"), kept.next_cancel("B")] == [1, 2, 1]
    assert (kept.about("A"), kept.about("B"), kept.standing("A")) == ({fix.SYMBOL: "IBM", fix.SIDE: "1"}, {}, None)


def test_a_file_that_cannot_be_had_is_named(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match=r"FIX file .*: unable to open database file; look at its disk and rights"):
        Kept(tmp_path / "nowhere" / "kept.db")
