"""`assay evidence`: what a period shows, on paper, as a page and as data."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.api.cli.invoking import answer, invoked, json_answer
from tests.governance.bundle_examples import DecidedHome, decided

__all__ = ["decided"]


def test_a_pack_is_printed_for_people_and_for_programs(decided: DecidedHome) -> None:
    """GOVC-01."""
    home = ("--home", str(decided.path))
    assert answer("evidence", *home).startswith("# Evidence of paper\n")
    told = json_answer("evidence", *home)
    assert told["verdicts"]["clip"] > 0
    assert told["first_sequence"] == 0


@pytest.mark.parametrize(("suffix", "begins"), [(".html", "<!doctype html>"), (".md", "# Evidence"), (".json", "{")])
def test_a_pack_is_written_as_its_file_is_named(decided: DecidedHome, tmp_path: Path, suffix: str, begins: str) -> None:
    target = tmp_path / f"evidence{suffix}"
    said = answer("evidence", "--home", str(decided.path), "-o", str(target))
    assert "policies in force" in " ".join(said.split())
    assert target.read_text().startswith(begins)


def test_a_period_is_named_by_days_or_instants(decided: DecidedHome, tmp_path: Path) -> None:
    target = tmp_path / "evidence.json"
    answer("evidence", "--home", str(decided.path), "--since", "2001-01-01", "--until", "2002-01-01T12:00:00Z",
           "-o", str(target))  # fmt: skip
    told = json.loads(target.read_text())
    assert (told["since"], told["until"], told["size"]) == ("2001-01-01T00:00:00Z", "2002-01-01T12:00:00Z", 0)


def test_a_file_of_another_kind_is_refused(decided: DecidedHome, tmp_path: Path) -> None:
    refused = invoked("evidence", "--home", str(decided.path), "-o", str(tmp_path / "evidence.pdf"))
    assert refused.exit_code != 0
    assert "write one of .html, .md, .json" in " ".join(refused.output.split())
