"""Signed notes in the C2SP signed-note format: text, a blank line, and one line for each signature.

A log signs with Ed25519 (algorithm 0x01); witnesses countersign with timestamped Ed25519 (cosignature/v1, 0x04).
Signatures by unknown keys are kept and tolerated; one by a known key that does not verify condemns the note.
https://c2sp.org/signed-note and https://c2sp.org/tlog-cosignature
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from nodes.vocabulary.errors import LogError

ED25519 = 0x01
COSIGNATURE = 0x04
MAX_SIGNATURES = 100
_KEY_ID_BYTES = 4
_KEY_BYTES = 32
_TIMESTAMP_BYTES = 8
_PRIVATE = "PRIVATE+KEY+"
_MARK = "\u2014 "
_MEND = "fetch it again, or restore it from a copy"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name: what signatures are checked against.

    Attributes:
        name: the key's name; a log's key is named as its origin.
        algorithm: ED25519 or COSIGNATURE.
        public: the 32 bytes of the Ed25519 public key.
    """

    name: str
    algorithm: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes by which a signature line names its key."""
        named = self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public
        return hashlib.sha256(named).digest()[:_KEY_ID_BYTES]

    @property
    def text(self) -> str:
        """The key as verifiers take it (vkey): name+hash+base64."""
        return f"{self.name}+{self.key_id.hex()}+{_base64(bytes([self.algorithm]) + self.public)}"

    def accepts(self, text: str, signature: bytes) -> bool:
        """Whether this key made the signature over the note's text."""
        message = text.encode()
        if self.algorithm == COSIGNATURE:
            stamp, signature = signature[:_TIMESTAMP_BYTES], signature[_TIMESTAMP_BYTES:]
            message = b"cosignature/v1\ntime %d\n" % int.from_bytes(stamp, "big") + message
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


def verifier_key(text: str) -> VerifierKey:
    """The key that a vkey text says. Raises LogError when it says none."""
    parts = text.strip().split("+", 2)
    try:
        name, key_id, encoded = parts
        content = _bytes_of_base64(encoded)
    except ValueError as error:
        message = f"{text!r} is no verifier key; write it as name+hash+base64"
        raise LogError(message) from error
    key = VerifierKey(_checked_name(name), content[0] if content else 0, content[1:])
    if key.algorithm not in (ED25519, COSIGNATURE) or len(key.public) != _KEY_BYTES or key.key_id.hex() != key_id:
        message = f"{text!r} is no verifier key: its hash or its kind is wrong; copy it anew from the log's owner"
        raise LogError(message)
    return key


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with its name."""

    name: str
    private: Ed25519PrivateKey

    @property
    def key(self) -> VerifierKey:
        """The key that verifies what this one signs."""
        return VerifierKey(self.name, ED25519, self.private.public_key().public_bytes_raw())

    @property
    def text(self) -> str:
        """The private key as its file holds it: PRIVATE+KEY+name+hash+base64."""
        content = _base64(bytes([ED25519]) + self.private.private_bytes_raw())
        return f"{_PRIVATE}{self.name}+{self.key.key_id.hex()}+{content}"

    def signature(self, text: str) -> Signature:
        """The signature over a note's text."""
        return Signature(self.name, self.key.key_id, self.private.sign(text.encode()))


def new_signer(name: str) -> Signer:
    """A signer with a fresh key."""
    return Signer(_checked_name(name), Ed25519PrivateKey.generate())


def signer(text: str) -> Signer:
    """The signer that a private key's text says. Raises LogError, which never quotes the key."""
    try:
        name, key_id, encoded = text.strip().removeprefix(_PRIVATE).split("+", 2)
        content = _bytes_of_base64(encoded)
        found = Signer(_checked_name(name), Ed25519PrivateKey.from_private_bytes(content[1:]))
    except ValueError as error:
        message = f"text of {len(text)} characters is no private key; restore the key file from a copy"
        raise LogError(message) from error
    if content[0] != ED25519 or found.key.key_id.hex() != key_id:
        message = f"private key of {name!r} has hash {key_id!r}, which is not its own; restore the key file from a copy"
        raise LogError(message)
    return found


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: who signed, and the signature's bytes."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """The line as a note holds it."""
        return f"{_MARK}{self.name} {_base64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a newline, and the signatures over it."""

    text: str
    signatures: tuple[Signature, ...]

    @property
    def data(self) -> bytes:
        """The note's bytes."""
        return (self.text + "\n" + "".join(signature.line for signature in self.signatures)).encode()

    def with_signatures(self, others: Iterable[Signature]) -> Note:
        """The same text with more signatures; those it has already are not repeated."""
        return Note(self.text, tuple(dict.fromkeys((*self.signatures, *others))))


def signed_note(text: str, signed_by: Signer) -> Note:
    """A text with its first signature."""
    return Note(text, (signed_by.signature(text),))


def parsed_note(data: bytes) -> Note:
    """The note that some bytes are, exactly. Raises LogError when they are none. Checks no signature."""
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        message = f"note is not UTF-8 at byte {error.start}; {_MEND}"
        raise LogError(message) from error
    if any(character < " " and character != "\n" for character in whole):
        message = f"note {whole[:40]!r}... has control characters; {_MEND}"
        raise LogError(message)
    text, separator, signatures = whole.rpartition("\n\n")
    lines = signatures.splitlines(keepends=True) if separator else []
    if not 0 < len(lines) <= MAX_SIGNATURES:
        message = f"note {whole[:40]!r}... has {len(lines)} signature lines, expected 1 to {MAX_SIGNATURES}; {_MEND}"
        raise LogError(message)
    note = Note(text + "\n", tuple(_parsed_signature(line) for line in lines))
    if note.data != data:
        message = f"note {whole[:40]!r}... is not in its one proper form; {_MEND}"
        raise LogError(message)
    return note


def _parsed_signature(line: str) -> Signature:
    name, _, encoded = line.removeprefix(_MARK).removesuffix("\n").rpartition(" ")
    try:
        content = _bytes_of_base64(encoded)
    except ValueError as error:
        message = f"signature line {line!r} is broken; {_MEND}"
        raise LogError(message) from error
    if len(content) <= _KEY_ID_BYTES or not line.startswith(_MARK):
        message = f"signature line {line!r} is broken; {_MEND}"
        raise LogError(message)
    return Signature(_checked_name(name), content[:_KEY_ID_BYTES], content[_KEY_ID_BYTES:])


def signers(note: Note, keys: Iterable[VerifierKey]) -> frozenset[VerifierKey]:
    """Which of some keys signed the note. Raises LogError when a signature in the name of one is false."""
    known = {(key.name, key.key_id): key for key in keys}
    found = set()
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is None:
            continue
        if not key.accepts(note.text, signature.signature):
            message = f"signature by {key.name!r} ({key.key_id.hex()}) does not fit the note; {_MEND}"
            raise LogError(message)
        found.add(key)
    return frozenset(found)


def _checked_name(name: str) -> str:
    if not name or "+" in name or any(character.isspace() or not character.isprintable() for character in name):
        message = f"{name!r} cannot name a key; use letters, digits, '/', '-', '.' without spaces or '+'"
        raise LogError(message)
    return name


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes_of_base64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(text) from error
    if _base64(data) != text:
        raise ValueError(text)
    return data
