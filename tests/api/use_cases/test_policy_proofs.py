"""ENG-08: what a proof needs of a log: the policy that ran, and recorded decisions to start witnesses from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.log_folder import log_folder_to_read
from api.use_cases.policy_proofs import ProofAsked, proof_job
from governance.policy_proof import MAX_BASES, Claim
from governance.ports import LogReader
from nodes.vocabulary.errors import EdgeError, PolicyError

SHIPPED = Path("policies/us-equities/v1.yaml").read_bytes()


@pytest.fixture(scope="module")
def reader(ran: Path) -> Iterator[LogReader]:
    with log_folder_to_read(ran).store.reader() as found:
        yield found


def test_a_candidate_is_compared_with_the_policy_that_ran(reader: LogReader) -> None:
    job = proof_job(reader, ProofAsked(SHIPPED, "v2.yaml", claims=(Claim.LIVE_ALLOWS,)))
    assert (job.live, job.claims, job.file) == (SHIPPED, ("live-allows",), "v2.yaml")


def test_witnesses_start_from_recorded_decisions_one_of_each_share(reader: LogReader) -> None:
    bases = proof_job(reader, ProofAsked(SHIPPED, "v2.yaml")).bases
    shares = [base.inputs["symbol"] for base in bases]
    assert 0 < len(bases) <= MAX_BASES
    assert len(set(shares)) == len(shares)
    assert all(base.inputs["proposed_order_shares"] for base in bases)


def test_decisions_of_accounts_that_may_not_be_seen_are_left_out(reader: LogReader) -> None:
    assert proof_job(reader, ProofAsked(SHIPPED, "v2.yaml"), lambda account: account == "nobody").bases == ()


def test_a_policy_that_never_ran_is_not_found(reader: LogReader) -> None:
    with pytest.raises(EdgeError, match="log holds no policy ffffff"):
        proof_job(reader, ProofAsked(SHIPPED, "v2.yaml", against="ffffff"))


def test_a_candidate_of_no_form_starts_no_child(reader: LogReader) -> None:
    with pytest.raises(PolicyError, match=r"v2\.yaml"):
        proof_job(reader, ProofAsked(b"rules: 3", "v2.yaml"))
