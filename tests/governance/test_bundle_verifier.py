"""The verifiers that are handed out with bundles: short, with nothing of ours, and run as others run them."""

from __future__ import annotations

import ast
import base64
import json
import random
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from governance.bundle import END, START, bundle_data, bundle_file
from tests.governance.bundle_examples import PAGE, VERIFIERS, DecidedHome, clipped, decided, runs_of, verifier

__all__ = ["decided"]
LEVELS = (-1, 1, 3, 9, 19)


@pytest.fixture(scope="module")
def file(decided: DecidedHome, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("bundle") / "bundle.html"
    with decided.store.reader() as reader:
        target.write_bytes(bundle_file(PAGE, bundle_data(reader, runs_of(reader, clipped(reader)))))
    return target


def test_it_imports_nothing_of_ours_and_is_short_enough_to_read() -> None:
    """ENG-09: under 300 lines, standard library plus a signature check."""
    text = (VERIFIERS / "verify_bundle.py").read_text()
    assert _imports(text) == {
        "__future__", "base64", "importlib", "json", "struct", "sys", "hashlib", "pathlib", "typing", "cryptography"
    }  # fmt: skip
    assert len(text.splitlines()) < 300
    assert _imports((VERIFIERS / "unzstd.py").read_text()) == {"__future__", "sys", "itertools", "pathlib"}


def _imports(text: str) -> set[str]:
    found = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = [[each.name for each in node.names] if isinstance(node, ast.Import) else [node.module] for node in found]
    return {str(name).split(".")[0] for group in names for name in group}


def test_it_runs_with_the_decompressor_beside_it_alone_and_writes_what_it_proved(
    file: Path,
    decided: DecidedHome,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """ENG-09: with this Python, a signature check and the two files."""
    monkeypatch.setitem(sys.modules, "zstandard", None)
    monkeypatch.syspath_prepend(str(VERIFIERS))
    assert verifier().main([str(file), decided.vkey, "--extract", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out.startswith("OK: ")
    with decided.store.reader() as reader:
        facts = clipped(reader).entry.facts
        assert (tmp_path / "out" / facts["policy_ref"].hex()).read_bytes() == reader.body(facts["policy_ref"])


def test_it_ends_with_one_and_says_where_a_byte_was_changed(
    file: Path, decided: DecidedHome, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """ENG-09: refused, saying where."""
    changed = tmp_path / "changed.html"
    changed.write_bytes(file.read_bytes().replace(b"Its end", b"its end"))
    assert verifier().main([str(changed), decided.vkey]) == 1
    assert capsys.readouterr().err == "REFUSED: page: it was changed\n"
    changed.write_bytes(file.read_bytes().replace(b'"index":', b'"index":.', 1))
    assert verifier().main([str(changed), decided.vkey]) == 1
    assert capsys.readouterr().err.startswith("REFUSED: after file: JSONDecodeError(")


def _altered(file: Path, change: Callable[[dict[str, Any]], object]) -> bytes:
    """The bundle after a change of its data, in the one proper form again."""
    before, mark, rest = file.read_bytes().partition(START.encode())
    text, end, after = rest.partition(END.encode())
    data = json.loads(text)
    change(data)
    whole = json.dumps(data, sort_keys=True, separators=(",", ":")).replace("<", "\\u003c").encode()
    return before + mark + whole + end + after


def _with_body(data: dict[str, Any], body: bytes) -> None:
    data["bodies"][sha256(body).hexdigest()] = base64.b64encode(body).decode()


def test_a_body_that_no_entry_names_is_refused_before_it_is_decompressed(file: Path, decided: DecidedHome) -> None:
    """ENG-09: a bomb put into a genuine bundle never goes off."""
    bomb = b"no zstd, so that whoever decompressed it would say so"
    check = verifier()
    with pytest.raises(check.Refused, match="bodies: they are not those that the entries name"):
        check.Bundle(_altered(file, lambda data: _with_body(data, bomb)), decided.vkey)


def test_an_entry_that_is_told_twice_is_refused(file: Path, decided: DecidedHome) -> None:
    """ENG-09: a fill that stands there twice would be read as two."""
    check = verifier()
    with pytest.raises(check.Refused, match="entries: one is told twice"):
        check.Bundle(_altered(file, lambda data: data["entries"].append(data["entries"][-1])), decided.vkey)


def test_hostile_files_are_refused_in_one_plain_line(
    file: Path, decided: DecidedHome, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """ENG-09: neither nesting nor control characters get through to the terminal."""
    nested = tmp_path / "nested.html"
    nested.write_bytes(START.encode() + b"[" * 200_000 + END.encode())
    assert verifier().main([str(nested), decided.vkey]) == 1
    assert capsys.readouterr().err.startswith("REFUSED: after file: RecursionError(")
    steering = tmp_path / "steering.html"
    steering.write_bytes(_altered(file, lambda data: data.update(format="\x1b[2J\nOK: all is well")))
    assert verifier().main([str(steering), decided.vkey]) == 1
    assert capsys.readouterr().err == "REFUSED: data: its format is \\x1b[2J\\nOK: all is well\n"


def test_what_came_of_the_decision_is_told_too(file: Path, decided: DecidedHome) -> None:
    """ENG-09: what is proved is what is printed, so the facts of every entry are."""
    check = verifier()
    bundle = check.Bundle(file.read_bytes(), decided.vkey)
    lines = check.told(bundle, with_values=False)
    for entry in bundle.entries[1:]:
        assert any(each.startswith(f"entry {entry['index']}, {entry['kind']}, ") for each in lines)


def test_folder_and_bodies_are_written_or_the_reason_is_said(
    file: Path, decided: DecidedHome, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("a file")
    for target in ([str(tmp_path / "taken")], []):
        assert verifier().main([str(file), decided.vkey, "--extract", *target]) == 1
        assert capsys.readouterr().err.startswith("REFUSED: after ")


def test_without_anything_that_decompresses_it_says_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("compression.zstd", "zstandard", "unzstd"):
        monkeypatch.setitem(sys.modules, name, None)
    check = verifier()
    with pytest.raises(check.Refused, match=r"use Python 3\.14, install zstandard, or fetch unzstd\.py"):
        check.decompressed(b"")


@pytest.mark.parametrize("level", LEVELS)
def test_the_decompressor_reads_what_zstd_writes(level: int) -> None:
    """ENG-09: every kind of block, of literals and of table."""
    drawn = random.Random(level)  # examples, not secrets
    texts = [
        b"",
        b"a",
        bytes([7]) * 1000,
        drawn.randbytes(5000),
        bytes(drawn.choices(b"abcdefgh    ", k=4000)),
        b"the quick brown fox " * 300,
        Path(__file__).read_bytes() * 2,
    ]
    compressor = zstandard.ZstdCompressor(level=level)
    assert [verifier("unzstd").decompress(compressor.compress(text)) for text in texts] == texts


@given(st.binary(max_size=200).flatmap(lambda part: st.integers(1, 40).map(lambda count: part * count)))
def test_the_decompressor_reads_whatever_was_compressed(text: bytes) -> None:
    compressed = zstandard.ZstdCompressor(level=19).compress(text)
    assert verifier("unzstd").decompress(compressed) == text


@pytest.mark.parametrize("data", [b"", b"no frame at all", zstandard.compress(b"abc" * 99)[:12]])
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    module = verifier("unzstd")
    with pytest.raises(module.NoZstd, match=r"no zstd frame|the frame is broken"):
        module.decompress(data)


def test_literals_without_a_table_end() -> None:
    """Symbols that take no bits would be read for ever."""
    module = verifier("unzstd")
    frame = b"\x28\xb5\x2f\xfd\x20\x05" + (7 << 3 | 2 << 1 | 1).to_bytes(3, "little")
    with pytest.raises(module.NoZstd, match="literals without a table"):
        module.decompress(frame + (3 | 5 << 4 | 4 << 14).to_bytes(3, "little") + b"\xff\xff\xff\xff")
