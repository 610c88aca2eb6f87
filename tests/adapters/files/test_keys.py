"""Key files: made once, for their owner's eyes only, with the public key beside them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.files.keys import log_key, log_signer
from nodes.vocabulary.errors import EdgeError, LogError


def test_a_key_is_made_on_first_use_and_found_ever_after(tmp_path: Path) -> None:
    made = log_signer(tmp_path / "new" / "key", "live")
    assert log_signer(tmp_path / "new" / "key", "live").text == made.text
    assert (tmp_path / "new" / "key").stat().st_mode & 0o777 == 0o600


def test_the_public_key_lies_beside_the_private_one(tmp_path: Path) -> None:
    signer = log_signer(tmp_path / "key", "live")
    assert log_key(tmp_path / "key") == signer.key
    assert (tmp_path / "key.pub").read_text() == f"{signer.key.text}\n"


def test_a_public_key_that_is_lost_or_wrong_is_written_again(tmp_path: Path) -> None:
    signer = log_signer(tmp_path / "key", "live")
    for content in (None, b"rot"):
        (tmp_path / "key.pub").unlink() if content is None else (tmp_path / "key.pub").write_bytes(content)
        log_signer(tmp_path / "key", "live")
        assert log_key(tmp_path / "key") == signer.key


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_a_private_key_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    log_signer(tmp_path / "key", "live")
    (tmp_path / "key").chmod(mode)
    with pytest.raises(EdgeError, match=rf"key has mode {mode:04o}, others can read the private key; chmod 0600"):
        log_signer(tmp_path / "key", "live")


def test_the_key_of_another_log_is_refused(tmp_path: Path) -> None:
    log_signer(tmp_path / "key", "live")
    with pytest.raises(EdgeError, match="is the key of 'live', expected 'paper'; point this log to its own key"):
        log_signer(tmp_path / "key", "paper")


def test_a_broken_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").touch(0o600)
    with pytest.raises(LogError, match="text of 0 characters is no private key; restore the key file from a copy"):
        log_signer(tmp_path / "key", "live")


def test_a_key_that_is_not_there_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match=r"key\.pub: No such file or directory"):
        log_key(tmp_path / "key")


def test_processes_that_meet_at_the_first_use_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: log_signer(tmp_path / "key", "live").text, range(8)))
    assert len(found) == 1
