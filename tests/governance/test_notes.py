"""Signed notes: the example of the specification, keys, tolerance of others' signatures, and strictness."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from governance.notes import (
    COSIGNATURE,
    Note,
    Signature,
    Signer,
    VerifierKey,
    new_signer,
    parsed_note,
    signed_note,
    signer,
    signers,
    verifier_key,
)
from nodes.vocabulary.errors import LogError

# From the documentation of golang.org/x/mod/sumdb/note, which the C2SP specification grew from.
_GO_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
_GO_PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
_GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
_GO_NOTE = (
    f"{_GO_TEXT}\n\u2014 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
_SEEDS = st.binary(min_size=32, max_size=32)


def _signer(name: str, seed: int) -> Signer:
    return Signer(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


def _cosignature(note_text: str, name: str, private: Ed25519PrivateKey, at_s: int) -> tuple[VerifierKey, Signature]:
    key = VerifierKey(name, COSIGNATURE, private.public_key().public_bytes_raw())
    made = private.sign(f"cosignature/v1\ntime {at_s}\n{note_text}".encode())
    return key, Signature(name, key.key_id, at_s.to_bytes(8, "big") + made)


def test_the_key_and_note_of_the_reference_implementation_are_ours_byte_for_byte() -> None:
    ours = signer(_GO_PRIVATE)
    assert ours.text == _GO_PRIVATE
    assert ours.key.text == _GO_PUBLIC
    assert signed_note(_GO_TEXT, ours).data.decode() == _GO_NOTE
    assert signers(parsed_note(_GO_NOTE.encode()), [verifier_key(_GO_PUBLIC)]) == {ours.key}


@given(_SEEDS)
def test_keys_come_back_from_their_text(seed: bytes) -> None:
    made = Signer("research/2005", Ed25519PrivateKey.from_private_bytes(seed))
    assert signer(made.text).key == made.key
    assert verifier_key(f"{made.key.text}\n") == made.key


def test_a_fresh_signer_has_a_key_of_its_own() -> None:
    assert new_signer("live").key != new_signer("live").key


def test_signatures_of_unknown_keys_are_kept_and_tolerated() -> None:
    own, witness = _signer("live", 1), _signer("witness.example", 2)
    note = signed_note("live\n1\nAAAA\n", own)
    merged = note.with_signatures([witness.signature(note.text), *note.signatures])
    again = parsed_note(merged.data)
    assert again == merged
    assert len(again.signatures) == 2
    assert signers(again, [own.key]) == {own.key}


def test_a_cosignature_of_a_witness_is_verified_with_its_time() -> None:
    note = signed_note("live\n1\nAAAA\n", _signer("live", 1))
    private = Ed25519PrivateKey.from_private_bytes(bytes([3]) * 32)
    key, signature = _cosignature(note.text, "witness.example", private, 1_700_000_000)
    assert signers(note.with_signatures([signature]), [key]) == {key}
    wrong = Signature(signature.name, signature.key_id, bytes(8) + signature.signature[8:])
    with pytest.raises(LogError, match=r"signature by 'witness\.example'"):
        signers(note.with_signatures([wrong]), [key])


@given(st.data())
def test_a_note_with_any_byte_changed_is_refused(data: st.DataObject) -> None:
    own = _signer("live", 1)
    whole = bytearray(signed_note("live\n7\nAAAA\n", own).data)
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    try:
        found = signers(parsed_note(bytes(whole)), [own.key])
    except LogError:
        return
    assert found == frozenset()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "has 0 signature lines"),
        (b"text\n", "has 0 signature lines"),
        (b"text\n\n", "has 0 signature lines"),
        (b"\xff\n\n", "is not UTF-8 at byte 0"),
        (b"te\x00xt\n\n", "has control characters"),
        ("text\n\n\u2014 name bm90\n".encode(), "signature line .* is broken"),
        ("text\n\n\u2014 name !!!!\n".encode(), "signature line .* is broken"),
        (b"text\n\n- name AAAAAAAA\n", "signature line .* is broken"),
        ("text\n\n\u2014 name AAAAAAAB\n\u2014 x AAAAAAAA".encode(), "not in its one proper form"),
        ("text\n\n\u2014 a+b AAAAAAAA\n".encode(), "'a\\+b' cannot name a key"),
        ("text\n\n" + "\u2014 name AAAAAAAA\n" * 101, "has 101 signature lines, expected 1 to 100"),
    ],
)
def test_bytes_that_are_no_note_are_refused(data: bytes | str, words: str) -> None:
    with pytest.raises(LogError, match=words):
        parsed_note(data.encode() if isinstance(data, str) else data)


def test_base64_with_stray_bits_is_not_another_form_of_the_same_signature() -> None:
    encoded = base64.b64encode(bytes(5)).decode()
    assert encoded == "AAAAAAA="
    with pytest.raises(LogError, match="is broken"):
        parsed_note("text\n\n\u2014 name AAAAAAB=\n".encode())


@pytest.mark.parametrize(
    "text", ["", "name", "name+hash", "live+00000000+AQ==", f"{_GO_PUBLIC[:-4]}AAAA", "a b+0+AA=="]
)
def test_a_text_that_is_no_verifier_key_is_refused(text: str) -> None:
    with pytest.raises(LogError, match=r"is no verifier key|cannot name a key"):
        verifier_key(text)


@pytest.mark.parametrize(
    "text", ["", "PRIVATE+KEY+a+b", _GO_PRIVATE.replace("c74f", "c74e"), f"{_GO_PRIVATE[:-4]}AAA="]
)
def test_a_broken_private_key_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(LogError, match="private key") as raised:
        signer(text)
    assert _GO_PRIVATE[-20:-4] not in str(raised.value)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "tab\t"])
def test_a_name_that_would_break_a_signature_line_is_refused(name: str) -> None:
    with pytest.raises(LogError, match="cannot name a key"):
        new_signer(name)


def test_a_note_is_its_text_a_blank_line_and_its_signatures() -> None:
    note = Note("one\ntwo\n", (Signature("live", b"\x01\x02\x03\x04", b"sig"),))
    assert note.data.decode() == "one\ntwo\n\n\u2014 live AQIDBHNpZw==\n"
