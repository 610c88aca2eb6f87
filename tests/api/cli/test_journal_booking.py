"""`assay journal book` refuses what cannot be booked, and begins no log."""

from __future__ import annotations

import json
from pathlib import Path

from tests.api.cli.invoking import invoked


def test_a_body_with_a_field_too_many_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "body.json"
    file.write_text(json.dumps({"kind": "gift", "as_of": "2013-01-03T21:00:00Z"}))
    result = invoked("journal", "book", str(file), "--key", "k", "--as", "ada", "--home", str(tmp_path))
    assert result.exit_code != 0
    assert "cannot be read" in result.stderr


def test_a_home_without_a_log_is_not_made(tmp_path: Path) -> None:
    file = tmp_path / "body.json"
    file.write_text(json.dumps({"kind": "contribution", "as_of": "2013-01-03T21:00:00Z", "amount": "1"}))
    home = tmp_path / "none"
    assert invoked("journal", "book", str(file), "--key", "k", "--as", "ada", "--home", str(home)).exit_code != 0
    assert not home.exists()
