"""A log as a folder: made, checked, published, verified and read by others."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.files.keys import log_signer
from adapters.log_folder import log_folder, log_folder_to_read
from governance.entries import genesis_entry
from nodes.vocabulary.errors import EdgeError, LogError
from tests.governance.examples import NOON, ORIGIN, append_decisions, filled


def test_a_folder_holds_all_that_belongs_to_a_log(tmp_path: Path) -> None:
    folder = filled(tmp_path / "logs" / "paper", 3)
    folder.checkpoint()
    names = {file.name for file in (tmp_path / "logs" / "paper").iterdir()}
    assert {"log.db", "key", "key.pub", "public"} <= names
    assert folder.verification().is_intact


def test_the_private_key_is_not_among_what_is_published(tmp_path: Path) -> None:
    folder = filled(tmp_path, 3)
    folder.checkpoint()
    published = b"".join(folder.files.file(path) or b"" for path in folder.files.paths())
    assert folder.signer.text.encode() not in published
    assert folder.signer.private.private_bytes_raw() not in published


def test_a_log_is_read_by_its_folder_alone(tmp_path: Path) -> None:
    filled(tmp_path, 3).checkpoint()
    folder = log_folder_to_read(tmp_path)
    assert folder.store.origin == ORIGIN
    assert folder.verification().is_intact


def test_opening_a_log_publishes_what_was_committed_but_not_published(tmp_path: Path) -> None:
    folder = filled(tmp_path, 3)
    row = folder.checkpoint()
    (tmp_path / "public" / "checkpoint").unlink()
    assert log_folder(tmp_path, ORIGIN).files.file("checkpoint") == row.note


def test_a_folder_without_a_log_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match=r"key\.pub: No such file or directory"):
        log_folder_to_read(tmp_path)


def test_a_lost_private_key_is_not_replaced_and_what_it_signed_still_verifies(tmp_path: Path) -> None:
    filled(tmp_path, 3).checkpoint()
    (tmp_path / "key").unlink()
    with pytest.raises(EdgeError, match=r"key is missing, and no new key can sign for .*log\.db; restore it"):
        log_folder(tmp_path, ORIGIN)
    assert log_folder_to_read(tmp_path).verification().is_intact


def test_a_database_without_tables_is_named_for_what_it_is(tmp_path: Path) -> None:
    filled(tmp_path, 3).store.close()
    for name in ("log.db", "log.db-wal", "log.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / "log.db").touch()
    (finding,) = log_folder_to_read(tmp_path).verification().findings
    assert "log.db is no decision log: no such table" in finding.what


def _signed_anew(path: Path) -> None:
    """A log with a genesis entry, whose key, checkpoints and tiles another person replaced by their own."""
    folder = log_folder(path, ORIGIN)
    with folder.store.transaction() as transaction:
        transaction.append(genesis_entry(ORIGIN, folder.key.text, NOON))
    append_decisions(folder, 3)
    for name in ("key", "key.pub"):
        (path / name).unlink()
    folder = replace(folder, signer=log_signer(path / "key", ORIGIN))
    folder.checkpoint()
    folder.store.close()


def test_a_log_signed_anew_by_another_key_does_not_verify(tmp_path: Path) -> None:
    _signed_anew(tmp_path)
    (finding,) = log_folder_to_read(tmp_path).verification().findings
    assert finding.place == "key"
    assert "the genesis entry names paper+" in finding.what


def test_a_log_signed_anew_by_another_key_is_not_appended_to(tmp_path: Path) -> None:
    _signed_anew(tmp_path)
    with pytest.raises(LogError, match=r"was begun with key paper\+.*; restore the log's own key"):
        log_folder(tmp_path, ORIGIN)


def test_a_log_goes_on_after_it_was_opened_again(tmp_path: Path) -> None:
    filled(tmp_path, 300).store.close()
    folder = log_folder(tmp_path, ORIGIN)
    append_decisions(folder, 300)
    assert folder.checkpoint().size == 600
    assert folder.verification().is_intact


def test_threads_that_meet_at_the_first_use_of_one_log_or_of_several_all_get_theirs(tmp_path: Path) -> None:
    def opened(number: int) -> bool:
        return log_folder(tmp_path / str(number // 2), ORIGIN).verification().is_intact

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(opened, range(12)))
