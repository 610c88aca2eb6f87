"""Activation archives what it activates, follows the active version, and does nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.log_folder import LogFolder
from api.bootstrap import log_to_write
from api.use_cases.activation import (
    ActivationRequest,
    CanaryRequest,
    activated,
    appended_activation,
    logged_activation,
    runners,
)
from api.use_cases.policies import Candidate, candidate
from governance.entries import EntryKind
from governance.environment import environment_here
from governance.policy_stages import CanaryTerms
from nodes.vocabulary.canonical import decode, digest_text
from nodes.vocabulary.errors import PolicyError
from tests.api.use_cases.homes import POLICY, entries, home_settings

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def first() -> Candidate:
    return candidate(POLICY.read_bytes(), "v1.yaml")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[LogFolder]:
    with log_to_write(home_settings(tmp_path / "home")) as opened:
        yield opened


def _request(chosen: Candidate) -> ActivationRequest:
    return ActivationRequest(chosen, "risk", environment_here(), NOW)


def _version(number: int, supersedes: bytes | None, limit: str = "0.07") -> Candidate:
    text = POLICY.read_text(encoding="utf-8")
    head = f"supersedes: {'null' if supersedes is None else digest_text(supersedes)}"
    text = text.replace("version: 1", f"version: {number}").replace("supersedes: null", head)
    text = text.replace("max_daily_move_frac: 0.08", f"max_daily_move_frac: {limit}")
    return candidate(text.encode(), f"v{number}.yaml")


def test_the_first_activation_archives_policy_sources_and_manifests(folder: LogFolder, first: Candidate) -> None:
    active = activated(folder.store, _request(first))
    with folder.store.reader() as reader:
        sources = decode(reader.body(active.refs.sources))
        assert reader.body(active.refs.policy) == first.text
        assert reader.body(active.refs.order_manifest) == first.generation.order.manifest
    assert "nodes.features.momentum" in sources
    assert "nodes.vocabulary.canonical" in sources


def test_activating_what_is_active_is_nothing(folder: LogFolder, first: Candidate) -> None:
    one = activated(folder.store, _request(first))
    two = activated(folder.store, _request(first))
    assert one.refs == two.refs
    assert len(entries(folder.store, EntryKind.ACTIVATION)) == 1


def test_a_successor_supersedes_the_active_version(folder: LogFolder, first: Candidate) -> None:
    activated(folder.store, _request(first))
    second = _version(2, first.generation.policy_digest)
    activated(folder.store, _request(second))
    with folder.store.reader() as reader:
        newest = logged_activation(reader, "us-equities")
    assert newest is not None
    assert newest.policy.version == 2
    assert newest.facts["supersedes"] == first.generation.policy_digest


def test_an_edited_active_file_is_refused_with_both_digests(folder: LogFolder, first: Candidate) -> None:
    activated(folder.store, _request(first))
    with pytest.raises(PolicyError, match=r"version 1 was activated as sha256:.*write the change as version 2"):
        activated(folder.store, _request(_version(1, None)))


def test_a_version_that_skips_or_goes_back_is_refused(folder: LogFolder, first: Candidate) -> None:
    activated(folder.store, _request(first))
    activated(folder.store, _request(_version(2, first.generation.policy_digest)))
    with pytest.raises(PolicyError, match="version was 1, expected 3: it goes backwards"):
        activated(folder.store, _request(first))
    with pytest.raises(PolicyError, match="version was 5, expected 3: it skips a number"):
        activated(folder.store, _request(_version(5, None)))


def test_a_successor_that_supersedes_another_version_is_refused(folder: LogFolder, first: Candidate) -> None:
    activated(folder.store, _request(first))
    with pytest.raises(PolicyError, match=r"supersedes was sha256:0707.*expected the digest of the active version"):
        activated(folder.store, _request(_version(2, b"\x07" * 32)))


def test_the_same_policy_is_activated_anew_where_the_libraries_changed(folder: LogFolder, first: Candidate) -> None:
    activated(folder.store, _request(first))
    here = environment_here()
    elsewhere = replace(here, libraries={**here.libraries, "numpy": "9.9.9"})
    activated(folder.store, replace(_request(first), environment=elsewhere))
    newest = entries(folder.store, EntryKind.ACTIVATION)[-1]
    assert newest.facts["is_again"]
    assert newest.facts["environment_digest"] == elsewhere.digest


def test_cases_and_canary_of_a_policy_that_is_activated_anew(folder: LogFolder, first: Candidate) -> None:
    """Its cases stay with it. A canary stays in the same code, and ends under other: nobody compiled it there."""
    beside = _version(2, first.generation.policy_digest)
    here = environment_here()
    ready = runners(beside.generation, folder.store.origin, here)
    canary = CanaryRequest(beside, CanaryTerms(beside.generation.policy_digest, 0.0, ("IBM",)), ready)
    with folder.store.transaction() as transaction:
        request = replace(_request(first), cases=b"cases: []", canary=canary)
        appended_activation(transaction, folder.store.origin, request, None)
    again = activated(folder.store, _request(first))
    assert again.canary is not None
    assert again.of_symbol("IBM").generation.policy_digest == beside.generation.policy_digest
    assert again.of_symbol("AAPL") is again
    elsewhere = replace(here, libraries={**here.libraries, "numpy": "9.9.9"})
    assert activated(folder.store, replace(_request(first), environment=elsewhere)).canary is None
    newest = entries(folder.store, EntryKind.ACTIVATION)[-1]
    assert "canary" not in newest.facts
    with folder.store.reader() as reader:
        assert reader.body(newest.facts["cases_ref"]) == b"cases: []"


def test_a_log_begins_with_a_policy_that_is_in_force_already(tmp_path: Path, first: Candidate) -> None:
    with log_to_write(home_settings(tmp_path / "paper", origin="paper")) as folder:
        activated(folder.store, _request(first))
        assert len(entries(folder.store, EntryKind.ACTIVATION)) == 1


def test_a_policy_that_reaches_back_in_time_is_refused_outside_research(tmp_path: Path, first: Candidate) -> None:
    with log_to_write(home_settings(tmp_path / "paper", origin="paper")) as folder:
        activated(folder.store, _request(first))
        with pytest.raises(PolicyError, match="effective_from was 2026-11-02T14:30:00Z, which is over"):
            activated(folder.store, _request(_version(2, first.generation.policy_digest)))


def test_a_strategy_that_was_never_activated_has_no_activation(folder: LogFolder) -> None:
    with folder.store.reader() as reader:
        assert logged_activation(reader, "us-equities") is None


def test_a_process_with_other_code_cannot_append_as_the_same_generation(folder: LogFolder, first: Candidate) -> None:
    """SGN-09: the append knows the activation, and with it the code, not only the policy's digest."""
    ours = activated(folder.store, _request(first))
    here = environment_here()
    elsewhere = replace(here, libraries={**here.libraries, "numpy": "9.9.9"})
    theirs = activated(folder.store, replace(_request(first), environment=elsewhere))
    assert ours.generation.policy_digest == theirs.generation.policy_digest
    assert ours.sequence < theirs.sequence
    with folder.store.transaction() as transaction:
        found = transaction.activation("us-equities")
    assert found is not None
    assert found.sequence == theirs.sequence
