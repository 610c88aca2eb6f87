"""`assay venue-rules`: halts in force, and the rules of a day."""

from __future__ import annotations

from pathlib import Path

from tests.api.cli.invoking import answer, json_answer


def test_halt_status_names_source_since_and_code(sample_lake: Path) -> None:
    """API-STR-04."""
    told = json_answer(
        "venue-rules", "halt-status", "--lake", str(sample_lake), "--as-of", "2020-06-05T17:30:00Z", "--json"
    )
    assert [(row["symbol"], row["code"], row["source"]) for row in told["rows"]] == [("ACME", "LUDP", "sample")]


def test_rules_of_a_day_are_listed_with_their_source() -> None:
    said = answer("venue-rules", "list", "--on", "2019-03-01")
    assert "luld-2017: from 2017-11-20 to 2020-02-23" in said
    assert "luld-2020" not in said
    told = json_answer("venue-rules", "list", "--on", "2028-01-03", "--json")
    assert {row["id"] for row in told["rules"]} >= {"rule-612-amended", "rule-610c-amended"}
