from __future__ import annotations

from pathlib import Path

import pytest

from api.cli.place import chosen, log_reader
from nodes.vocabulary.errors import EdgeError


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "of-environment"))


def test_the_environment_says_where_the_log_is(tmp_path: Path) -> None:
    assert chosen(None).home == tmp_path / "of-environment"


def test_the_command_line_outweighs_the_environment(tmp_path: Path) -> None:
    assert chosen(tmp_path).home == tmp_path
    assert chosen(tmp_path, "research/mine").origin == "research/mine"


def test_a_log_that_is_there_keeps_its_name(home: str) -> None:
    assert chosen(Path(home)).origin == "research/cli"


def test_a_reader_of_no_log_names_the_mend(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="run `assay demo` first"), log_reader(tmp_path):
        pass
