"""Writing files whole: the old one or the new one, and the operating system's errors as ours."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from adapters.files.writing import is_temporary, synced_folder, translated, write_new, write_whole
from nodes.vocabulary.errors import EdgeError


def test_a_file_is_replaced_and_no_temporary_one_stays(tmp_path: Path) -> None:
    for content in (b"old", b"new"):
        write_whole(tmp_path / "checkpoint", content)
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("checkpoint", b"new")]


def test_a_new_file_never_replaces_one_that_is_there(tmp_path: Path) -> None:
    for content in (b"first", b"second"):
        write_new(tmp_path / "key", content, 0o600)
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("key", b"first")]
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_the_old_file_stays_whole_when_the_new_one_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    write_whole(tmp_path / "checkpoint", b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(tmp_path / "checkpoint", b"new")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("checkpoint", b"old")]


def test_the_bytes_are_on_the_disk_before_the_name_is_theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    sync, replace = os.fsync, Path.replace

    def noted_sync(handle: int) -> None:
        steps.append("sync")
        sync(handle)

    def noted_replace(path: Path, target: Path) -> Path:
        steps.append("rename")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", noted_sync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    write_whole(tmp_path / "checkpoint", b"content")
    synced_folder(tmp_path)
    assert steps == ["sync", "rename", "sync"]


def test_an_error_of_the_operating_system_names_the_place_and_the_mend(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match=r"x: Is a directory; free some space or give"), translated(tmp_path / "x"):
        tmp_path.read_bytes()


def test_a_file_that_is_missing_is_to_be_restored(tmp_path: Path) -> None:
    words = r"x: No such file or directory; restore it from a copy, or name another place"
    with pytest.raises(EdgeError, match=words), translated(tmp_path / "x"):
        (tmp_path / "x").read_bytes()


def test_what_a_killed_write_leaves_behind_is_known_by_its_name() -> None:
    assert is_temporary(".000.77.new")
    assert not is_temporary("000")
    assert not is_temporary("checkpoint.new")
