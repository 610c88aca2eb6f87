"""Start-up refusals: a head that does not extend what was signed is never appended to."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from adapters.files.keys import log_signer
from adapters.log_folder import log_folder
from nodes.vocabulary.errors import LogError
from tests.governance.examples import ORIGIN, activation, append_decisions, filled

_COPY = (
    "DELETE FROM main.entries",
    "DELETE FROM main.tree_nodes",
    "DELETE FROM main.log_head",
    "INSERT INTO main.entries SELECT * FROM false_log.entries",
    "INSERT INTO main.tree_nodes SELECT * FROM false_log.tree_nodes",
    "INSERT INTO main.log_head SELECT * FROM false_log.log_head",
)


def _spoil(path: Path, *statements: str) -> None:
    engine = create_engine(f"sqlite:///{path / 'log.db'}")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
        connection.commit()
    engine.dispose()


def _prepared(path: Path, n_before: int = 300, n_after: int = 5) -> None:
    """A log with a published checkpoint and some entries after it."""
    folder = filled(path, n_before)
    folder.checkpoint()
    append_decisions(folder, n_after)
    folder.store.close()


def test_a_log_that_extends_its_checkpoint_is_opened(tmp_path: Path) -> None:
    _prepared(tmp_path)
    append_decisions(log_folder(tmp_path, ORIGIN), 1)


def test_a_database_restored_from_yesterday_is_refused(tmp_path: Path) -> None:
    filled(tmp_path, 300).checkpoint()
    shutil.copytree(tmp_path, tmp_path / "yesterday")
    folder = log_folder(tmp_path, ORIGIN)
    append_decisions(folder, 50)
    folder.checkpoint()
    folder.store.close()
    for name in ("log.db", "log.db-wal", "log.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
        if (tmp_path / "yesterday" / name).exists():
            shutil.copy(tmp_path / "yesterday" / name, tmp_path / name)
    words = r"published checkpoint of log 'paper' covers 350 entries, the database has 300.*restore the newest copy"
    with pytest.raises(LogError, match=words):
        log_folder(tmp_path, ORIGIN)


def test_a_database_from_before_its_checkpoint_row_is_refused_although_it_grew_again(tmp_path: Path) -> None:
    _prepared(tmp_path, 10, 20)
    _spoil(tmp_path, "DELETE FROM checkpoints")
    with pytest.raises(LogError, match=r"checkpoint of 10 entries .* is published, which the database does not know"):
        log_folder(tmp_path, ORIGIN)


def test_a_log_cut_below_its_checkpoint_is_refused(tmp_path: Path) -> None:
    filled(tmp_path / "short", 200).store.close()
    _prepared(tmp_path / "long")
    _spoil(
        tmp_path / "long",
        f"ATTACH '{tmp_path / 'short' / 'log.db'}' AS short",
        "DELETE FROM main.log_head",
        "INSERT INTO main.log_head SELECT * FROM short.log_head",
        "DELETE FROM main.entries WHERE sequence >= 200",
        "DELETE FROM main.tree_nodes",
    )
    with pytest.raises(LogError, match="newest checkpoint of log 'paper' covers 300 entries, the database has 200"):
        log_folder(tmp_path / "long", ORIGIN)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE entries SET data = x'00' WHERE sequence = 304", "entry 304 of log 'paper' was changed after"),
        ("DELETE FROM entries WHERE sequence = 303", "has 305 entries by its head, but its last rows are"),
        ("DELETE FROM entries WHERE sequence = 304", "has 305 entries by its head, but its last rows are"),
        ("UPDATE log_head SET size = 304", "has 304 entries by its head, but its last rows are"),
        ("UPDATE log_head SET frontier = zeroblob(length(frontier))", "has root .* by its rows, .* by its head"),
        ("UPDATE log_head SET frontier = x'00'", "frontier of a tree of 305 has 1 bytes"),
        ("UPDATE entries SET leaf_hash = zeroblob(32) WHERE sequence = 100", None),
        ("UPDATE tree_nodes SET hash = zeroblob(32)", "has root .* by its rows, .* by its head"),
        ("DELETE FROM tree_nodes", "1 hashes of tile level 1 from 0 are needed, 0 are stored"),
        ("DELETE FROM log_head", "the log has 0 heads, expected 1"),
        ("UPDATE checkpoints SET note = x'00'", "note .* has"),
    ],
)
def test_a_log_whose_head_does_not_fit_its_rows_is_refused(tmp_path: Path, statement: str, words: str | None) -> None:
    """A leaf hash deep in the log is the business of verification: start-up reads the end and the tree's nodes."""
    _prepared(tmp_path)
    _spoil(tmp_path, statement)
    if words is None:
        log_folder(tmp_path, ORIGIN)
        return
    with pytest.raises(LogError, match=words):
        log_folder(tmp_path, ORIGIN)


def test_a_rewritten_log_is_refused_by_the_checkpoint_that_was_signed(tmp_path: Path) -> None:
    """As many other entries, consistent in themselves, under the old key and checkpoint."""
    _prepared(tmp_path / "true")
    other = log_folder(tmp_path / "false", ORIGIN)
    with other.store.transaction() as transaction:
        transaction.append(activation("us-equities", bytes(32)))
    append_decisions(other, 304)
    other.store.close()
    _spoil(tmp_path / "true", f"ATTACH '{tmp_path / 'false' / 'log.db'}' AS false_log", *_COPY)
    with pytest.raises(LogError, match=r"newest checkpoint of log 'paper' has root .*: entries were rewritten"):
        log_folder(tmp_path / "true", ORIGIN)


def test_a_checkpoint_signed_with_another_key_is_refused(tmp_path: Path) -> None:
    _prepared(tmp_path)
    (tmp_path / "key").unlink()
    log_signer(tmp_path / "key", ORIGIN)
    with pytest.raises(LogError, match="checkpoint is signed by paper, not by paper"):
        log_folder(tmp_path, ORIGIN)
