"""The words of FIX 4.4 for what a broker says about an order, as far as we hear them.

OrdStatus 5 (replaced) is FIX 4.2's: an order that another took the place of ends in it here, so that each ClOrdID has
an end of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum


class ExecType(Enum):
    """ExecType (tag 150): what an execution report is about."""

    NEW = "0"
    CANCELED = "4"
    REPLACED = "5"
    PENDING_CANCEL = "6"
    REJECTED = "8"
    EXPIRED = "C"
    PENDING_REPLACE = "E"
    TRADE = "F"
    TRADE_CORRECT = "G"
    TRADE_CANCEL = "H"


class OrdStatus(Enum):
    """OrdStatus (tag 39): how an order stands."""

    NEW = "0"
    PARTIALLY_FILLED = "1"
    FILLED = "2"
    CANCELED = "4"
    REPLACED = "5"
    PENDING_CANCEL = "6"
    REJECTED = "8"
    PENDING_NEW = "A"
    EXPIRED = "C"
    PENDING_REPLACE = "E"


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A broker's word on an order that was handed over or taken back.

    Attributes:
        cl_ord_id: ClOrdID (11) of the order.
        exec_id: ExecID (17), the broker's, unique; the same when the word is said again.
        exec_type: ExecType (150).
        ord_status: OrdStatus (39) after it.
        leaves_shares: LeavesQty (151): still to be filled.
        cum_shares: CumQty (14): filled so far.
        text: Text (58): what the broker says beside it; "" where it says nothing.
    """

    cl_ord_id: str
    exec_id: str
    exec_type: ExecType
    ord_status: OrdStatus
    leaves_shares: int
    cum_shares: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class ExecutionReport:
    """A broker's report of a trade. Shares are counted without their side.

    Attributes:
        order_id: ClOrdID of the order, as we sent it.
        exec_id: ExecID (17).
        exec_type: TRADE, TRADE_CORRECT or TRADE_CANCEL.
        last_shares: LastQty (32), as it is right; 0 of a TRADE_CANCEL.
        last_price_usd: LastPx (31), as it is right; 0 of a TRADE_CANCEL.
        fee_usd: what the broker charges for it; 0 of a TRADE_CANCEL.
        exec_ref_id: ExecRefID (19), the fill that a correction or a cancel is about; "" of a TRADE.
        venue: LastMkt (30).
        part_id: ClOrdID of the part of the route that traded; "" where the broker does not say.
        transacted_at: TransactTime (60); None where the broker does not say.
        text: what the broker says beside it.
    """

    order_id: str
    exec_id: str
    exec_type: ExecType
    last_shares: int = 0
    last_price_usd: Decimal = Decimal(0)
    fee_usd: Decimal = Decimal(0)
    exec_ref_id: str = ""
    venue: str = ""
    part_id: str = ""
    transacted_at: datetime | None = None
    text: str = ""
