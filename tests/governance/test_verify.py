"""Verification: an intact log has no finding, and every byte changed anywhere is found and located."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from adapters.log_folder import LogFolder, ReadFolder, log_folder, log_folder_to_read
from governance.checkpoints import Checkpoint, cosigned
from governance.entries import cl_ord_id
from governance.findings import Finding
from governance.merkle import Frontier, leaf_hash
from governance.notes import Signer, new_signer, parsed_note, signed_note
from governance.rows import Answer, OutboundOrder
from nodes.vocabulary.canonical import encode
from tests.governance.examples import ORIGIN, Parted, activation, append_decisions, filled, keyed_decision

_N_ENTRIES = 300
_SEED = 20_261_120


def _append_state(folder: LogFolder) -> None:
    """One row at least of every kind of working state."""
    with folder.store.transaction() as transaction:
        transaction.append(activation("us-equities", bytes(32)))
        transaction.activate("us-equities", bytes(32), None)
        decided = keyed_decision(transaction.size, "desk", "key-1")
        transaction.append(replace(decided, bodies=(transaction.put_body(b"trace of the keyed decision"),)))
        told, decision_id = encode(decided.facts), decided.decision_id or b""
        transaction.save_account("desk", Parted([b"order 1", b"order 2", b"order 3"]))
        transaction.save_answer(Answer("desk", "key-1", bytes(32), decision_id, told))
        transaction.send(
            OutboundOrder(cl_ord_id("desk", "key-1"), "desk", decision_id, decided.facts["order_shares"], told)
        )


@pytest.fixture(scope="module")
def intact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed log folder with everything in it: two tiles, three checkpoints, a cosignature, working state."""
    path = tmp_path_factory.mktemp("intact") / "log"
    folder = filled(path, 100)
    folder.checkpoint()
    _append_state(folder)
    folder.checkpoint()
    append_decisions(folder, _N_ENTRIES - 102)
    row = folder.checkpoint()
    witness = Signer("witness.example", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    cosigned(folder.store, signed_note(parsed_note(row.note).text, witness).data, folder.key)
    folder.checkpoint()
    append_decisions(folder, 7)
    folder.store.close()
    with sqlite3.connect(path / "log.db") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


@pytest.fixture
def path(intact: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    shutil.copytree(intact, tmp_path / "log")
    return tmp_path / "log"


def _spoil(path: Path, statement: str, *values: Any) -> None:
    connection = sqlite3.connect(path / "log.db")
    connection.execute(statement, values)
    connection.commit()
    connection.close()


def _findings(path: Path, against: bytes | None = None) -> tuple[Finding, ...]:
    folder = log_folder_to_read(path)
    try:
        return folder.verification(against).findings
    finally:
        folder.store.close()


def _places(path: Path) -> list[str]:
    return [finding.place for finding in _findings(path)]


def test_an_intact_log_has_no_finding_and_everything_was_covered(path: Path) -> None:
    report = log_folder_to_read(path).verification()
    assert report.findings == ()
    assert report.is_intact
    assert report.counts == {"checkpoints": 3, "entries": 307, "bodies": 306, "tiles": 5, "state rows": 6}
    assert (report.origin, report.size) == (ORIGIN, 307)


def test_an_empty_log_is_intact(tmp_path: Path) -> None:
    assert filled(tmp_path, 0).verification().is_intact


def test_progress_is_told_up_to_the_end(path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    log_folder_to_read(path).verification(progress=lambda *each: told.append(each))
    assert ("entries", 256, 307) in told
    assert ("entries", 307, 307) in told
    assert told[-1] == ("bodies", 306, 306)


_COLUMNS = {
    "log_head": ("origin", "size", "frontier", "recorded_at_ns"),
    "entries": ("sequence", "entry_id", "kind", "as_of_ns", "recorded_at_ns", "decision_id", "data", "leaf_hash"),
    "tree_nodes": ("tile_level", "position", "hash"),
    "bodies": ("ref", "stored"),
    "checkpoints": ("size", "root", "note", "seal"),
    "activations": ("strategy", "policy_digest", "sequence"),
    "accounts": ("account_id", "content", "n_parts", "chain", "seal"),
    "account_parts": ("account_id", "place", "part"),
    "answers": ("account_id", "key", "request_digest", "decision_id", "body", "seal"),
    "outbox": ("cl_ord_id", "account_id", "decision_id", "order", "state", "seal"),
}
_PLACES = {
    "log_head": {"log_head"},
    "entries": {"entry {sequence}"},
    "tree_nodes": {"tree node 1/0", "entries 0 to 255", "tree_nodes"},
    "bodies": {"body {ref}"},
    "checkpoints": {"checkpoint {size}", "checkpoints {size}"},
    "activations": {"activations '{strategy}'"},
    "accounts": {"accounts '{account_id}'"},
    "account_parts": {"accounts 'desk'"},
    "answers": {"answers '{account_id}'"},
    "outbox": {"outbox '{cl_ord_id}'"},
}


def _flipped(value: Any, rng: random.Random) -> Any:
    """The value with one bit flipped."""
    if isinstance(value, int):
        return value ^ 1 << rng.randrange(62)
    whole = bytearray(value.encode() if isinstance(value, str) else value)
    whole[rng.randrange(len(whole))] ^= 1 << rng.randrange(7)
    return whole.decode("latin-1") if isinstance(value, str) else bytes(whole)


def _named(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _flip_column(path: Path, table: str, column: str, rng: random.Random) -> tuple[dict[str, str], dict[str, str]]:
    """Flip one bit in a column of a random row; the row as it was, and the column as it is now, as places name them."""
    connection = sqlite3.connect(path / "log.db")
    connection.row_factory = sqlite3.Row
    rows = connection.execute(f'SELECT rowid AS place, * FROM {table} WHERE "{column}" IS NOT NULL').fetchall()  # noqa: S608  # names from this file
    row = rng.choice(rows)
    statement = f'UPDATE {table} SET "{column}" = ? WHERE rowid = ?'  # noqa: S608  # names from this file
    flipped = _flipped(row[column], rng)
    connection.execute(statement, (flipped, row["place"]))
    connection.commit()
    connection.close()
    return {name: _named(row[name]) for name in _COLUMNS[table]}, {column: _named(flipped)}


@pytest.mark.parametrize("attempt", range(2))
@pytest.mark.parametrize(
    ("table", "column"), [(table, each) for table, columns in _COLUMNS.items() for each in columns]
)
def test_a_bit_flipped_in_any_column_is_found_where_it_is(path: Path, table: str, column: str, attempt: int) -> None:
    """ENG-04, SGN-08: tamper-evident to the bit."""
    rng = random.Random(f"{_SEED}{table}{column}{attempt}")
    row, after = _flip_column(path, table, column, rng)
    places = _places(path)
    expected = {place.format(**(row | changed)) for place in _PLACES[table] for changed in ({}, after)}
    assert expected & set(places), places


def _leaf_files(path: Path) -> list[Path]:
    return sorted(file for file in (path / "public").rglob("*") if file.is_file())


@pytest.mark.parametrize("attempt", range(24))
def test_a_bit_flipped_in_any_published_file_is_found_where_it_is(path: Path, attempt: int) -> None:
    """ENG-04."""
    rng = random.Random(f"{_SEED}{attempt}")
    files = _leaf_files(path)
    file = files[attempt % len(files)]
    content = bytearray(file.read_bytes())
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    file.write_bytes(content)
    name = file.relative_to(path / "public").as_posix()
    assert _places(path) == ["published checkpoint" if name == "checkpoint" else f"tile {name}"]


@pytest.mark.parametrize("attempt", range(6))
@pytest.mark.parametrize("n_kept", [0, 1, 31, -32, -1])
def test_a_published_file_cut_short_is_found(path: Path, attempt: int, n_kept: int) -> None:
    file = _leaf_files(path)[attempt]
    file.write_bytes(file.read_bytes()[:n_kept])
    name = file.relative_to(path / "public").as_posix()
    assert _places(path)[0] == ("published checkpoint" if name == "checkpoint" else f"tile {name}")


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("tile/0/000", ["tile tile/0/000"]),
        ("tile/0/001.p/44", ["tile tile/0/001.p/44"]),
        ("tile/1/000.p/1", ["tile tile/1/000.p/1"]),
        ("tile/entries/000", ["tile tile/entries/000"]),
    ],
)
def test_a_tile_that_is_missing_is_found(path: Path, name: str, places: list[str]) -> None:
    (path / "public" / name).unlink()
    assert _places(path) == places


@pytest.mark.parametrize("name", ["tile/0/002", "tile/2/000.p/1", "tile/0/001.p/60", "index.html", "tile/0/x"])
def test_a_file_that_no_entry_accounts_for_is_found(path: Path, name: str) -> None:
    (path / "public" / name).parent.mkdir(parents=True, exist_ok=True)
    (path / "public" / name).write_bytes(bytes(60 * 32))
    assert _places(path)[0].split()[-1] == name


def test_a_log_with_nothing_published_is_intact(path: Path) -> None:
    shutil.rmtree(path / "public")
    assert _findings(path) == ()


@pytest.mark.parametrize(
    ("statement", "places"),
    [
        ("DELETE FROM entries WHERE sequence = 17", {"entry 17"}),
        ("DELETE FROM entries WHERE sequence = 306", {"log_head"}),
        ("DELETE FROM entries WHERE sequence >= 200", {"log_head"}),
        ("DELETE FROM entries", {"log_head"}),
        ("UPDATE entries SET sequence = -1 WHERE sequence = 17", {"entry 17", "entry -1"}),
        ("UPDATE entries SET sequence = 4000 WHERE sequence = 306", {"log_head"}),
        ("INSERT INTO entries VALUES (307, x'00', 'fill', 0, 0, NULL, x'00', zeroblob(32))", {"log_head"}),
        ("DELETE FROM bodies WHERE rowid = 9", {"body"}),
        ("INSERT INTO bodies VALUES (x'00', x'00')", {"body 00"}),
        ("DELETE FROM tree_nodes", {"tree node 1/0"}),
        ("INSERT INTO tree_nodes VALUES (1, 1, zeroblob(32))", {"tree_nodes"}),
        ("INSERT INTO tree_nodes VALUES (-1, 0, zeroblob(32))", {"tree_nodes"}),
        ("DELETE FROM log_head", {"log_head"}),
        ("INSERT INTO log_head VALUES ('live', 0, x'', 0)", {"log_head"}),
        ("DELETE FROM activations", {"activations 'us-equities'"}),
        ("INSERT INTO activations VALUES ('other', zeroblob(32), 3)", {"activations 'other'"}),
        ("UPDATE answers SET key = 'key-2'", {"answers 'desk'"}),
        ("INSERT INTO checkpoints SELECT 5, root, note, seal FROM checkpoints LIMIT 1", {"checkpoint 5"}),
        ("UPDATE entries SET data = 'text' WHERE sequence = 17", {"entry 17"}),
        ("UPDATE entries SET data = 5 WHERE sequence = 17", {"entry 17"}),
        ("UPDATE entries SET leaf_hash = 5 WHERE sequence = 17", {"entry 17"}),
        ("UPDATE entries SET leaf_hash = x'00' WHERE sequence = 17", {"entry 17"}),
        ("UPDATE entries SET kind = CAST(x'ff00' AS TEXT) WHERE sequence = 17", {"entry 17"}),
        ("UPDATE entries SET decision_id = NULL WHERE sequence = 17", {"entry 17"}),
        ("UPDATE bodies SET stored = 12 WHERE rowid = 9", {"body"}),
        ("UPDATE tree_nodes SET hash = 'text'", {"tree node 1/0"}),
    ],
)  # fmt: skip
def test_rows_deleted_added_moved_or_of_another_type_are_found(path: Path, statement: str, places: set[str]) -> None:
    _spoil(path, statement)
    found = _places(path)
    assert all(any(each.startswith(place) for each in found) for place in places), found


def test_two_entries_that_change_places_are_both_found(path: Path) -> None:
    _spoil(path, "UPDATE entries SET sequence = CASE sequence WHEN 20 THEN -20 ELSE -21 END WHERE sequence IN (20, 21)")
    _spoil(path, "UPDATE entries SET sequence = CASE sequence WHEN -20 THEN 21 ELSE 20 END WHERE sequence < 0")
    found = [str(finding) for finding in _findings(path)]
    assert any("tile/0/000: differs from the log at entry 20, 21;" in each for each in found), found


@pytest.mark.parametrize(
    ("statement", "places"),
    [
        ("UPDATE entries SET data = zeroblob(90) WHERE sequence = 17", ["entry 17"]),
        ("UPDATE entries SET leaf_hash = zeroblob(32) WHERE sequence = 17", ["entry 17"]),
        ("UPDATE entries SET data = zeroblob(90) WHERE sequence = 303", ["entry 303"]),
        ("UPDATE tree_nodes SET hash = zeroblob(32)", ["entries 0 to 255"]),
        ("UPDATE log_head SET frontier = zeroblob(length(frontier))", ["log_head"]),
        ("UPDATE checkpoints SET root = zeroblob(32) WHERE size = 100", ["checkpoint 100", "checkpoints 100"]),
    ],
)
def test_one_change_is_one_finding_and_not_one_for_all_that_stands_on_it(
    path: Path, statement: str, places: list[str]
) -> None:
    """But for the body that an unreadable entry no longer names."""
    _spoil(path, statement)
    assert [place for place in _places(path) if not place.startswith("body")] == places


def _forge(path: Path, sequence: int, of_origin: Callable[[bytes], bytes]) -> None:
    """Rewrite an entry and all that follows from it in the database, as one who knows how would."""
    connection = sqlite3.connect(path / "log.db")
    rows = connection.execute("SELECT sequence, data FROM entries ORDER BY sequence").fetchall()
    frontier, nodes = Frontier(), []
    for at, data in rows:
        told = of_origin(data) if at == sequence else data
        nodes += frontier.append(leaf_hash(told))
        if at == sequence:
            connection.execute(
                "UPDATE entries SET data = ?, leaf_hash = ? WHERE sequence = ?", (told, leaf_hash(told), at)
            )
    connection.execute("UPDATE log_head SET frontier = ?", (frontier.data,))
    connection.executemany("UPDATE tree_nodes SET hash = ? WHERE tile_level = ? AND position = ?",
                           [(node.hash, node.tile_level, node.position) for node in nodes])  # fmt: skip
    connection.commit()
    connection.close()


def test_an_entry_rewritten_with_all_that_follows_from_it_is_found_by_the_checkpoints(path: Path) -> None:
    _forge(path, 120, lambda data: data.replace(b"AAPL", b"MSFT"))
    found = [str(finding) for finding in _findings(path)]
    assert any("something in entries 102 to 299 was rewritten" in each for each in found), found
    assert any("tile/0/000: differs from the log at entry 120" in each for each in found), found


def test_an_old_checkpoint_convicts_a_log_whose_own_checkpoints_were_rewritten_too(path: Path) -> None:
    kept = (path / "public" / "checkpoint").read_bytes()
    shutil.rmtree(path / "public")
    _spoil(path, "DELETE FROM checkpoints")
    _forge(path, 306, lambda data: data.replace(b"AAPL", b"MSFT"))
    assert [finding.place for finding in _findings(path, kept)] == ["entry 306"]
    _forge(path, 150, lambda data: data.replace(b"AAPL", b"MSFT"))
    assert "old checkpoint" in [finding.place for finding in _findings(path, kept)]


def test_an_old_checkpoint_convicts_a_log_that_was_cut(path: Path, tmp_path: Path) -> None:
    """ENG-04."""
    kept = (path / "public" / "checkpoint").read_bytes()
    folder = filled(tmp_path / "short", 5)
    shutil.copy(path / "key", tmp_path / "short" / "key")
    shutil.copy(path / "key.pub", tmp_path / "short" / "key.pub")
    folder.store.close()
    (finding,) = _findings(tmp_path / "short", kept)
    assert str(finding).startswith("old checkpoint: covers 300 entries, the log has 5: the log was cut or restored;")


def test_an_old_checkpoint_of_an_honest_log_finds_nothing(path: Path) -> None:
    kept = (path / "public" / "checkpoint").read_bytes()
    append_decisions(log_folder(path, ORIGIN), 300)
    assert _findings(path, kept) == ()


def test_an_old_checkpoint_that_the_log_did_not_sign_is_a_finding(path: Path) -> None:
    forged = signed_note(Checkpoint(ORIGIN, 5, bytes(32)).text, new_signer(ORIGIN))
    (finding,) = _findings(path, forged.data)
    assert finding.place == "old checkpoint"
    assert "is signed by paper, not by paper" in finding.what


def test_a_file_that_is_no_database_is_a_finding(path: Path) -> None:
    (path / "log.db").write_bytes(b"not a database, but long enough to look like a file of some kind" * 99)
    (finding,) = [each for each in _findings(path) if each.place == "database"]
    assert "file is not a database" in finding.what


def _dump(path: Path) -> list[str]:
    connection = sqlite3.connect(path / "log.db")
    connection.text_factory = bytes
    rows = [repr(connection.execute(f"SELECT * FROM {table}").fetchall()) for table in _COLUMNS]  # noqa: S608  # names from this file
    connection.close()
    return rows


@pytest.mark.parametrize("attempt", range(30))
def test_a_byte_flipped_in_the_database_file_is_found_unless_no_row_changed(path: Path, attempt: int) -> None:
    """Free space and the file's own counters belong to nobody; everything else is a row, an index or a page."""
    rng = random.Random(f"{_SEED}{attempt}")
    before, file = _dump(path), path / "log.db"
    content = bytearray(file.read_bytes())
    content[rng.randrange(100, len(content))] ^= 1 << rng.randrange(8)
    file.write_bytes(content)
    if not _findings(path):
        assert _dump(path) == before


def test_a_log_that_grows_and_publishes_while_it_is_verified_has_no_finding(path: Path) -> None:
    folder = log_folder(path, ORIGIN)
    store, reader = folder.store, folder.store.reader

    class Growing:
        """The log, which grows by a tile just before the snapshot is taken."""

        origin = store.origin
        transaction = store.transaction

        @staticmethod
        def reader() -> Any:
            append_decisions(folder, 300)
            folder.checkpoint()
            return reader()

    verified = ReadFolder(path, Growing(), folder.files, folder.key)  # type: ignore[arg-type]  # a log, by its methods
    assert verified.verification().findings == ()


def test_the_leftover_of_a_write_that_was_killed_is_no_finding(path: Path) -> None:
    (path / "public" / "tile" / "0" / ".000.123.new").write_bytes(b"half")
    assert _findings(path) == ()
