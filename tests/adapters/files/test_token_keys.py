"""Token keys are private, rotate without a gap, and end at once."""

from __future__ import annotations

import stat
import threading
from itertools import count
from pathlib import Path

import pytest

from adapters.files.token_keys import TokenKeys, key_set
from nodes.vocabulary.errors import EdgeError


def _keys(path: Path, now_s: float = 1_000.0) -> TokenKeys:
    """Keys for which a second passes between two looks."""
    return TokenKeys(path / "token-keys", lambda: now_s, ticks_s=count().__next__)


def test_there_are_no_keys_until_some_are_made(tmp_path: Path) -> None:
    """SEC-17: no default secret."""
    assert _keys(tmp_path).ring().keys == ()


def test_a_home_that_is_no_folder_holds_no_keys(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert _keys(tmp_path / "file" / "keys").ring().keys == ()


def test_the_file_of_keys_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    keys = _keys(tmp_path)
    keys.rotated()
    assert stat.S_IMODE(keys.path.stat().st_mode) == 0o600


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    keys = _keys(tmp_path)
    keys.rotated()
    keys.path.chmod(0o644)
    with pytest.raises(EdgeError, match=r"token-keys has mode 0644, others can read the private keys; chmod 0600"):
        _keys(tmp_path).ring()


def test_a_new_key_signs_and_the_one_before_it_still_verifies(tmp_path: Path) -> None:
    keys = _keys(tmp_path)
    first, second = keys.rotated(), keys.rotated()
    assert [key.kid for key in keys.ring().keys] == [first.kid, second.kid]


def test_another_process_sees_a_change_at_its_next_look(tmp_path: Path) -> None:
    ours, theirs = _keys(tmp_path), _keys(tmp_path)
    kid = ours.rotated().kid
    assert list(theirs.ring().by_kid) == [kid]
    ours.revoke("token", 2_000)
    assert theirs.ring().revoked == {"token": 2_000}
    ours.retire(kid)
    assert theirs.ring().keys == ()


def test_the_file_is_looked_at_ten_times_a_second_at_most(tmp_path: Path) -> None:
    ticks = iter([0.0, 0.05, 0.11])
    theirs = TokenKeys(tmp_path / "token-keys", lambda: 1_000.0, ticks_s=ticks.__next__)
    assert theirs.ring().keys == ()
    _keys(tmp_path).rotated()
    assert theirs.ring().keys == ()
    assert len(theirs.ring().keys) == 1


def test_a_revocation_is_forgotten_once_the_token_would_have_expired(tmp_path: Path) -> None:
    keys = _keys(tmp_path)
    keys.rotated()
    keys.revoke("old", 999)
    keys.revoke("new", 2_000)
    assert keys.ring().revoked == {"new": 2_000}


def test_an_unknown_key_cannot_be_retired(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="holds no key 'nobody'; name one of none"):
        _keys(tmp_path).retire("nobody")


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    keys = _keys(tmp_path)
    keys.path.write_bytes(b'{"keys": [{"kid": "a", "d": "AAAA", "made_at_s": 1}]}')
    keys.path.chmod(0o600)
    with pytest.raises(EdgeError, match=r"token-keys holds no token keys: .*; restore it from a copy"):
        keys.ring()


def test_the_key_set_holds_public_parts_only(tmp_path: Path) -> None:
    keys = _keys(tmp_path)
    made = keys.rotated()
    (shown,) = key_set(keys.ring()).keys
    assert (shown.kid, shown.kty, shown.crv, shown.alg) == (made.kid, "OKP", "Ed25519", "EdDSA")
    assert not hasattr(shown, "d")
    assert made.d not in repr(made)


def test_keys_made_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    threads = [threading.Thread(target=_keys(tmp_path).rotated) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(_keys(tmp_path).ring().keys) == 8
