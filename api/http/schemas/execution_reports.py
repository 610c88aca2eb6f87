"""What a broker reports of a trade, in the vocabulary of FIX 4.4."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

import msgspec

from nodes.vocabulary.errors import DataError, EdgeError
from nodes.vocabulary.executions import ExecType, ExecutionReport
from nodes.vocabulary.instants import instant_from_text

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern="^[!-~]+$", examples=["X-20130103-17"])]
Words = Annotated[str, msgspec.Meta(max_length=128, pattern="^([!-~]([ -~]*[!-~])?)?$")]
Shares = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,9}$", examples=["100"])]
Usd = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,7}(\.[0-9]{1,6})?$", examples=["100.01"])]
Fee = Annotated[str, msgspec.Meta(pattern=r"^-?[0-9]{1,7}(\.[0-9]{1,6})?$", examples=["0.35"])]


class ReportBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A broker's report of a trade.

    Attributes:
        exec_id: ExecID (17), the broker's own: the same again is the same report.
        exec_type: ExecType (150): F a trade, G the correction of one, H one that never was.
        last_qty: LastQty (32), as it is right; 0 of one that never was.
        last_px: LastPx (31), as it is right; 0 of one that never was.
        fees: what the broker charges for it in USD, negative where it pays; 0 of one that never was.
        exec_ref_id: ExecRefID (19), the trade that is corrected or never was; "" of a trade.
        venue: LastMkt (30); "" where the broker does not say.
        child_id: ClOrdID of the part of the order that traded; "" where the broker does not say.
        transact_time: TransactTime (60), RFC 3339 in UTC; null where the broker does not say.
        text: Text (58).
    """

    exec_id: Id
    exec_type: Literal["F", "G", "H"]
    last_qty: Shares = "0"
    last_px: Usd = "0"
    fees: Fee = "0"
    exec_ref_id: Words = ""
    venue: Words = ""
    child_id: Words = ""
    transact_time: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    text: Words = ""

    def report(self, order_id: str) -> ExecutionReport:
        """The same about an order. Raises EdgeError when its time is none."""
        try:
            at = None if self.transact_time is None else instant_from_text(self.transact_time)
        except DataError as error:
            raise EdgeError(f"transact_time: {error}", reason="invalid") from error
        return ExecutionReport(
            order_id=order_id,
            exec_id=self.exec_id,
            exec_type=ExecType(self.exec_type),
            last_shares=int(self.last_qty),
            last_price_usd=Decimal(self.last_px),
            fee_usd=Decimal(self.fees),
            exec_ref_id=self.exec_ref_id,
            venue=self.venue,
            part_id=self.child_id,
            transacted_at=at,
            text=self.text,
        )
