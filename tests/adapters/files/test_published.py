"""A tree of published files: read, replaced in order, removed by folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.files.published import PublishedFiles
from nodes.vocabulary.errors import EdgeError


def test_files_are_read_where_they_were_written(tmp_path: Path) -> None:
    files = PublishedFiles(tmp_path / "public")
    files.replace_all([("tile/0/000", b"hashes"), ("checkpoint", b"note")])
    assert files.paths() == ["checkpoint", "tile/0/000"]
    assert files.file("tile/0/000") == b"hashes"


@pytest.mark.parametrize("path", ["nothing", "tile/0/001", "checkpoint/below"])
def test_a_file_that_is_not_there_is_none(tmp_path: Path, path: str) -> None:
    files = PublishedFiles(tmp_path)
    files.replace_all([("checkpoint", b"note")])
    assert files.file(path) is None


def test_a_publication_that_was_never_made_has_no_files(tmp_path: Path) -> None:
    assert PublishedFiles(tmp_path / "public").paths() == []


def test_a_folder_is_removed_with_its_files_and_need_not_be_there(tmp_path: Path) -> None:
    files = PublishedFiles(tmp_path)
    files.replace_all([("tile/0/000.p/3", b""), ("tile/0/000", b"")])
    files.remove_folder("tile/0/000.p")
    files.remove_folder("tile/0/000.p")
    assert files.paths() == ["tile/0/000"]


def test_a_place_that_cannot_be_written_is_told_with_the_mend(tmp_path: Path) -> None:
    (tmp_path / "tile").write_bytes(b"a file where a folder belongs")
    with pytest.raises(EdgeError, match=r"tile/0/000: .*; free some space or give this user access"):
        PublishedFiles(tmp_path).replace_all([("tile/0/000", b"")])
