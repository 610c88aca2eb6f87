# ruff: noqa: INP001  # a file to hand to others, part of no package
"""Check an Assay log without Assay: one file, no import of ours, written from the public specifications alone.

    python verify_proof.py folder PUBLIC VKEY [OLD_CHECKPOINT]
    python verify_proof.py proof PROOF.json VKEY

`folder` reads what a log publishes (checkpoint and tiles), checks the checkpoint's signature, recomputes its root
from every entry, compares every tile on the way, and, given a checkpoint that you kept, shows that the log still
holds what it held then. `proof` checks one entry: a JSON object with `checkpoint` (the note's text), `index`,
`entry` and `proof` (base64). VKEY is the log's verifier key (name+hash+base64), which you must have from its owner.
Ends with status 0 when everything holds, and 1 with the reason when it does not.

Specifications: RFC 9162 section 2.1 (the tree and its proofs, as in RFC 6962), https://c2sp.org/signed-note,
https://c2sp.org/tlog-checkpoint and https://c2sp.org/tlog-tiles. Needs Python 3.9 and `cryptography`.
"""

from __future__ import annotations

import base64
import json
import sys
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HASH_BYTES = 32
TILE_WIDTH = 256


class Refused(Exception):  # noqa: N818  # it says what the verifier does
    """Something does not hold; the text says what."""


def leaf_hash(entry: bytes) -> bytes:
    """RFC 9162 section 2.1.1: SHA-256(0x00 || entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 9162 section 2.1.1: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def root_of_leaves(leaves: list[bytes]) -> bytes:
    """Root of a tree, level by level: an odd node moves up as it is."""
    if not leaves:
        return sha256(b"").digest()
    level = leaves
    while len(level) > 1:
        pairs = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]


def inclusion_holds(index: int, size: int, leaf: bytes, proof: list[bytes], root: bytes) -> bool:
    """RFC 9162 section 2.1.3.2, word for word."""
    if not 0 <= index < size or not _are_hashes(leaf, root, *proof):
        return False
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def consistency_holds(first: int, second: int, first_root: bytes, second_root: bytes, proof: list[bytes]) -> bool:
    """RFC 9162 section 2.1.4.2, word for word; nothing is shown to extend the empty tree."""
    if not 0 < first <= second or not _are_hashes(first_root, second_root, *proof):
        return False
    if first == second:
        return not proof and first_root == second_root
    path = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not path:
        return False
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == first_root and sr == second_root


def checkpoint(note: bytes, vkey: str) -> tuple[int, bytes]:
    """Size and root of a checkpoint that the key signed. Raises Refused when it did not."""
    name, key_hash, encoded = vkey.strip().split("+", 2)
    key = base64.b64decode(encoded)
    if key[:1] != b"\x01" or sha256(name.encode() + b"\n" + key).digest()[:4].hex() != key_hash:
        raise Refused(f"{vkey} is no Ed25519 verifier key; ask the log's owner for it")
    text, _, signatures = note.decode().rpartition("\n\n")
    text += "\n"
    if not any(_is_signed(text, line, name, key) for line in signatures.splitlines()):
        raise Refused(f"the checkpoint is not signed by {name}")
    origin, size, root = text.splitlines()[:3]
    if origin != name:
        raise Refused(f"the checkpoint is of {origin}, the key of {name}")
    return int(size), base64.b64decode(root, validate=True)


def verify_folder(public: Path, vkey: str, old_note: bytes | None = None) -> str:
    """Check everything that a log publishes; what was found, in words. Raises Refused when something is wrong."""
    size, root = checkpoint((public / "checkpoint").read_bytes(), vkey)
    leaves = [leaf_hash(entry) for index in range(-(-size // TILE_WIDTH)) for entry in _bundle(public, index, size)]
    if root_of_leaves(leaves) != root:
        raise Refused(f"the {size} published entries do not have the root that the checkpoint signs")
    _check_tiles(public, leaves)
    found = f"checkpoint of {size} entries is signed and its root is that of the published entries and tiles"
    if old_note is not None:
        old_size, old_root = checkpoint(old_note, vkey)
        if old_size > size or root_of_leaves(leaves[:old_size]) != old_root:
            raise Refused(f"the log does not hold what it held at {old_size} entries: it was rewritten or cut")
        found += f"; it extends the checkpoint of {old_size} entries"
    return found


def verify_proof(proof: dict[str, object], vkey: str) -> str:
    """Check one entry's proof; what was found, in words. Raises Refused when it does not hold."""
    size, root = checkpoint(str(proof["checkpoint"]).encode(), vkey)
    path = [base64.b64decode(each, validate=True) for each in proof["proof"]]  # type: ignore[attr-defined]  # JSON
    entry, index = base64.b64decode(str(proof["entry"]), validate=True), int(str(proof["index"]))
    if not inclusion_holds(index, size, leaf_hash(entry), path, root):
        raise Refused(f"the entry is not number {index} of the {size} that the checkpoint covers")
    return f"the entry is number {index} of the {size} that the checkpoint covers"


def _are_hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in values)


def _is_signed(text: str, line: str, name: str, key: bytes) -> bool:
    mark, _, encoded = line.rpartition(" ")
    signature = base64.b64decode(encoded)
    key_id = sha256(name.encode() + b"\n" + key).digest()[:4]
    if mark != f"\u2014 {name}" or signature[:4] != key_id:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key[1:]).verify(signature[4:], text.encode())
    except InvalidSignature:
        raise Refused(f"the signature of {name} does not fit the checkpoint") from None
    return True


def _path(public: Path, level: str, index: int, width: int) -> Path:
    digits = str(index).zfill(-(-len(str(index)) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    full = public / "tile" / level / "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    partial = full.with_name(f"{full.name}.p") / str(width)
    return partial if width < TILE_WIDTH and not full.exists() else full


def _bundle(public: Path, index: int, size: int) -> list[bytes]:
    width = min(TILE_WIDTH, size - index * TILE_WIDTH)
    content = _path(public, "entries", index, width).read_bytes()
    entries: list[bytes] = []
    while content and len(entries) < width:
        length = int.from_bytes(content[:2], "big")
        entries.append(content[2 : 2 + length])
        content = content[2 + length :]
    return entries


def _check_tiles(public: Path, leaves: list[bytes]) -> None:
    level, hashes = 0, leaves
    while hashes:
        for index in range(-(-len(hashes) // TILE_WIDTH)):
            part = hashes[index * TILE_WIDTH : (index + 1) * TILE_WIDTH]
            path = _path(public, str(level), index, len(part))
            if path.read_bytes()[: len(part) * HASH_BYTES] != b"".join(part):
                raise Refused(f"{path} does not fit the entries")
        whole = [hashes[at : at + TILE_WIDTH] for at in range(0, len(hashes) // TILE_WIDTH * TILE_WIDTH, TILE_WIDTH)]
        level, hashes = level + 1, [root_of_leaves(part) for part in whole]


def main(arguments: list[str]) -> int:
    """Run from the command line."""
    try:
        command, path, vkey, *old = arguments
        if command == "folder":
            found = verify_folder(Path(path), vkey, Path(old[0]).read_bytes() if old else None)
        else:
            found = verify_proof(json.loads(Path(path).read_text()), vkey)
    except (Refused, OSError, ValueError, KeyError) as error:
        sys.stderr.write(f"REFUSED: {error}\n")
        return 1
    sys.stdout.write(f"OK: {found}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
