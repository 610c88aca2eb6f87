"""Archived sources run in a process of their own, before any other code of the same name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from adapters.archived_code import ChildProcess
from nodes.vocabulary.canonical import decode, encode
from nodes.vocabulary.errors import EdgeError, LogError

JOB = encode({"policy": b"", "session_manifest": b"", "order_manifest": b"", "runs": ()})
NODES = Path(__file__).parents[2] / "nodes"


def _sources(**changed: str) -> Mapping[str, str]:
    """The vocabulary and kernels of today, by module, with some texts in place of theirs."""
    found = {}
    for file in NODES.rglob("*.py"):
        name = ".".join(file.relative_to(NODES.parent).with_suffix("").parts)
        found[name] = file.read_text(encoding="utf-8")
    return found | {name.replace("__dot__", "."): text for name, text in changed.items()}


def test_a_job_that_makes_no_plan_is_answered_with_what_is_missing() -> None:
    answer = decode(ChildProcess().answer(_sources(), JOB))
    assert answer["answers"] == ()
    assert answer["missing"].startswith("PolicyError: ")


def test_archived_modules_stand_before_those_of_today() -> None:
    errors = (NODES / "vocabulary" / "errors.py").read_text(encoding="utf-8")
    archived = errors + "\n\nPolicyError.__name__ = 'ArchivedPolicyError'\n"
    answer = decode(ChildProcess().answer(_sources(nodes__dot__vocabulary__dot__errors=archived), JOB))
    assert answer["missing"].startswith("ArchivedPolicyError: ")


def test_archived_code_that_does_not_import_ends_in_an_error_that_says_so() -> None:
    broken = _sources(nodes__dot__vocabulary__dot__errors="raise SystemExit('no such luck')\n")
    with pytest.raises(EdgeError, match="replay with archived code ended with 1: no such luck"):
        ChildProcess().answer(broken, JOB)


@pytest.mark.parametrize("name", ["../outside", "nodes/../../x", "nodes..x", ""])
def test_a_source_whose_name_is_no_module_is_refused(name: str) -> None:
    with pytest.raises(LogError, match="is no module name; verify the log"):
        ChildProcess().answer({name: "x = 1\n"}, JOB)
