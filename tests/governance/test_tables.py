"""What an entry says of the tables that a session was decided on is bound to what was computed."""

from __future__ import annotations

import pytest

from governance.tables import FACT, TableRead, tables_cited, tables_facts, tables_read
from nodes.vocabulary.canonical import digest, encode
from nodes.vocabulary.errors import LogError

TABLES = (TableRead("bars_daily", 4, "sha256:aa"), TableRead("factors", 9, "sha256:bb"))


def test_what_is_said_is_read_back() -> None:
    assert tables_read(tables_facts(reversed(TABLES)), tables_cited(TABLES)) == TABLES


def test_data_without_tables_say_and_cite_nothing() -> None:
    assert tables_facts(()) == {}
    assert tables_cited(()) == ()
    assert tables_read({}, ()) == ()


@pytest.mark.parametrize("changed", [TableRead("bars_daily", 5, "sha256:aa"), TableRead("bars_daily", 4, "sha256:ab")])
def test_another_version_or_digest_than_the_trace_cites_is_refused(changed: TableRead) -> None:
    with pytest.raises(LogError, match=r"names the tables bars_daily, factors, which the trace .* does not cite"):
        tables_read(tables_facts((changed, TABLES[1])), tables_cited(TABLES))


def test_tables_said_otherwise_are_refused() -> None:
    said = {FACT: {"bars_daily": 4}}
    with pytest.raises(LogError, match=r"says of tables \{'bars_daily': 4\}"):
        tables_read(said, tables_cited_of(said))


def tables_cited_of(said: dict[str, dict[str, int]]) -> tuple[bytes, ...]:
    """What a trace would cite for them, were they said so."""
    return (digest("lake-tables", encode(said[FACT])),)
