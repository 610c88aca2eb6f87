from __future__ import annotations

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from api.cli import edge
from api.cli.edge import EXIT_CODES, EdgeGroup
from nodes.vocabulary.errors import AssayError, DataError, EdgeError, Fault, LogError, PlanError, PolicyError


def raising(error: BaseException) -> Result:
    """What becomes of a command that raises."""
    app = typer.Typer(cls=EdgeGroup, pretty_exceptions_enable=False)

    @app.callback()
    def root() -> None:
        """A root, so that there is a group."""

    @app.command()
    def command() -> None:
        raise error

    return CliRunner().invoke(app, ["command"])


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (PolicyError([Fault("p.yaml", 3, 4, "x was 1", "write 2")]), 10),
        (DataError("bar of AAPL is zero; restore the file"), 11),
        (PlanError("node a reads b; remove it"), 12),
        (LogError("entry 3 is broken; restore it"), 13),
        (EdgeError("disk is full; free space"), 14),
    ],
)
def test_each_family_of_errors_has_its_own_exit_code_and_keeps_its_mend(error: AssayError, exit_code: int) -> None:
    result = raising(error)
    assert result.exit_code == exit_code
    assert "mend: " in result.stderr
    assert result.stdout == ""


def test_every_family_has_an_exit_code_and_no_two_share_one() -> None:
    assert set(EXIT_CODES) == set(AssayError.__subclasses__())
    assert len(set(EXIT_CODES.values())) == len(EXIT_CODES)


def test_a_fault_shows_its_place_as_editors_link_it() -> None:
    assert "p.yaml:3:4\n" in raising(PolicyError([Fault("p.yaml", 3, 4, "x was 1", "write 2")])).stderr


def test_a_long_message_is_not_broken_where_a_program_would_search_it() -> None:
    long = "word " * 60
    assert long.strip() in raising(EdgeError(f"{long.strip()}; mend it")).stderr


def test_a_surprise_is_recorded_and_the_record_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge, "gettempdir", lambda: str(tmp_path))
    result = raising(ZeroDivisionError("nobody foresaw this"))
    assert result.exit_code == 70
    (record,) = tmp_path.iterdir()
    assert str(record) in result.stderr
    assert "nobody foresaw this" in record.read_text(encoding="utf-8")


def test_a_surprise_that_cannot_be_recorded_is_printed_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge, "gettempdir", lambda: str(tmp_path / "nowhere"))
    result = raising(ZeroDivisionError("nobody foresaw this"))
    assert "Traceback" in result.stderr


def test_an_interrupt_ends_quietly() -> None:
    result = raising(KeyboardInterrupt())
    assert result.exit_code == 130
    assert "Traceback" not in result.stderr
