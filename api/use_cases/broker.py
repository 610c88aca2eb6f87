"""The way of an accepted order to the broker: what a broker is asked for, and who asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A broker's word on an order, in FIX fields.

    Attributes:
        cl_ord_id: ClOrdID (11) of the order.
        exec_id: ExecID (17); the broker's, unique.
        exec_type: ExecType (150): "0" new, "4" canceled, "8" rejected, "C" expired, "F" trade.
        ord_status: OrdStatus (39) after it.
        leaves_shares: LeavesQty (151): still to be filled.
        cum_shares: CumQty (14): filled so far.
        text: Text (58): why, when something was refused.
    """

    cl_ord_id: str
    exec_id: str
    exec_type: str
    ord_status: str
    leaves_shares: int
    cum_shares: int
    text: str = ""


class Broker(Protocol):
    """Where orders go. Handing the same order over again is nothing: a broker knows an order by its ClOrdID."""

    def handed_over(self, cl_ord_id: str, order: bytes) -> Acknowledgement:
        """Hand an order over and return the broker's word on it: the same word when it has the order already."""
        ...

    def canceled(self, cl_ord_id: str) -> Acknowledgement:
        """Take an order back, or as much of it as is not filled."""
        ...
