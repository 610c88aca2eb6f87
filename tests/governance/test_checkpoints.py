"""Checkpoints: their one form, who signed them, and that they cover what is committed, cosignatures and all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.checkpoints import (
    Checkpoint,
    checkpoint_from_text,
    committed_checkpoint,
    cosigned,
    opened_checkpoint,
)
from governance.merkle import EMPTY_ROOT
from governance.notes import new_signer, parsed_note, signed_note
from governance.proofs import check_consistency, consistency_proof
from nodes.vocabulary.errors import LogError
from tests.governance.examples import ORIGIN, append_decisions, filled

_ROOT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


def test_the_text_of_a_checkpoint_is_origin_size_and_root() -> None:
    checkpoint = Checkpoint("research/2005", 0, EMPTY_ROOT, ("an extension",))
    assert checkpoint.text == f"research/2005\n0\n{_ROOT}\nan extension\n"
    assert checkpoint_from_text(checkpoint.text) == checkpoint


@given(st.integers(0, 2**63), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_comes_back_from_its_text(size: int, root: bytes) -> None:
    checkpoint = Checkpoint("live", size, root)
    assert checkpoint_from_text(checkpoint.text) == checkpoint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "live\n",
        f"live\n01\n{_ROOT}\n",
        f"live\n+1\n{_ROOT}\n",
        f"live\n-1\n{_ROOT}\n",
        f"live\n1_0\n{_ROOT}\n",
        f"live\none\n{_ROOT}\n",
        f"live\n1\n{_ROOT}",
        f"live\n1\n{_ROOT[:-2]}V=\n",
        "live\n1\nAAAA\n",
        "live\n1\n!\n",
        f"\n1\n{_ROOT}\n",
    ],
)
def test_a_text_in_any_other_form_is_no_checkpoint(text: str) -> None:
    with pytest.raises(LogError, match=r"is no checkpoint|not a checkpoint in its one proper form"):
        checkpoint_from_text(text)


def test_a_checkpoint_signed_by_another_key_is_refused() -> None:
    note = signed_note(Checkpoint("live", 0, EMPTY_ROOT).text, new_signer("live"))
    with pytest.raises(LogError, match="checkpoint is signed by live, not by live"):
        opened_checkpoint(note.data, new_signer("live").key)


def test_a_checkpoint_of_another_log_is_refused_although_the_key_signed_it() -> None:
    signer = new_signer("live")
    note = signed_note(Checkpoint("paper", 0, EMPTY_ROOT).text, signer)
    with pytest.raises(LogError, match="checkpoint is of log 'paper', expected 'live'"):
        opened_checkpoint(note.data, signer.key)


def test_a_checkpoint_covers_all_that_is_committed_and_is_committed_itself(tmp_path: Path) -> None:
    folder = filled(tmp_path, 5)
    row = committed_checkpoint(folder.store, folder.signer)
    with folder.store.reader() as reader:
        assert list(reader.checkpoints()) == [row]
    checkpoint = opened_checkpoint(row.note, folder.key)
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == (ORIGIN, 5, row.root)


def test_a_log_that_did_not_grow_keeps_its_checkpoint(tmp_path: Path) -> None:
    folder = filled(tmp_path, 5)
    first = committed_checkpoint(folder.store, folder.signer)
    assert committed_checkpoint(folder.store, folder.signer) == first


def test_checkpoints_of_a_growing_log_are_shown_consistent(tmp_path: Path) -> None:
    folder = filled(tmp_path, 5)
    old = committed_checkpoint(folder.store, folder.signer)
    append_decisions(folder, 300)
    new = committed_checkpoint(folder.store, folder.signer)
    with folder.store.reader() as reader:
        proof = consistency_proof(reader, old.size, new.size)
    check_consistency(old.size, new.size, proof, old.root, new.root)


def test_a_checkpoint_of_an_empty_log_has_the_empty_root(tmp_path: Path) -> None:
    folder = filled(tmp_path, 0)
    assert committed_checkpoint(folder.store, folder.signer).root == EMPTY_ROOT


def test_the_signature_of_a_witness_is_kept_with_the_newest_checkpoint(tmp_path: Path) -> None:
    folder, witness = filled(tmp_path, 3), new_signer("witness.example")
    row = folder.checkpoint()
    note = signed_note(parsed_note(row.note).text, witness)
    merged = cosigned(folder.store, note.data, folder.key)
    assert [signature.name for signature in parsed_note(merged.note).signatures] == [ORIGIN, "witness.example"]
    folder.checkpoint()
    assert folder.files.file("checkpoint") == merged.note
    assert folder.verification().findings == ()


def test_a_cosignature_over_an_older_checkpoint_is_refused(tmp_path: Path) -> None:
    folder = filled(tmp_path, 3)
    old = folder.checkpoint()
    append_decisions(folder, 1)
    folder.checkpoint()
    with pytest.raises(LogError, match="is not over the newest checkpoint; cosign that one"):
        cosigned(folder.store, old.note, folder.key)
