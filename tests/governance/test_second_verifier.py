"""The verifier that shares no code with us (docs/verifier): it must say of every log and proof what we say."""

from __future__ import annotations

import ast
import base64
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.log_folder import LogFolder
from governance.proofs import consistency_proof, inclusion_proof
from tests.governance.examples import ListedHashes, append_decisions, filled

_FILE = Path(__file__).resolve().parents[2] / "docs" / "verifier" / "verify_proof.py"


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_proof", _FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_VERIFIER = _loaded()
_SOURCE = ListedHashes(700)


def _run(*arguments: object) -> tuple[int, str]:
    command = [sys.executable, "-I", str(_FILE), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # this Python, our file
    return done.returncode, done.stdout + done.stderr


def test_it_imports_nothing_of_ours_and_is_short_enough_to_read() -> None:
    text = _FILE.read_text()
    imports = {name.split(".")[0] for node in ast.walk(ast.parse(text)) for name in _imported(node)}
    assert imports == {"__future__", "base64", "json", "sys", "hashlib", "pathlib", "cryptography"}
    assert len(text.splitlines()) < 300


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def _bytes(texts: Any) -> list[bytes]:
    return [base64.b64decode(text) for text in texts or ()]


def _is_accepted(case: dict[str, Any]) -> bool:
    proof = _bytes(case["proof"])
    if "leafIdx" in case:
        root, leaf = _bytes([case["root"], case["leafHash"]])
        return bool(_VERIFIER.inclusion_holds(case["leafIdx"], case["treeSize"], leaf, proof, root))
    roots = _bytes([case["root1"], case["root2"]])
    return bool(_VERIFIER.consistency_holds(case["size1"], case["size2"], *roots, proof))


@pytest.mark.shared_data
@pytest.mark.parametrize("kind", ["inclusion", "consistency"])
def test_it_judges_every_public_vector_right(shared_data: Path, kind: str) -> None:
    """ENG-04: public conformance vectors."""
    cases = json.loads((shared_data / "merkle_vectors.json").read_text())["cases"][kind]
    assert [case["case"] for case in cases if _is_accepted(case) == case["wantErr"]] == []


@given(st.data())
def test_it_accepts_our_proofs_and_no_other(data: st.DataObject) -> None:
    """ENG-04: a verifier that shares no code with us."""
    size = data.draw(st.integers(1, 700))
    index, old_size = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    root, old_root = _SOURCE.frontiers[size].root, _SOURCE.frontiers[old_size].root
    path, proof = list(inclusion_proof(_SOURCE, index, size)), list(consistency_proof(_SOURCE, old_size, size))
    assert _VERIFIER.root_of_leaves(_SOURCE.leaves[:size]) == root
    assert _VERIFIER.inclusion_holds(index, size, _SOURCE.leaves[index], path, root)
    assert _VERIFIER.consistency_holds(old_size, size, old_root, root, proof)
    assert not _VERIFIER.inclusion_holds(index, size, _SOURCE.leaves[index], [*path, root], root)
    assert not _VERIFIER.consistency_holds(old_size, size, old_root, root, [*proof, root])
    assert not _VERIFIER.inclusion_holds(index, size, bytes(32), path, root)


@pytest.fixture
def folder(tmp_path: Path) -> LogFolder:
    """A published log of more than one tile."""
    folder = filled(tmp_path / "log", 300)
    folder.checkpoint()
    return folder


def test_it_accepts_a_published_log_and_a_checkpoint_kept_from_before(folder: LogFolder, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes((folder.path / "public" / "checkpoint").read_bytes())
    append_decisions(folder, 300)
    folder.checkpoint()
    status, said = _run("folder", folder.path / "public", folder.key.text, kept)
    assert (status, said[:34]) == (0, "OK: checkpoint of 600 entries is s")
    assert "it extends the checkpoint of 300 entries" in said


@pytest.mark.parametrize("name", ["tile/0/000", "tile/1/000.p/1", "tile/entries/001.p/44", "checkpoint"])
def test_it_refuses_a_published_log_with_a_byte_changed(folder: LogFolder, name: str) -> None:
    file = folder.path / "public" / name
    content = bytearray(file.read_bytes())
    content[20] ^= 1
    file.write_bytes(content)
    status, said = _run("folder", folder.path / "public", folder.key.text)
    assert (status, said[:9]) == (1, "REFUSED: ")


def test_it_refuses_a_log_that_does_not_hold_what_it_held(folder: LogFolder, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes((folder.path / "public" / "checkpoint").read_bytes())
    other = filled(tmp_path / "other", 5)
    other.checkpoint()
    status, said = _run("folder", tmp_path / "other" / "public", other.key.text, kept)
    assert status == 1
    assert "is not signed by paper" in said


def test_it_checks_the_proof_of_one_entry(folder: LogFolder, tmp_path: Path) -> None:
    with folder.store.reader() as reader:
        (record,) = reader.records(123, 124)
        path = inclusion_proof(reader, 123, 300)
    proof = {
        "checkpoint": (folder.path / "public" / "checkpoint").read_text(),
        "index": 123,
        "entry": base64.b64encode(record.data).decode(),
        "proof": [base64.b64encode(each).decode() for each in path],
    }
    (tmp_path / "proof.json").write_text(json.dumps(proof))
    assert _run("proof", tmp_path / "proof.json", folder.key.text)[0] == 0
    (tmp_path / "proof.json").write_text(json.dumps({**proof, "index": 124}))
    assert _run("proof", tmp_path / "proof.json", folder.key.text) == (
        1,
        "REFUSED: the entry is not number 124 of the 300 that the checkpoint covers\n",
    )
