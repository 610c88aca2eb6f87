"""A watched folder: whatever way a file is saved, it is looked at; whatever leads out of the folder is not read."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from adapters.watching import MAX_BYTES, FolderWatch, PolicyFolder, Ticking


def names(folder: Path) -> list[str]:
    return [file.path.name for file in PolicyFolder(folder).files()]


def test_policies_come_by_number_with_the_cases_beside_them(tmp_path: Path) -> None:
    for name in ("v10.yaml", "v9.yaml", "v9.cases.yaml", ".v11.yaml.swp", ".v12.yaml", "notes.txt", "v2.yaml~"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    files = PolicyFolder(tmp_path).files()
    assert [(file.path.name, file.text, file.cases) for file in files] == [
        ("v9.yaml", b"v9.yaml", b"v9.cases.yaml"),
        ("v10.yaml", b"v10.yaml", None),
    ]


@pytest.mark.parametrize("name", ["v2.yaml", "v2.cases.yaml"])
def test_a_link_that_leads_out_of_the_folder_is_not_read(tmp_path: Path, name: str) -> None:
    folder, secret = tmp_path / "policies", tmp_path / "secret"
    folder.mkdir()
    secret.write_text("token", encoding="utf-8")
    (folder / "v2.yaml").write_text("policy", encoding="utf-8")
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(secret)
    (file,) = PolicyFolder(folder).files()
    assert f"is a link to {secret}, which is outside the folder; copy the file into it" in file.problem
    assert b"token" not in file.text + (file.cases or b"")


def test_a_link_within_the_folder_is_read(tmp_path: Path) -> None:
    """As configuration volumes do it: the file is a link into a folder that is swapped whole."""
    (tmp_path / "..data").mkdir()
    (tmp_path / "..data" / "v2.yaml").write_text("policy", encoding="utf-8")
    (tmp_path / "v2.yaml").symlink_to("..data/v2.yaml")
    (file,) = PolicyFolder(tmp_path).files()
    assert (file.text, file.problem) == (b"policy", "")


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo, lambda path: path.symlink_to(path)])
def test_what_is_no_file_is_told_and_not_waited_for(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / "v2.yaml")
    (file,) = PolicyFolder(tmp_path).files()
    assert str(tmp_path / "v2.yaml") in file.problem


def test_a_huge_file_is_read_only_as_far_as_it_takes_to_see_that(tmp_path: Path) -> None:
    (tmp_path / "v2.yaml").write_bytes(b"a" * (3 * MAX_BYTES))
    (file,) = PolicyFolder(tmp_path).files()
    assert len(file.text) == MAX_BYTES + 1


def test_a_folder_that_is_not_there_is_a_problem_of_its_own(tmp_path: Path) -> None:
    (only,) = PolicyFolder(tmp_path / "gone").files()
    assert "gone cannot be read: No such file or directory; put it back" in only.problem
    assert PolicyFolder(tmp_path / "gone").identity() is None


@contextmanager
def watched(folder: Path) -> Iterator[Callable[[Callable[[], bool]], float]]:
    """A watch; what it gives waits until something is true, at most 60 s, and says how long that took."""
    looked = threading.Condition()

    def look() -> None:
        with looked:
            looked.notify_all()

    def until(is_true: Callable[[], bool]) -> float:
        started_s = time.monotonic()
        with looked:
            assert looked.wait_for(is_true, 60.0)
        return time.monotonic() - started_s

    with FolderWatch(PolicyFolder(folder), look, lambda: None):
        time.sleep(0.3)
        yield until


@pytest.mark.parametrize("how", ["in place", "by a rename", "by a link"])
def test_a_save_is_looked_at_within_a_second(tmp_path: Path, how: str) -> None:
    """The machine may be busy, so one save of ten is enough."""
    folder = tmp_path / "policies"
    folder.mkdir()
    target = folder / "v1.yaml"
    target.write_text("old", encoding="utf-8")

    def is_there(text: str) -> bool:
        return [file.text.decode() for file in PolicyFolder(folder).files() if file.path == target] == [text]

    with watched(folder) as until:
        for text in map(str, range(10)):
            _save(target, text, how)
            if until(partial(is_there, text)) < 1.0:
                return
    pytest.fail("none of ten saves was looked at within a second")


def _save(target: Path, text: str, how: str) -> None:
    if how == "in place":
        target.write_text(text, encoding="utf-8")
        return
    written = target.with_name(f".{text}")
    written.write_text(text, encoding="utf-8")
    if how == "by a rename":
        written.replace(target)
    else:
        (target.parent / ".link").symlink_to(written.name)
        (target.parent / ".link").replace(target)


def test_a_folder_that_vanishes_is_told_and_watched_again_when_it_returns(tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    with watched(folder) as until:
        shutil.rmtree(folder)
        until(lambda: PolicyFolder(folder).identity() is None)
        folder.mkdir()
        (folder / "v2.yaml").write_text("new", encoding="utf-8")
        until(lambda: names(folder) == ["v2.yaml"])
        time.sleep(0.3)
        (folder / "v3.yaml").write_text("new", encoding="utf-8")
        until(lambda: names(folder) == ["v2.yaml", "v3.yaml"])


@pytest.mark.parametrize("error", [PermissionError("denied"), RuntimeError("OS file watch limit reached")])
def test_a_folder_for_which_no_events_are_to_be_had_is_looked_at_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """A folder that may not be read when the server starts, or too many watched ones: the watch goes on."""

    def refused(*_: object, **__: object) -> Iterator[set[object]]:
        yield from ()
        raise error

    monkeypatch.setattr("adapters.watching.watch", refused)
    seen, is_seen, is_found = list[list[str]](), threading.Event(), threading.Event()

    def look() -> None:
        seen.append(names(tmp_path))
        if seen[-1] == ["v2.yaml"]:
            is_found.set()

    with FolderWatch(PolicyFolder(tmp_path), look, is_seen.set):
        assert is_seen.wait(60)
        (tmp_path / "v2.yaml").write_text("policy", encoding="utf-8")
        assert is_found.wait(60)
    assert seen[0] == []


def test_ticks_come_until_the_watch_ends() -> None:
    ticks, has_ticked = list[float](), threading.Event()

    def tick() -> None:
        ticks.append(time.monotonic())
        has_ticked.set()

    with Ticking(tick):
        assert has_ticked.wait(60)
    n_ticks = len(ticks)
    time.sleep(0.6)
    assert n_ticks == len(ticks)
