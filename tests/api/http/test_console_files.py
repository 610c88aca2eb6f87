"""The built console as files: only what the build names, whole, and anew when it was built anew."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from api.http.console_files import BUILD, ConsoleFiles
from api.http.problems import RequestError


def built(folder: Path, files: dict[str, bytes], **more: object) -> Path:
    """A folder as `npm run build` leaves it."""
    said: dict[str, object] = {}
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
        said[name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (folder / BUILD).write_text(json.dumps({"files": said | more}), encoding="utf-8")
    return folder


def test_a_file_is_told_with_its_type_and_digest(tmp_path: Path) -> None:
    console = ConsoleFiles(built(tmp_path, {"index.html": b"<!doctype html>", "assets/a-1.js": b"1"}))
    found = console.file("assets/a-1.js")
    assert found is not None
    assert (found.media_type, found.content, found.packed, found.is_hashed) == ("text/javascript", b"1", None, True)
    assert console.index.media_type == "text/html"
    assert not console.index.is_hashed


def test_a_file_that_the_build_does_not_name_is_none(tmp_path: Path) -> None:
    console = ConsoleFiles(built(tmp_path, {"index.html": b"page"}))
    (tmp_path / "more.js").write_bytes(b"not ours")
    assert console.file("more.js") is None
    assert console.file("../secret.js") is None


def test_a_newer_build_is_taken_up_and_half_of_one_is_not_shown(tmp_path: Path) -> None:
    console = ConsoleFiles(built(tmp_path, {"index.html": b"first"}))
    assert console.index.content == b"first"
    (tmp_path / BUILD).unlink()
    (tmp_path / "index.html").write_bytes(b"half")
    assert console.index.content == b"first"
    built(tmp_path, {"index.html": b"second"})
    os.utime(tmp_path / BUILD, ns=(1, 1))
    assert console.index.content == b"second"


def test_a_folder_without_a_build_is_refused_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="build it with `make console`") as refusal:
        _ = ConsoleFiles(tmp_path / "dist").index
    assert refusal.value.reason == "console-not-built"


@pytest.mark.parametrize(
    ("name", "match"),
    [("../outside.js", "no file of a console"), ("/etc/passwd.js", "no file of a console"), ("a.exe", "no file of")],
)
def test_a_build_that_names_something_else_is_refused(tmp_path: Path, name: str, match: str) -> None:
    folder = built(tmp_path, {"index.html": b"page"}, **{name: {"bytes": 1, "sha256": "0" * 64}})
    with pytest.raises(RequestError, match=match):
        _ = ConsoleFiles(folder).index


@pytest.mark.parametrize("said", ["", "[]", '{"files": {"index.html": {}}}', '{"files": {}}'])
def test_a_build_that_cannot_be_read_is_refused(tmp_path: Path, said: str) -> None:
    (tmp_path / BUILD).write_text(said, encoding="utf-8")
    with pytest.raises(RequestError, match="no built console stands in"):
        _ = ConsoleFiles(tmp_path).index


def test_a_file_that_was_changed_after_the_build_is_refused(tmp_path: Path) -> None:
    folder = built(tmp_path, {"index.html": b"page"})
    (folder / "index.html").write_bytes(b"other")
    with pytest.raises(RequestError, match=r"index\.html is not the file that"):
        _ = ConsoleFiles(folder).index
