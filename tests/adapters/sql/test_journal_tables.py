"""The tables of the journal: every amount is text, so that no digit is lost, and every row has a key."""

from __future__ import annotations

import pytest
from sqlalchemy import Float, Numeric, Table

from adapters.sql.journal_tables import JOURNAL


@pytest.mark.parametrize("table", JOURNAL.sorted_tables, ids=lambda table: table.name)
def test_a_table_has_a_key_and_no_number_that_rounds(table: Table) -> None:
    assert list(table.primary_key)
    assert not [column.name for column in table.columns if isinstance(column.type, Numeric | Float)]
