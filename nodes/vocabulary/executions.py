"""The words of FIX 4.4 for what a broker says about an order, as far as we hear them.

OrdStatus 5 (replaced) is FIX 4.2's: an order that another took the place of ends in it here, so that each ClOrdID has
an end of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
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
    """

    cl_ord_id: str
    exec_id: str
    exec_type: ExecType
    ord_status: OrdStatus
    leaves_shares: int
    cum_shares: int
