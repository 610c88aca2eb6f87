# ruff: noqa: INP001  # a file to hand to others, part of no package
"""Check one audit bundle of Assay without Assay: one file, no import of ours.

    python verify_bundle.py BUNDLE.html VKEY [--values] [--extract FOLDER]

VKEY is the log's verifier key (name+hash+base64), which you must have from its owner. Checked are: the signature of the
checkpoint; each entry's place in the tree that it signs; every body against the entry that names it; plan, environment
and trace of each run, computed from all values; the page around the data. A masked value is a salted commitment. Ends
with 0, or with 1, place and reason. Whoever made the bundle drew its page: proved is what is printed here; `--values`
prints every value, `--extract` writes files. Written from RFC 9162, https://c2sp.org/signed-note and tlog-checkpoint,
and docs/bundles.md. Needs Python 3.9, `cryptography`, and zstd: of Python 3.14, of `zstandard`, or of unzstd.py.
"""

from __future__ import annotations

import base64
import importlib
import json
import struct
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

START, END = b'<script type="application/json" id="assay-bundle">', b"</script>"
NAMES = {"bodies", "checkpoint", "entries", "format", "left_out", "page", "traces"}
WHY = {"dropped": "the log dropped it by its retention policy", "masked": "it would tell what is masked"}
MANIFESTS = {"decision": "order_manifest_ref", "plan": "session_manifest_ref"}
HASH_BYTES, WIDTH, PLACE, OUTCOMES = 32, 256, ["the beginning"], ("fails", "holds", "unknown")


class Refused(Exception):  # noqa: N818  # it says what the verifier does
    """Something does not hold; the text says where and what."""


KINDS = (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, MemoryError)
BROKEN = (Refused, struct.error, *KINDS)


def need(holds: bool, place: str, what: str) -> None:  # noqa: FBT001  # the claim itself
    """Raise Refused unless a claim holds."""
    PLACE[0] = place
    if not holds:
        raise Refused(f"{place}: {what}")


def unbase(text: str, place: str) -> bytes:
    """The bytes of a base64 text in its one proper form."""
    data = base64.b64decode(text + "====")  # what is of no alphabet is passed over, and so not in the one proper form
    need(base64.b64encode(data).decode() == text, place, "its base64 is not in the one proper form")
    return data


def decompressed(data: bytes) -> bytes:
    """The content of a zstd frame, by whatever decompresses here."""
    for name in ("compression.zstd", "zstandard", "unzstd"):
        try:
            return bytes(importlib.import_module(name).decompress(data))
        except ImportError:
            continue
        except getattr(sys.modules[name], "ZstdError", ValueError) as error:
            raise Refused(f"zstd: {error}") from None
    raise Refused("zstd: nothing here decompresses; use Python 3.14, install zstandard, or fetch unzstd.py")


def digest(domain: str, *parts: bytes) -> bytes:
    """SHA-256 over the domain's prefix and the length-prefixed parts."""
    framed = b"".join(struct.pack(">Q", len(part)) + part for part in parts)
    return sha256(b"assay/1/" + domain.encode() + b"\x00" + framed).digest()


def read(data: bytes, at: int = 0) -> tuple[Any, int]:
    """The value of canonical bytes at an offset, and where it ends; days and instants are told as numbers."""
    tag, at = data[at : at + 1], at + 1
    if tag in (b"N", b"T", b"F"):
        return {b"N": None, b"T": True, b"F": False}[tag], at
    if tag in (b"D", b"I", b"@", b"d"):
        form = {b"D": ">d", b"d": ">i"}.get(tag, ">q")
        return struct.unpack_from(form, data, at)[0], at + struct.calcsize(form)
    if tag == b"M":
        exponent, count = struct.unpack_from(">qQ", data, at + 1)
        return f"{data[at : at + 1].decode()}{data[at + 17 : at + 17 + count].decode()}e{exponent}", at + 17 + count
    count, at = (2, at) if tag in (b"E", b"X") else (int.from_bytes(data[at : at + 8], "big"), at + 8)
    if tag in (b"U", b"Y", b"J"):
        return (data[at : at + count].decode() if tag == b"U" else data[at : at + count]), at + count
    need(tag in (b"E", b"X", b"L", b"S", b"Q"), "canonical bytes", f"tag {tag!r} at offset {at} is not read here")
    items = []
    for _ in range(count * (2 if tag == b"S" else 1)):
        item, at = read(data, at)
        items.append(item)
    return (dict(zip(items[::2], items[1::2])) if tag == b"S" else tuple(items)), at  # noqa: B905  # Python 3.9


