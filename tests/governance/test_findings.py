"""Findings: how they read, and what a report makes of them."""

from __future__ import annotations

from governance.findings import Finding, Notebook, Report, bytes_or_none, shown


def test_a_finding_reads_as_place_fault_and_mend() -> None:
    assert str(Finding("entry 17", "was changed", "restore it")) == "entry 17: was changed; restore it"


def test_a_log_is_intact_when_nothing_was_found() -> None:
    assert Report("live", 3, bytes(32), ()).is_intact
    assert not Report("live", 3, bytes(32), (Finding("entry 1", "is missing", "restore it"),)).is_intact


def test_a_notebook_keeps_findings_in_order_and_adds_counts_up() -> None:
    notes = Notebook()
    notes.find("entry 2", "b", "mend")
    notes.find("entry 1", "a", "mend")
    notes.count("tiles")
    notes.count("tiles", 3)
    assert [finding.place for finding in notes.findings] == ["entry 2", "entry 1"]
    assert notes.counts == {"tiles": 4}


def test_a_column_is_quoted_as_hexadecimal_or_as_it_is() -> None:
    assert [shown(value) for value in (b"\x01\xff", 5, "x", None)] == ["01ff", "5", "'x'", "None"]


def test_a_column_of_a_corrupted_row_counts_as_bytes_only_when_it_is() -> None:
    assert [bytes_or_none(value) for value in (b"x", "x", 5, None)] == [b"x", None, None, None]
