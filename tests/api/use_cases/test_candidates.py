"""What trying a candidate shows, here and as a child process tells it."""

from __future__ import annotations

import pytest

from api.use_cases.candidates import CandidateFiles, Trial, files_bytes, tried, tried_by, tried_bytes
from policies.document import MAX_BYTES
from tests.api.use_cases.homes import POLICY
from tests.api.use_cases.policies_at import CASES

GOOD = CandidateFiles(POLICY.read_bytes(), "folder/v1.yaml", CASES)


def test_a_good_candidate_is_known_by_the_digests_of_what_it_compiles_to() -> None:
    trial = tried(GOOD)
    assert trial.faults == ()
    assert {len(trial.policy_digest), len(trial.session_plan_digest), len(trial.order_plan_digest)} == {32}
    assert trial.n_cases > 14


def test_what_a_child_answers_is_what_would_be_found_here() -> None:
    ask = tried_by(tried_bytes)
    broken = CandidateFiles(GOOD.text.replace(b"then: review", b"then: reveiw"), "v1.yaml", CASES)
    for files in (GOOD, broken, CandidateFiles(GOOD.text, "v1.yaml"), CandidateFiles(b"\xff", "v1.yaml", b"")):
        assert ask(files) == tried(files)
    assert isinstance(tried_bytes(files_bytes(GOOD)), bytes)


@pytest.mark.parametrize(
    ("files", "what"),
    [
        (CandidateFiles(GOOD.text, "folder/v1.yaml"), "folder/v1.cases.yaml is missing"),
        (CandidateFiles(GOOD.text, "v1.yaml", b"- 5"), "0 was no mapping"),
        (CandidateFiles(b"", "v1.yaml", CASES), "empty"),
        (CandidateFiles(b"", "v1.yaml", problem="v1.yaml cannot be read; mend it"), "v1.yaml cannot be read"),
    ],
)
def test_what_is_wrong_is_a_fault_and_never_raised(files: CandidateFiles, what: str) -> None:
    trial = tried(files)
    assert what in trial.faults[0].what
    assert trial == Trial(trial.faults)


def test_bytes_that_differ_anywhere_are_another_candidate() -> None:
    texts = (b"a", b"b")
    found = {
        CandidateFiles(text, file, cases, problem).digest
        for text in texts
        for file in ("one", "other")
        for cases in (None, b"", b"c")
        for problem in ("", "p")
    }
    assert len(found) == 12


def test_a_text_beyond_what_is_ever_read_is_too_large() -> None:
    assert CandidateFiles(b"a" * (MAX_BYTES + 1), "v1.yaml").is_too_large
    assert CandidateFiles(b"", "v1.yaml", b"a" * (MAX_BYTES + 1)).is_too_large
    assert not GOOD.is_too_large
