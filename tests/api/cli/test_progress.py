from __future__ import annotations

import pytest

from api.cli.progress import progress


def test_without_a_terminal_a_line_is_written_at_every_quarter(capsys: pytest.CaptureFixture[str]) -> None:
    with progress() as told:
        for done in range(1, 101):
            told("sessions", done, 100)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.splitlines() == [f"sessions: {done} of 100" for done in (25, 50, 75, 100)]


def test_kinds_of_work_are_counted_apart(capsys: pytest.CaptureFixture[str]) -> None:
    with progress() as told:
        told("entries", 1, 1)
        told("bodies", 1, 1)
    assert capsys.readouterr().err.splitlines() == ["entries: 1 of 1", "bodies: 1 of 1"]


def test_nothing_to_do_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    with progress() as told:
        told("replays", 0, 0)
    assert capsys.readouterr().err == "replays: 0 of 0\n"


def test_a_terminal_gets_bars(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    with progress() as told:
        told("sessions", 3, 4)
        told("sessions", 4, 4)
    assert "4/4" in capsys.readouterr().err
