from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl

from adapters.feeds.files.fields import Typed
from adapters.feeds.files.parsed import Parsed, Timing, facts_of, in_batches, nothing_parsed, placed
from adapters.feeds.files.tables import no_rejects, reject
from adapters.lake.domains.factors import MACRO
from adapters.lake.instant_laws import AT_CLOSE

CLOSE = Timing(AT_CLOSE, "period_on", AT_CLOSE, "period_on")


def rows(*values: tuple[int, str, date, float]) -> Typed:
    schema = {"line": pl.Int64, "series": pl.String, "period_on": pl.Date, "value": pl.Float64}
    return Typed(pl.DataFrame(values, schema=schema, orient="row"), no_rejects())


def test_a_day_without_a_session_cannot_be_placed_at_a_close() -> None:
    found = placed(rows((1, "x", date(2014, 6, 6), 1.0), (2, "x", date(2014, 6, 7), 2.0)), "f.csv", CLOSE)

    assert found.rows["known_at"].to_list() == [datetime(2014, 6, 6, 20, tzinfo=UTC)]
    assert found.rejected.select("line", "column", "value").rows() == [(2, "period_on", "2014-06-07")]


def test_facts_have_the_columns_of_their_domain_and_what_a_file_lacks_is_null() -> None:
    parsed = facts_of(MACRO, placed(rows((1, "x", date(2014, 6, 6), 1.0)), "f.csv", CLOSE), "f.csv", "s")

    assert parsed.facts.columns == ["series", "period_on", "value", "unit", "event_at", "known_at"]
    assert parsed.facts["unit"].to_list() == [None]


def test_rows_that_say_two_things_of_one_key_are_both_set_aside() -> None:
    day = date(2014, 6, 6)
    kept = placed(rows((1, "x", day, 1.0), (2, "x", day, 2.0), (3, "y", day, 3.0), (4, "y", day, 3.0)), "f.csv", CLOSE)

    parsed = facts_of(MACRO, kept, "f.csv", "s")

    assert parsed.facts["series"].to_list() == ["y"]
    assert parsed.rejected.select("line", "value").rows() == [(1, "x 2014-06-06"), (2, "x 2014-06-06")]


def test_batches_join_parts_of_one_domain_and_source_up_to_their_size() -> None:
    def part(n_rows: int, source: str) -> Parsed:
        return Parsed(MACRO, source, pl.DataFrame({"value": [0.0] * n_rows}), no_rejects())

    batches = list(in_batches([part(2, "a"), part(1, "b"), part(2, "a"), part(1, "a")], max_rows=4))

    assert [(batch.source, batch.facts.height) for batch in batches] == [("a", 4), ("b", 1), ("a", 1)]


def test_a_file_of_nothing_has_the_columns_of_its_domain() -> None:
    parsed = nothing_parsed(MACRO, "s", reject("f.csv", 0, "", "", "is damaged; download it again"))

    assert parsed.facts.columns == ["series", "period_on", "value", "unit", "event_at", "known_at"]
    assert parsed.rejected.height == 1
