from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.api.cli.invoking import answer, invoked, json_answer

VERIFIER = Path(__file__).resolve().parents[3] / "docs" / "verifier" / "verify_proof.py"


def test_entries_are_printed_page_by_page(home: str) -> None:
    first = json_answer("log", "entries", "-n", "2", "--home", home)
    second = json_answer("log", "entries", "-n", "2", "--after", str(first["next_after"]), "--home", home)
    assert [entry["sequence"] for page in (first, second) for entry in page["entries"]] == [0, 1, 2, 3]


def test_the_second_verifier_accepts_a_printed_proof(home: str, tmp_path: Path) -> None:
    file = tmp_path / "proof.json"
    file.write_text(answer("log", "proof", "latest", "--home", home, "--json"))
    key = (Path(home) / "key.pub").read_text().strip()
    command = [sys.executable, "-I", str(VERIFIER), "proof", str(file), key]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # this Python, our file
    assert done.returncode == 0, done.stdout


def test_a_proof_of_growth_is_printed(home: str) -> None:
    found = json_answer("log", "consistency", "2", "5", "--home", home)
    assert (found["from_size"], found["to_size"]) == (2, 5)
    assert invoked("log", "consistency", "5", "2", "--home", home).exit_code == 14


def test_the_tail_prints_one_entry_a_line_from_a_place_on(home: str) -> None:
    lines = answer("log", "tail", "--after", "-1", "--no-follow", "--home", home, "--json").splitlines()
    assert [json.loads(line)["sequence"] for line in lines] == list(range(len(lines)))
    kinds = answer(
        "log", "tail", "--after", "-1", "--kind", "plan", "--no-follow", "--home", home, "--json"
    ).splitlines()
    assert {json.loads(line)["kind"] for line in kinds} == {"plan"}
    assert answer("log", "tail", "--no-follow", "--home", home) == ""


def test_people_read_entries_and_proofs_as_tables(home: str) -> None:
    assert "more follow: --after 1" in answer("log", "entries", "-n", "2", "--home", home)
    assert "genesis" in answer("log", "tail", "--after", "-1", "--no-follow", "--home", home)
    assert "leaf hash" in answer("log", "proof", "latest", "--home", home)
    assert "from root" in answer("log", "consistency", "2", "5", "--home", home)
