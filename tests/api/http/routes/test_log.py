"""The log over HTTP serves other people's verifiers: C2SP tiles and checkpoints, RFC 6962 proofs (API-SIG-09)."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from pymerkle.core import _inclusion_path_layout
from pymerkle.proof import InclusionProof

from governance.proofs import check_consistency
from governance.tiles import tile_names
from nodes.vocabulary.canonical import digest_from_text
from tests.api.http.serving import Served, problem_slug

LOG = "/internal/log"
VERIFIER = Path(__file__).resolve().parents[4] / "docs" / "verifier" / "verify_proof.py"


@pytest.fixture(scope="module")
def size(home: Served) -> int:
    """The size that a checkpoint was just made of."""
    home.ordered(symbol="AAPL", qty="60", account_id="second")
    answer = home.post(f"{LOG}/checkpoint")
    assert answer.status_code == 200, answer.text
    return int(answer.json()["size"])


def said(*arguments: object) -> tuple[int, str]:
    """What the verifier that shares no code with us says."""
    command = [sys.executable, "-I", str(VERIFIER), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # this Python, our file
    return done.returncode, done.stdout + done.stderr


def downloaded(home: Served, folder: Path, size: int) -> Path:
    """The log as anyone fetches it: the checkpoint and every tile under it."""
    for path in ("checkpoint", *(name.path for name in tile_names(0, size))):
        answer = home.get(f"{LOG}/{path}")
        assert answer.status_code == 200, path
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(answer.content)
    return folder


def verifier_key(home: Served) -> str:
    return str(home.get(LOG).json()["verifier_key"])


def test_the_second_verifier_accepts_the_log_that_http_serves(home: Served, size: int, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.write_bytes(home.get(f"{LOG}/checkpoint").content)
    home.ordered(symbol="AAPL", qty="60", account_id="second")
    grown = home.post(f"{LOG}/checkpoint").json()["size"]
    assert grown > size
    status, words = said("folder", downloaded(home, tmp_path / "log", grown), verifier_key(home), old)
    assert (status, words[:3]) == (0, "OK:"), words
    assert f"it extends the checkpoint of {size} entries" in words


def test_the_second_verifier_accepts_a_proof_that_http_serves(home: Served, size: int, tmp_path: Path) -> None:
    file = tmp_path / "proof.json"
    proof = home.get(f"{LOG}/proofs/inclusion", params={"sequence": 1, "size": size})
    file.write_bytes(proof.content)
    assert said("proof", file, verifier_key(home))[0] == 0
    file.write_text(json.dumps(proof.json() | {"index": 2}))
    assert said("proof", file, verifier_key(home))[0] == 1


def test_pymerkle_accepts_a_proof_that_http_serves(home: Served, size: int) -> None:
    for index in range(size):
        told = home.get(f"{LOG}/proofs/inclusion", params={"sequence": index, "size": size}).json()
        entry = home.get(f"{LOG}/entries/{index}/data").content
        leaf = sha256(b"\x00" + entry).digest()
        rule, _ = _inclusion_path_layout(index + 1, size)
        path = [leaf, *(base64.b64decode(each) for each in told["proof"])]
        proof = InclusionProof("sha256", security=True, size=size, index=index + 1, rule=rule, path=path)
        proof.verify(leaf, digest_from_text(told["root"]))


def test_a_log_is_shown_to_have_only_grown(home: Served, size: int) -> None:
    for older in range(1, size + 1):
        told = home.get(f"{LOG}/proofs/consistency", params={"from": older, "to": size}).json()
        roots = (digest_from_text(told["from_root"]), digest_from_text(told["to_root"]))
        check_consistency(older, size, [base64.b64decode(each) for each in told["proof"]], *roots)


def test_the_state_says_what_a_verifier_starts_with(home: Served, size: int) -> None:
    state = home.get(LOG).json()
    assert (state["origin"], state["checkpoint"]["signers"]) == ("paper", ["paper"])
    assert state["size"] >= size
    assert state["verifier_key"].startswith("paper+")


def test_the_state_as_of_an_instant_is_what_the_log_was_then(home: Served, size: int) -> None:
    first = home.get(f"{LOG}/entries/0").json()
    state = home.get(LOG, params={"as_of": first["recorded_at"]}).json()
    assert 1 <= state["size"] < size
    assert state["checkpoint"] is None
    assert state["root"] == home.get(f"{LOG}/proofs/consistency", params={"from": state["size"]}).json()["from_root"]
    assert home.get(LOG, params={"as_of": "2001-01-01T00:00:00Z"}).json()["size"] == 0


def test_entries_come_in_the_order_of_the_log_page_by_page(home: Served, size: int) -> None:
    seen: list[int] = []
    after: int | None = -1
    while after is not None and len(seen) < size:
        page = home.get(f"{LOG}/entries", params={"after": after, "limit": 3}).json()
        seen += [entry["sequence"] for entry in page["entries"]]
        after = page["next_after"]
    assert seen[:size] == list(range(size))


def test_a_cursor_holds_on_to_the_kinds_that_were_asked_for(home: Served, size: int) -> None:
    assert size > 4
    asked: dict[str, Any] = {"kind": ["genesis", "plan"], "limit": 1}
    first = home.get(f"{LOG}/entries", params=asked).json()
    second = home.get(f"{LOG}/entries", params=asked | {"cursor": first["next_cursor"]}).json()
    assert [entry["kind"] for page in (first, second) for entry in page["entries"]] == ["genesis", "plan"]
    answer = home.get(f"{LOG}/entries", params={"cursor": first["next_cursor"]})
    assert (answer.status_code, problem_slug(answer)) == (422, "invalid")


def test_what_never_changes_may_be_kept_for_ever(home: Served, size: int) -> None:
    for path in ("entries/0", "entries/0/data", f"tile/0/000.p/{size}", f"tile/entries/000.p/{size}"):
        assert "immutable" in home.get(f"{LOG}/{path}").headers["cache-control"]
    checkpoint = home.get(f"{LOG}/checkpoint")
    assert checkpoint.headers["cache-control"] == "no-store"
    assert checkpoint.headers["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    "path",
    ["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1", "tile/0/0", "tile/x/000", "tile/0/000.p/999", "entries/9999"],
)
def test_what_the_log_does_not_have_is_not_found(home: Served, path: str) -> None:
    answer = home.get(f"{LOG}/{path}")
    assert (answer.status_code, problem_slug(answer)) == (404, "not-found")


@pytest.mark.parametrize(
    "path",
    [
        "inclusion?sequence=3&size=2",
        "inclusion?sequence=0&size=99999",
        "consistency?from=3&to=2",
        "consistency?from=1&to=99999",
    ],
)
def test_sizes_that_no_tree_has_are_invalid_together(home: Served, path: str) -> None:
    answer = home.get(f"{LOG}/proofs/{path}")
    assert (answer.status_code, problem_slug(answer)) == (422, "invalid")


@pytest.mark.parametrize(
    "path",
    [
        "proofs/inclusion",
        "proofs/consistency?to=3",
        "proofs/consistency?from=0",
        "entries?kind=nonsense",
        "entries?after=-2",
    ],
)
def test_what_cannot_be_proved_or_listed_is_refused(home: Served, path: str) -> None:
    answer = home.get(f"{LOG}/{path}")
    assert (answer.status_code, problem_slug(answer)) == (400, "bad-request")


def test_checkpoints_are_listed_largest_first(home: Served, size: int) -> None:
    home.ordered(symbol="AAPL", qty="60", account_id="second")
    home.post(f"{LOG}/checkpoint")
    sizes, cursor = [], None
    while True:
        page = home.get(f"{LOG}/checkpoints", params={"limit": 1, **({"cursor": cursor} if cursor else {})}).json()
        sizes += [row["size"] for row in page["checkpoints"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sizes == sorted(set(sizes), reverse=True)
    assert size in sizes


def test_only_an_operator_signs(home: Served) -> None:
    answer = home.client.post(f"{LOG}/checkpoint", headers=home.headers("audit:read"))
    assert (answer.status_code, problem_slug(answer)) == (403, "forbidden")
