"""A broker's report in the words of FIX becomes one that can be booked."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from api.http.schemas.execution_reports import ReportBody
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.executions import ExecType

TRADE = {"exec_id": "X-1", "exec_type": "F", "last_qty": "50", "last_px": "27.61", "fees": "-0.35"}


def test_a_report_says_what_its_body_says() -> None:
    said = msgspec.convert({**TRADE, "venue": "XNAS", "transact_time": "2013-01-03T15:00:00Z"}, ReportBody).report("A")
    assert (said.order_id, said.exec_id, said.exec_type, said.last_shares) == ("A", "X-1", ExecType.TRADE, 50)
    assert (said.last_price_usd, said.fee_usd, said.venue) == (Decimal("27.61"), Decimal("-0.35"), "XNAS")
    assert said.transacted_at == datetime(2013, 1, 3, 15, tzinfo=UTC)


def test_a_cancel_of_a_trade_names_it_and_no_money() -> None:
    said = msgspec.convert({"exec_id": "X-2", "exec_type": "H", "exec_ref_id": "X-1"}, ReportBody).report("A")
    assert (said.exec_ref_id, said.last_shares, said.last_price_usd, said.transacted_at) == ("X-1", 0, Decimal(0), None)


def test_a_time_that_is_none_is_refused() -> None:
    with pytest.raises(EdgeError, match=r"transact_time: .*yesterday"):
        msgspec.convert({**TRADE, "transact_time": "yesterday"}, ReportBody).report("A")


@pytest.mark.parametrize("changes", [{"last_qty": "-5"}, {"last_px": "1e9"}, {"exec_type": "4"}, {"venue": "a\0"}])
def test_words_that_no_report_has_are_refused(changes: dict[str, str]) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"\$\."):
        msgspec.convert({**TRADE, **changes}, ReportBody)
