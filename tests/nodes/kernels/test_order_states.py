"""The life of an order: every way through it, and no share lost or doubled whatever comes in which order."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from nodes.kernels.order_states import OrderLife, Report, Taken, after_report, opened
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.executions import ExecType, OrdStatus

PRICE = Decimal("10.00")


def report(exec_id: str, exec_type: ExecType, shares: int = 0, *, is_refusal: bool = False) -> Report:
    return Report(exec_id, exec_type, shares, PRICE if shares else Decimal(0), is_refusal=is_refusal)


def lived(*reports: Report, shares: int = 100) -> OrderLife:
    life = opened(shares)
    for each in reports:
        life, _ = after_report(life, each)
    return life


NEW = report("n", ExecType.NEW)
CANCEL = report("c", ExecType.PENDING_CANCEL)
CANCELED = report("4", ExecType.CANCELED)
REPLACE = report("r", ExecType.PENDING_REPLACE)


@pytest.mark.parametrize(
    ("reports", "status"),
    [
        ((), OrdStatus.PENDING_NEW),
        ((NEW,), OrdStatus.NEW),
        ((report("8", ExecType.REJECTED),), OrdStatus.REJECTED),
        ((NEW, report("1", ExecType.TRADE, 40)), OrdStatus.PARTIALLY_FILLED),
        ((report("1", ExecType.TRADE, 40), NEW), OrdStatus.PARTIALLY_FILLED),
        ((NEW, report("1", ExecType.TRADE, 100)), OrdStatus.FILLED),
        ((NEW, CANCEL), OrdStatus.PENDING_CANCEL),
        ((CANCEL, NEW), OrdStatus.PENDING_CANCEL),
        ((NEW, CANCEL, report("1", ExecType.TRADE, 40)), OrdStatus.PENDING_CANCEL),
        ((NEW, CANCEL, report("1", ExecType.TRADE, 100)), OrdStatus.FILLED),
        ((NEW, CANCEL, CANCELED), OrdStatus.CANCELED),
        ((NEW, CANCEL, report("x", ExecType.PENDING_CANCEL, is_refusal=True)), OrdStatus.NEW),
        ((CANCEL, report("x", ExecType.PENDING_CANCEL, is_refusal=True)), OrdStatus.PENDING_NEW),
        ((NEW, REPLACE), OrdStatus.PENDING_REPLACE),
        ((NEW, REPLACE, report("5", ExecType.REPLACED)), OrdStatus.REPLACED),
        ((NEW, report("C", ExecType.EXPIRED)), OrdStatus.EXPIRED),
        ((NEW, CANCELED, report("C", ExecType.EXPIRED)), OrdStatus.CANCELED),
    ],
)
def test_an_order_goes_through_the_states_of_fix(reports: tuple[Report, ...], status: OrdStatus) -> None:
    """API-STR-03; FIX 4.4, volume 4, appendix D."""
    life = lived(*reports)
    assert life.status is status
    assert life.is_whole


def test_a_report_that_is_said_again_changes_nothing() -> None:
    fill = report("1", ExecType.TRADE, 40)
    life = lived(NEW, fill)
    assert after_report(life, fill) == (life, Taken.DUPLICATE)


def test_a_fill_after_the_cancel_is_counted_and_told() -> None:
    """Shares that traded have traded, whatever we had been told before."""
    life, taken = after_report(lived(NEW, CANCEL, CANCELED), report("1", ExecType.TRADE, 30))
    assert (taken, life.status, life.cum_shares, life.ended_shares) == (
        Taken.LATE_FILL,
        OrdStatus.CANCELED,
        30,
        70,
    )
    filled, taken = after_report(life, report("2", ExecType.TRADE, 70))
    assert (taken, filled.status, filled.ended_shares) == (Taken.LATE_FILL, OrdStatus.FILLED, 0)


def test_what_comes_after_the_end_is_late() -> None:
    life = lived(NEW, report("1", ExecType.TRADE, 100))
    assert after_report(life, CANCELED)[1] is Taken.LATE
    assert after_report(life, CANCELED)[0].status is OrdStatus.FILLED


def test_a_trade_that_is_taken_back_or_corrected_moves_the_count() -> None:
    life = lived(NEW, report("1", ExecType.TRADE, 60), report("2", ExecType.TRADE, 40))
    bust, _ = after_report(life, Report("3", ExecType.TRADE_CANCEL, corrects="1"))
    assert (bust.status, bust.cum_shares, bust.paid_usd) == (OrdStatus.CANCELED, 40, Decimal("400.00"))
    mended, _ = after_report(life, Report("4", ExecType.TRADE_CORRECT, 60, Decimal("9.00"), corrects="1"))
    assert (mended.status, mended.average_price_usd) == (OrdStatus.FILLED, Decimal("9.40"))
    assert bust.is_whole
    assert mended.is_whole
    with pytest.raises(DataError, match="never had"):
        after_report(life, Report("5", ExecType.TRADE_CANCEL, corrects="9"))


def test_what_is_put_right_after_the_end_leaves_the_order_over_and_whole() -> None:
    ended = lived(NEW, report("1", ExecType.TRADE, 60), CANCELED)
    bust, _ = after_report(ended, Report("2", ExecType.TRADE_CANCEL, corrects="1"))
    assert (bust.status, bust.cum_shares, bust.ended_shares, bust.is_whole) == (OrdStatus.CANCELED, 0, 100, True)
    more, _ = after_report(ended, Report("3", ExecType.TRADE_CORRECT, 100, PRICE, corrects="1"))
    assert (more.status, more.cum_shares, more.ended_shares, more.is_whole) == (OrdStatus.FILLED, 100, 0, True)
    with pytest.raises(DataError, match="correction '5' makes 101 of 100 shares; ask the broker again"):
        after_report(ended, Report("5", ExecType.TRADE_CORRECT, 101, PRICE, corrects="1"))


def test_an_order_is_never_filled_beyond_its_size() -> None:
    with pytest.raises(DataError, match="makes 110 of an order of 100"):
        lived(report("1", ExecType.TRADE, 60), report("2", ExecType.TRADE, 50))
    with pytest.raises(DataError, match="is none"):
        lived(report("1", ExecType.TRADE, 0))
    with pytest.raises(DataError, match="no life"):
        opened(0)


_OPEN = {OrdStatus.NEW, OrdStatus.PARTIALLY_FILLED, OrdStatus.PENDING_CANCEL, OrdStatus.PENDING_REPLACE}
_ENDS = {OrdStatus.CANCELED, OrdStatus.REPLACED, OrdStatus.EXPIRED, OrdStatus.REJECTED}
_TRADES = {ExecType.TRADE, ExecType.TRADE_CORRECT, ExecType.TRADE_CANCEL}
LEGAL = {
    OrdStatus.PENDING_NEW: _OPEN | _ENDS | {OrdStatus.FILLED},
    OrdStatus.NEW: _OPEN | _ENDS | {OrdStatus.FILLED},
    OrdStatus.PARTIALLY_FILLED: _OPEN | _ENDS | {OrdStatus.FILLED},
    OrdStatus.PENDING_CANCEL: _OPEN | _ENDS | {OrdStatus.FILLED, OrdStatus.PENDING_NEW},
    OrdStatus.PENDING_REPLACE: _OPEN | _ENDS | {OrdStatus.FILLED, OrdStatus.PENDING_NEW},
    OrdStatus.FILLED: {OrdStatus.CANCELED},
    **{end: {OrdStatus.FILLED} for end in _ENDS},
}
"""Where FIX lets an order go. An end is an end: fills that come after it can only complete it, and a fill that is taken
back of a filled order leaves it over."""


class Wire(RuleBasedStateMachine):
    """A broker that trades, puts trades right and cancels at its own pace; a wire that delays, doubles and reorders.

    Trades, and what puts them right, come in the order in which the broker said them, as FIX's sequence numbers see to;
    everything else comes whenever it does, and all of it more than once.
    """

    @initialize(shares=st.integers(1, 50))
    def open_order(self, shares: int) -> None:
        self.shares = shares
        self.trades: dict[str, int] = {}
        self.ended = False
        self.asked = 0
        self.said: list[Report] = []
        self.life = opened(shares)

    @property
    def filled(self) -> int:
        return sum(self.trades.values())

    def _say(
        self, exec_type: ExecType, shares: int = 0, *, is_refusal: bool = False, corrects: str | None = None
    ) -> str:
        exec_id = f"b{len(self.said)}"
        price = Decimal("10.00") if shares else Decimal(0)
        self.said.append(Report(exec_id, exec_type, shares, price, is_refusal=is_refusal, corrects=corrects))
        return exec_id

    def _hear(self, heard: Report) -> None:
        """Hear a report, and before it what of trades was said before it."""
        earlier = [each for each in self.said if each.exec_type in _TRADES and each.exec_id not in self.life.seen]
        due = earlier[: earlier.index(heard)] if heard in earlier else []
        for each in (*due, heard):
            before = self.life.status
            self.life, taken = after_report(self.life, each)
            if taken in {Taken.DUPLICATE, Taken.LATE}:
                assert self.life.status is before
            assert self.life.status is before or self.life.status in LEGAL[before]

    @rule()
    def acknowledge(self) -> None:
        self._say(ExecType.NEW)

    @rule(part=st.integers(1, 50))
    def trade(self, part: int) -> None:
        size = min(part, self.shares - self.filled)
        if size and not self.ended:
            self.trades[self._say(ExecType.TRADE, size)] = size
            self.ended = self.filled == self.shares

    @rule(data=st.data(), part=st.integers(0, 50))
    def put_a_trade_right(self, data: st.DataObject, part: int) -> None:
        """Taken back where no share of it is left; at most what the order has room for."""
        if not self.trades:
            return
        wrong = data.draw(st.sampled_from(sorted(self.trades)))
        right = min(part, self.shares - self.filled + self.trades.pop(wrong))
        exec_type = ExecType.TRADE_CORRECT if right else ExecType.TRADE_CANCEL
        exec_id = self._say(exec_type, right, corrects=wrong)
        if right:
            self.trades[exec_id] = right
        self.ended = self.ended or self.filled == self.shares

    @rule(is_replace=st.booleans())
    def ask_for_the_end(self, is_replace: bool) -> None:  # noqa: FBT001  # drawn
        """We ask; the broker obeys unless the order is over already, which it then says."""
        self.asked += 1
        asked = ExecType.PENDING_REPLACE if is_replace else ExecType.PENDING_CANCEL
        if self.life.is_open:
            self._hear(report(f"q{self.asked}", asked))
        if self.ended:
            self._say(asked, is_refusal=True)
        else:
            self.ended = True
            self._say(ExecType.REPLACED if is_replace else ExecType.CANCELED)

    @rule()
    def expire(self) -> None:
        """The broker ends it of its own accord."""
        if not self.ended:
            self.ended = True
            self._say(ExecType.EXPIRED)

    @rule(data=st.data())
    def hear(self, data: st.DataObject) -> None:
        """Anything that was said may come next, once more too."""
        if self.said:
            self._hear(data.draw(st.sampled_from(self.said)))

    @invariant()
    def no_share_is_lost_or_doubled(self) -> None:
        if hasattr(self, "life"):
            assert self.life.is_whole
            assert sum(shares for _, shares, _ in self.life.fills) == self.life.cum_shares <= self.shares
            assert self.life.is_open == (self.life.status not in _ENDS | {OrdStatus.FILLED})
            assert self.life.is_open or self.life.leaves_shares == 0

    def teardown(self) -> None:
        """Once everything was heard, in whatever order, both sides are of one mind about what traded."""
        if not hasattr(self, "life"):
            return
        for each in reversed(self.said):
            self._hear(each)
        assert self.life.cum_shares == self.filled
        assert {name: shares for name, shares, _ in self.life.fills} == self.trades
        assert self.life.is_whole
        assert not (self.ended and self.life.is_open)


Wire.TestCase.settings = settings(max_examples=80, stateful_step_count=25, deadline=None)
TestWire = Wire.TestCase