def checkpoint(note: str, vkey: str) -> tuple[str, int, bytes]:
    """Origin, size and root of a checkpoint that the key signed; the note has that signature and no other."""
    name, key_hash, encoded = vkey.strip().split("+", 2)
    key, named = base64.b64decode(encoded), bytes.fromhex(key_hash)
    is_key = key[:1] == b"\x01" and sha256(name.encode() + b"\n" + key).digest()[:4] == named
    need(is_key, "key", f"{vkey} is no Ed25519 verifier key")
    text, mark, line = note.rpartition(f"\n\n\u2014 {name} ")
    need(bool(mark) and line[-1:] == "\n", "checkpoint", f"it is not signed by {name}, or not in its proper form")
    signature = unbase(line[:-1], "checkpoint")
    try:
        need(signature[:4] == named, "checkpoint", f"it is signed by another key of the name {name}")
        Ed25519PublicKey.from_public_bytes(key[1:]).verify(signature[4:], f"{text}\n".encode())
    except InvalidSignature:
        raise Refused(f"checkpoint: the signature of {name} does not fit its text") from None
    origin, size, root = text.splitlines()[:3]
    need(origin == name, "checkpoint", f"it is of {origin}, the key of {name}")
    return origin, int(size), base64.b64decode(root, validate=True)


