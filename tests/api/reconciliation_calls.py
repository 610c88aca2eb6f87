"""Calls about reconciliations: what examples are recorded of."""

from __future__ import annotations

from typing import Any

from tests.api.http.serving import Served

RECONCILIATIONS = "/api/v1/journal/reconciliations"
STATEMENT = """record,date,symbol,quantity,price,fee,amount,currency,reference
dividend,2012-12-31,IBM,,,,85.00,USD,div-20121231-ibm
"""
"""A statement of one day: a dividend that nobody booked."""


def reconciliation_calls(home: Served) -> list[tuple[str, str, str, Any, dict[str, str]]]:
    """A call for each operation about one reconciliation."""
    body = {"statement": STATEMENT, "mapping": "statement-csv", "account_id": "paper"}
    made = home.post(RECONCILIATIONS, json=body).json()["reconciliation_id"]
    because = {"because": "the payment is on the broker's advice"}
    return [
        ("reconcile_statement", "POST", RECONCILIATIONS, body, {}),
        ("get_reconciliation", "GET", f"{RECONCILIATIONS}/{made}", None, {}),
        ("post_corrections", "POST", f"{RECONCILIATIONS}/{made}/corrections", because, {}),
    ]
