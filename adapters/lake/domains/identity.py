"""Who a security is: one permanent id through every ticker it ever traded under.

An id is its first ticker and the first day it traded, "GOOG:2004-08-19". A ticker is a lease: WM was Washington Mutual
until 2008-09-26 and Waste Management from 2009-08-05. `adapters.lake.views.identity` answers whose it was on a day.
"""

from __future__ import annotations

import polars as pl

from adapters.lake.facts.domain import Domain

IDENTITY = Domain(
    name="identity",
    keys={"security_id": pl.String(), "symbol": pl.String()},
    values={"valid_from_on": pl.Date(), "valid_to_on": pl.Date(), "exchange": pl.String(), "name": pl.String()},
    doc="A ticker's lease: from which day to which (null: still) it named a security. event_at is its first day.",
    lag="The opening of the lease's first session; that it ended is known at the opening after its last session.",
    rules={
        "a lease has no first day; supply it": pl.col("valid_from_on").is_not_null(),
        "a lease ends before it begins; correct one of its days": pl.col("valid_to_on") >= pl.col("valid_from_on"),
    },
)
