"""The life of one order as a state machine in FIX terms: a pure function from a state and a report to the next state.

What a market does and what we ask of it cross on the way. So every report is taken by what it says, not by when it
comes:

- a report is known by its ExecID; the same one again changes nothing;
- a fill counts whenever it comes, before the order is acknowledged and after its end too: what traded has traded;
- a request to cancel or replace leaves the order open until the broker says otherwise, and a fill that is quicker than
  the request wins; a refused request leaves the order as it stood;
- an order has one end. A second one, or an acknowledgement after it, changes nothing and is told so.

    order shares = filled + open + ended, in every state        (OrderLife.is_whole)

Source: FIX 4.4, volume 4, appendix D (order state change matrices).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum

from nodes.vocabulary.errors import DataError
from nodes.vocabulary.executions import ExecType, OrdStatus

_ZERO = Decimal(0)
_ENDS = {
    ExecType.CANCELED: OrdStatus.CANCELED,
    ExecType.REPLACED: OrdStatus.REPLACED,
    ExecType.REJECTED: OrdStatus.REJECTED,
    ExecType.EXPIRED: OrdStatus.EXPIRED,
}
_REQUESTS = {
    ExecType.PENDING_CANCEL: OrdStatus.PENDING_CANCEL,
    ExecType.PENDING_REPLACE: OrdStatus.PENDING_REPLACE,
}


class Taken(Enum):
    """What a report did.

    APPLIED changed the state. DUPLICATE was known by its ExecID. LATE came after the order's end and changed nothing.
    LATE_FILL came after the end and was counted all the same: somebody has to look at it.
    """

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    LATE = "late"
    LATE_FILL = "late-fill"


@dataclass(frozen=True, slots=True)
class Report:
    """What is said of an order, by a broker or by us.

    Attributes:
        exec_id: ExecID (17); the same when the same is said again.
        exec_type: ExecType (150).
        last_shares: LastQty (32): shares of a fill, or of the fill that is taken back; 0 for others.
        last_price_usd: LastPx (31) of a fill.
        is_refusal: whether a request to cancel or to replace was refused (OrderCancelReject); exec_type then names the
            request.
        corrects: ExecRefID (19): the fill that a correction or a cancel of a trade is about.
    """

    exec_id: str
    exec_type: ExecType
    last_shares: int = 0
    last_price_usd: Decimal = _ZERO
    is_refusal: bool = False
    corrects: str | None = None


@dataclass(frozen=True, slots=True)
class OrderLife:
    """An order between two reports. Shares are counted without their side.

    Attributes:
        order_shares: OrderQty (38).
        status: OrdStatus (39).
        cum_shares: CumQty (14).
        paid_usd: what these traded for.
        ended_shares: shares that will not trade: canceled, expired, rejected, replaced.
        is_acknowledged: whether a broker has said that it has the order.
        fills: shares and price of each fill by ExecID.
        seen: every ExecID so far.
    """

    order_shares: int
    status: OrdStatus = OrdStatus.PENDING_NEW
    cum_shares: int = 0
    paid_usd: Decimal = _ZERO
    ended_shares: int = 0
    is_acknowledged: bool = False
    fills: tuple[tuple[str, int, Decimal], ...] = ()
    seen: frozenset[str] = frozenset()

    @property
    def leaves_shares(self) -> int:
        """LeavesQty (151): shares that may still trade."""
        return max(self.order_shares - self.cum_shares - self.ended_shares, 0)

    @property
    def average_price_usd(self) -> Decimal | None:
        """AvgPx (6); None before any fill."""
        return self.paid_usd / self.cum_shares if self.cum_shares else None

    @property
    def is_open(self) -> bool:
        """Whether it can still trade by right."""
        return self.status not in _CLOSED

    @property
    def is_whole(self) -> bool:
        """Whether no share was lost or doubled."""
        return self.cum_shares + self.leaves_shares + self.ended_shares == self.order_shares


_CLOSED = frozenset({OrdStatus.FILLED, *_ENDS.values()})


def opened(order_shares: int) -> OrderLife:
    """An order that was let out. Raises DataError for one of no shares."""
    if order_shares <= 0:
        message = f"order of {order_shares} shares has no life; open orders of one share or more"
        raise DataError(message)
    return OrderLife(order_shares)


def after_report(life: OrderLife, report: Report) -> tuple[OrderLife, Taken]:
    """The order after a report, and what the report did.

    Raises:
        DataError: it fills more shares than the order has, or takes back a fill that never was.
    """
    if report.exec_id in life.seen:
        return life, Taken.DUPLICATE
    known = replace(life, seen=life.seen | {report.exec_id})
    if report.exec_type is ExecType.TRADE:
        return _filled(known, report)
    if report.exec_type in {ExecType.TRADE_CORRECT, ExecType.TRADE_CANCEL}:
        return _corrected(known, report)
    if not life.is_open:
        return known, Taken.LATE
    return _moved(known, report), Taken.APPLIED


def _moved(life: OrderLife, report: Report) -> OrderLife:
    """An open order after a report that fills nothing."""
    if report.is_refusal:
        return replace(life, status=_standing(life))
    if report.exec_type in _ENDS:
        return replace(life, status=_ENDS[report.exec_type], ended_shares=life.leaves_shares)
    if report.exec_type in _REQUESTS:
        return replace(life, status=_REQUESTS[report.exec_type])
    acknowledged = replace(life, is_acknowledged=True)
    is_asked = life.status in _REQUESTS.values()
    return acknowledged if is_asked else replace(acknowledged, status=_standing(acknowledged))


def _filled(life: OrderLife, report: Report) -> tuple[OrderLife, Taken]:
    if report.last_shares <= 0 or not (report.last_price_usd.is_finite() and report.last_price_usd > 0):
        message = (
            f"fill {report.exec_id!r} of {report.last_shares} shares at {report.last_price_usd} is none; correct it"
        )
        raise DataError(message)
    cum = life.cum_shares + report.last_shares
    if cum > life.order_shares:
        message = (
            f"fill {report.exec_id!r} of {report.last_shares} makes {cum} of an order of {life.order_shares} shares; "
            "ask the broker which fill is wrong"
        )
        raise DataError(message, reason="overfilled")
    was_open = life.is_open
    after = replace(
        life,
        cum_shares=cum,
        paid_usd=life.paid_usd + report.last_shares * report.last_price_usd,
        ended_shares=min(life.ended_shares, life.order_shares - cum),
        is_acknowledged=True,
        fills=(*life.fills, (report.exec_id, report.last_shares, report.last_price_usd)),
    )
    if cum == life.order_shares:
        return replace(after, status=OrdStatus.FILLED), Taken.APPLIED if was_open else Taken.LATE_FILL
    if not was_open:
        return after, Taken.LATE_FILL
    is_asked = life.status in _REQUESTS.values()
    return (after if is_asked else replace(after, status=OrdStatus.PARTIALLY_FILLED)), Taken.APPLIED


def _corrected(life: OrderLife, report: Report) -> tuple[OrderLife, Taken]:
    """The order after a fill was corrected or taken back; what it filled is then over, since the market did not."""
    before = next((fill for fill in life.fills if fill[0] == report.corrects), None)
    if before is None:
        message = (
            f"report {report.exec_id!r} is about fill {report.corrects!r}, which the order never had; name its fill"
        )
        raise DataError(message)
    shares = report.last_shares if report.exec_type is ExecType.TRADE_CORRECT else 0
    now = (report.exec_id, shares, report.last_price_usd) if shares else None
    fills = tuple(fill for fill in (now if fill is before else fill for fill in life.fills) if fill is not None)
    cum = sum([fill[1] for fill in fills])
    if cum > life.order_shares:
        message = f"correction {report.exec_id!r} makes {cum} of {life.order_shares} shares; ask the broker again"
        raise DataError(message, reason="overfilled")
    paid = sum([fill[1] * fill[2] for fill in fills], _ZERO)
    after = replace(life, cum_shares=cum, paid_usd=paid, fills=fills)
    if cum == life.order_shares:
        return replace(after, status=OrdStatus.FILLED, ended_shares=0), Taken.APPLIED
    if life.status is OrdStatus.FILLED and cum < life.order_shares:
        return replace(after, status=OrdStatus.CANCELED, ended_shares=life.order_shares - cum), Taken.APPLIED
    if not life.is_open:
        return replace(after, ended_shares=life.order_shares - cum), Taken.APPLIED
    return replace(after, status=life.status if life.status in _REQUESTS.values() else _standing(after)), Taken.APPLIED


def _standing(life: OrderLife) -> OrdStatus:
    """How an order stands that nothing is asked of."""
    if life.cum_shares:
        return OrdStatus.PARTIALLY_FILLED
    return OrdStatus.NEW if life.is_acknowledged else OrdStatus.PENDING_NEW