def root_of(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.3.2: the root that an audit path leads to; nothing when it is no such path."""
    at, last, found = index, size - 1, leaf
    for each in path:
        if at & 1 or at == last:
            found = sha256(b"\x01" + each + found).digest()
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            found = sha256(b"\x01" + found + each).digest()
        at, last = at >> 1, last >> 1
    return found if last == 0 and 0 <= index < size else b""


def commitments_root(leaves: list[bytes]) -> bytes:
    """The root of a tree over commitments, 256 wide."""
    while len(leaves) > WIDTH:
        leaves = [commitments_root(leaves[at : at + WIDTH]) for at in range(0, len(leaves), WIDTH)]
    return sha256(b"\x01" + b"".join(leaves)).digest()


class Run:
    """One run of the bundle: the decision's own or the session's that it came from; checked when it is made."""

    def __init__(self, bundle: Bundle, entry: dict[str, Any]) -> None:
        facts, self.place = entry["facts"], f"entry {entry['index']}"
        self.values: list[tuple[int, dict[str, Any], Any]] = []
        manifest = bundle.content(facts[MANIFESTS[entry["kind"]]])
        plan = read(manifest)[0]
        nodes = [node for node in plan["nodes"] if node["kind"] not in ("parameter", "limit")]
        self.parts = [nodes, [node for node in nodes if node["is_sized"]]]
        self.name, environment = plan["dataflow"], digest("environment", bundle.content(facts["environment_ref"]))
        said = {"dataflow": self.name, "environment_digest": environment, "origin": entry["origin"],
                "plan_digest": digest("plan", manifest), "policy_digest": facts["policy_digest"]}  # fmt: skip
        is_plan = facts["plan_digest"] == said["plan_digest"] and plan["policy_digest"] == facts["policy_digest"]
        need(is_plan, self.place, "its plan is not the one that the entry names, or of another policy")
        trace, salted = bundle.data["traces"].get(facts["trace_ref"].hex()), True
        if trace is None:
            trace, salted = read(bundle.content(facts["trace_ref"]))[0], False
        self.cites = [unbase(each, self.place) for each in trace["cites"]] if salted else trace["cites"]
        texts = [each for name in sorted(said) for each in (name, said[name])]
        coded = [(b"Y", each) if isinstance(each, bytes) else (b"U", each.encode()) for each in texts]
        head = b"S" + struct.pack(">Q", len(said))
        head += b"".join(tag + struct.pack(">Q", len(each)) + each for tag, each in coded)
        hashed = b"assay/1/trace\x00\x03" + (b"S" if salted else b"P") + struct.pack(">Q", len(head)) + head
        hashed += struct.pack(">qI", trace["as_of"], len(self.cites)) + b"".join(self.cites)
        for part, content in enumerate(trace["parts" if salted else "packed"]):
            hashed += self._committed(content, part) if salted else self._packed(content, part)
        holds = sha256(hashed).digest() == facts["trace_digest"]
        need(holds, self.place, "the trace of its values is not the one that the entry names")

    def _packed(self, data: bytes, part: int) -> bytes:
        nodes = self.parts[part]
        slots = -(-len(nodes) // 64) * 8
        absent, at = int.from_bytes(data[:slots], "little"), slots + 8 * len(nodes)
        for number, node in enumerate(nodes):
            shown = data[slots + 8 * number : slots + 8 * number + 8]
            if not absent >> number & 1 and not in_slot(node):
                at, shown = at + int.from_bytes(shown, "little"), data[at : at + int.from_bytes(shown, "little")]
            self.values.append((part, node, None if absent >> number & 1 else shown))
        return struct.pack(">Q", len(data)) + data

    def _committed(self, shown: list[str], part: int) -> bytes:
        leaves = []
        need(len(shown) == len(self.parts[part]), self.place, f"it tells {len(shown)} values in pass {part}")
        for number, (text, node) in enumerate(zip(shown, self.parts[part])):  # noqa: B905
            place, is_masked = f"{self.place}, {node['name']}", text.startswith("masked:")
            data = unbase(text[7:] if is_masked else text, place)
            is_own = data[:1] + data[2:8] == b"\0\0\0" + number.to_bytes(4, "big")
            need(len(data) == HASH_BYTES if is_masked else is_own, place, "its value is of another node")
            leaves.append(data if is_masked else sha256(data).digest())
            self.values.append((part, node, "masked" if is_masked else None if data[1] else data[24:]))
        return b"\x20" + commitments_root(leaves)


class Bundle:
    """A bundle, checked when it is made."""

    def __init__(self, file: bytes, vkey: str) -> None:
        before, mark, rest = file.partition(START)
        text, end, after = rest.partition(END)
        need(bool(mark and end), "file", "it holds no bundle")
        self.data = json.loads(text)
        whole = json.dumps(self.data, sort_keys=True, separators=(",", ":")).replace("<", "\\u003c").encode()
        need(whole == text and set(self.data) == NAMES, "data", "it is not in its one proper form")
        need(self.data["format"] == "assay-bundle/1", "data", f"its format is {self.data['format']}")
        need(sha256(before + mark + end + after).hexdigest() == self.data["page"], "page", "it was changed")
        self.origin, self.size, self.root = checkpoint(self.data["checkpoint"], vkey)
        self.entries = [self._entry(each) for each in self.data["entries"]]
        self._check_decision()  # before anything is decompressed that no entry names
        self.bodies = {ref: self._body(ref, text) for ref, text in self.data["bodies"].items()}
        self.runs = [Run(self, each) for each in self.entries if each["kind"] in MANIFESTS]

    def content(self, ref: bytes) -> bytes:
        """A body's content."""
        need(ref.hex() in self.bodies, f"body {ref.hex()}", "it is missing")
        return self.bodies[ref.hex()]

    def _body(self, ref: str, text: str) -> bytes:
        stored = unbase(text, f"body {ref}")
        need(sha256(stored).hexdigest() == ref, f"body {ref}", "its bytes are not those that the log names")
        return decompressed(stored)

    def _entry(self, given: dict[str, Any]) -> dict[str, Any]:
        place = f"entry {given['index']}"
        data = unbase(given["entry"], place)
        path = [unbase(each, f"{place}, proof") for each in given["proof"]]
        found = root_of(sha256(b"\0" + data).digest(), given["index"], self.size, path)
        need(found == self.root, place, f"it is not in the tree of {self.size} that the checkpoint signs")
        return {**read(data)[0], "index": given["index"], "id": digest("entry", data)}

    def _check_decision(self) -> None:
        first, *others = self.entries
        facts, refs = first["facts"], {ref.hex() for ref in first["bodies"]}
        origin, *named = (each.encode() for each in (self.origin, facts["principal"], facts.get("key", "")))
        said = digest("decision", origin, facts["trace_digest"], *named)
        holds = first["kind"] == "decision" and said == facts["decision_id"]
        need(holds, f"entry {first['index']}", "its decision id is not that of what was decided")
        for each in others:
            is_later = each["facts"].get("decision_id") == facts["decision_id"]
            deciding = [said.get("policy_digest") for said in (each["facts"], each["facts"].get("canary") or {})]
            is_of_policy = each["kind"] == "activation" and facts["policy_digest"] in deciding
            is_cited = each["id"] in first["cites"]
            need(is_later or is_of_policy or is_cited, f"entry {each['index']}", "it has no part in the decision")
            refs |= {ref.hex() for ref in each["bodies"]} if is_cited else set()
        need(len({each["index"] for each in self.entries}) == len(self.entries), "entries", "one is told twice")
        told = [*self.data["bodies"], *self.data["traces"], *self.data["left_out"]]
        need(sorted(told) == sorted(refs), "bodies", "they are not those that the entries name")
        need(set(self.data["left_out"].values()) <= set(WHY), "bodies", "why one is left out is not said")


def in_slot(node: dict[str, Any]) -> bool:
    """Whether a value has eight bytes of its own."""
    return node["kind"] == "rule" or node["base"] in ("float", "int", "bool")


def text_of(node: dict[str, Any], shown: Any) -> str:  # noqa: ANN401  # bytes, None when absent, or the word masked
    """A value as text; of a column, a frame or a struct the digest of its canonical bytes."""
    if shown is None or shown == "masked":
        return shown or "absent"
    if in_slot(node):
        number = struct.unpack("<d" if node["base"] == "float" else "<q", shown)[0]
        return OUTCOMES[number] if node["kind"] == "rule" else repr(number)
    return shown.decode() if node["base"] in ("str", "Decimal") else f"canonical bytes {sha256(shown).hexdigest()}"


def told(bundle: Bundle, *, with_values: bool) -> list[str]:
    """What is proved, in lines."""
    counts = f"{len(bundle.entries)} entries, {len(bundle.bodies)} bodies and {len(bundle.runs)} runs"
    lines = [f"OK: {counts} of {bundle.origin} fit the signed checkpoint of {bundle.size} entries"]
    for entry in bundle.entries:
        at = "" if entry is bundle.entries[0] else f"entry {entry['index']}, {entry['kind']}, "
        lines += [f"{at}{n}: {v.hex() if isinstance(v, bytes) else v}" for n, v in entry["facts"].items()]
    lines += [f"left out: body {ref}, {WHY[why]}" for ref, why in bundle.data["left_out"].items()]
    for run in bundle.runs:
        for part, node, shown in run.values:
            if with_values or shown == "masked":
                lines.append(f"{run.name}, pass {part}, {node['name']} = {text_of(node, shown)}")
    return lines


def line(text: str) -> str:
    """A text in one line of a terminal, which nothing in it can steer."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text) + "\n"


def main(arguments: list[str]) -> int:
    """Run from the command line."""
    try:
        bundle = Bundle(Path(arguments[0]).read_bytes(), arguments[1])
        lines = told(bundle, with_values="--values" in arguments)
        at = arguments.index("--extract") + 1 if "--extract" in arguments else 0
        for ref, content in bundle.bodies.items() if at else ():
            Path(arguments[at]).mkdir(parents=True, exist_ok=True)
            Path(arguments[at], ref).write_bytes(content)
    except BROKEN as error:
        sys.stderr.write(line(f"REFUSED: {error if isinstance(error, Refused) else f'after {PLACE[0]}: {error!r}'}"))
        return 1
    sys.stdout.writelines(map(line, lines))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
