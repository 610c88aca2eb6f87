"""Publication: what lies on disk is what other people's verifiers expect, and can be made anew from SQL."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from governance.checkpoints import opened_checkpoint
from governance.merkle import Frontier, leaf_hash
from governance.publication import publish, published_checkpoint, rebuild, tile_content
from governance.tiles import TileName, bundle_entries
from nodes.vocabulary.errors import LogError
from tests.governance.examples import append_decisions, filled


def _contents(path: Path) -> dict[str, bytes]:
    public = path / "public"
    return {file.relative_to(public).as_posix(): file.read_bytes() for file in public.rglob("*") if file.is_file()}


def test_a_published_log_has_its_checkpoint_tiles_and_bundles(tmp_path: Path) -> None:
    filled(tmp_path, 258).checkpoint()
    assert sorted(_contents(tmp_path)) == [
        "checkpoint",
        "tile/0/000",
        "tile/0/001.p/2",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/2",
    ]


def test_the_tree_can_be_recomputed_from_the_published_files_alone(tmp_path: Path) -> None:
    folder = filled(tmp_path, 600)
    folder.checkpoint()
    files = _contents(tmp_path)
    names = ["tile/entries/000", "tile/entries/001", "tile/entries/002.p/88"]
    frontier = Frontier()
    for data in (data for name in names for data in bundle_entries(files[name])):
        frontier.append(leaf_hash(data))
    assert frontier.root == opened_checkpoint(files["checkpoint"], folder.key).root


def test_partial_tiles_go_once_the_full_one_is_there(tmp_path: Path) -> None:
    folder = filled(tmp_path, 100)
    folder.checkpoint()
    append_decisions(folder, 100)
    folder.checkpoint()
    assert {"tile/0/000.p/100", "tile/0/000.p/200"} <= _contents(tmp_path).keys()
    append_decisions(folder, 56)
    folder.checkpoint()
    assert sorted(_contents(tmp_path)) == ["checkpoint", "tile/0/000", "tile/1/000.p/1", "tile/entries/000"]


def test_tiles_are_rebuilt_from_the_database_byte_for_byte(tmp_path: Path) -> None:
    folder = filled(tmp_path, 300)
    folder.checkpoint()
    before = _contents(tmp_path)
    shutil.rmtree(tmp_path / "public")
    rebuild(folder.store, folder.files)
    assert _contents(tmp_path) == before


def test_publishing_in_steps_leaves_the_same_full_tiles_as_publishing_at_once(tmp_path: Path) -> None:
    steps, once = filled(tmp_path / "steps", 0), filled(tmp_path / "once", 700)
    for n_more in (1, 254, 2, 255, 188):
        append_decisions(steps, n_more)
        steps.checkpoint()
    once.checkpoint()
    found, expected = _contents(tmp_path / "steps"), _contents(tmp_path / "once")
    assert {name: found[name] for name in expected if name != "checkpoint"} == {
        name: content for name, content in expected.items() if name != "checkpoint"
    }


def test_a_log_without_a_checkpoint_has_nothing_to_publish(tmp_path: Path) -> None:
    folder = filled(tmp_path, 3)
    assert publish(folder.store, folder.files) is None
    assert published_checkpoint(folder.files) is None


def test_a_checkpoint_that_was_committed_but_not_published_is_published_next(tmp_path: Path) -> None:
    folder = filled(tmp_path, 3)
    row = folder.checkpoint()
    (tmp_path / "public" / "checkpoint").unlink()
    publish(folder.store, folder.files)
    assert folder.files.file("checkpoint") == row.note


def test_a_checkpoint_file_that_cannot_be_read_is_written_anew(tmp_path: Path) -> None:
    folder = filled(tmp_path, 3)
    row = folder.checkpoint()
    (tmp_path / "public" / "checkpoint").write_bytes(b"half wri")
    publish(folder.store, folder.files)
    assert folder.files.file("checkpoint") == row.note


def test_a_smaller_checkpoint_never_replaces_a_larger_published_one(tmp_path: Path) -> None:
    folder, other = filled(tmp_path / "one", 3), filled(tmp_path / "other", 9)
    folder.checkpoint()
    other.checkpoint()
    with pytest.raises(LogError, match=r"covers 9 entries, the newest of the database 3.*restore the newest one"):
        publish(folder.store, other.files)


def test_a_tile_over_missing_rows_is_refused(tmp_path: Path) -> None:
    folder = filled(tmp_path, 3)
    with folder.store.reader() as reader, pytest.raises(LogError, match=r"tile/0/000.p/4 needs 4 rows, 3 are stored"):
        tile_content(reader, TileName(0, 0, 4))
