"""The composition root makes a home on first use, opens it again, and refuses what is not there."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from adapters.lake.lake import bundled_lake
from adapters.telemetry.telemetry import Telemetry
from api.bootstrap import chosen_lake, fact_store, log_to_write, open_desk, open_service, read_candidate, shell_clock
from api.log_parts import log_to_read
from api.settings import Settings
from api.use_cases.policies import cases_file
from api.use_cases.reloading import submitted_candidate
from api.use_cases.reloads import CandidateState, Source
from governance.entries import EntryKind
from nodes.vocabulary.errors import EdgeError, PolicyError
from tests.api.use_cases.policies_at import CASES, NOW, active_digest, version

POLICY = Path(__file__).parents[2] / "policies" / "us-equities" / "v1.yaml"


def _settings(home: Path) -> Settings:
    return Settings(home=home, policy=POLICY)


def test_a_new_home_begins_with_its_genesis_and_is_opened_again_without_another(tmp_path: Path) -> None:
    for _ in range(2):
        with log_to_write(_settings(tmp_path / "home")) as folder, folder.store.reader() as reader:
            (genesis,) = reader.records(0, 9)
    assert genesis.kind == EntryKind.GENESIS.value
    assert genesis.entry.facts["verifier_key"] == folder.key.text


def test_the_private_key_of_a_home_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    with log_to_write(_settings(tmp_path / "home")):
        assert (tmp_path / "home" / "key").stat().st_mode & 0o077 == 0


def test_a_home_without_a_log_cannot_be_read(tmp_path: Path) -> None:
    with (
        pytest.raises(EdgeError, match=r"holds no decision log; run `assay demo` first"),
        log_to_read(_settings(tmp_path / "none")),
    ):
        pass


def test_a_home_holds_the_log_of_one_origin(tmp_path: Path) -> None:
    settings = _settings(tmp_path / "home")
    with log_to_write(settings):
        pass
    with (
        pytest.raises(EdgeError, match=r"'research/us-equities'.*'paper'"),
        log_to_write(replace(settings, origin="paper")),
    ):
        pass


def test_an_open_desk_runs_the_policy_of_its_file(tmp_path: Path) -> None:
    with open_desk(_settings(tmp_path / "home"), lake=bundled_lake()) as opened:
        assert opened.desk.active.generation.policy.family == "us-equities"
        assert opened.desk.environment.machine["blas_threads"] == "1"


def test_a_desk_does_not_open_on_a_faulty_policy_and_leaves_no_log(tmp_path: Path) -> None:
    broken = tmp_path / "v1.yaml"
    broken.write_bytes(POLICY.read_bytes().replace(b"version: 1", b"version: one"))
    with pytest.raises(PolicyError, match=r"v1.yaml:2:\d+"), open_desk(_settings(tmp_path / "home"), broken):
        pass
    assert not (tmp_path / "home").exists()


def test_a_policy_that_does_not_answer_its_cases_runs_in_research_only(tmp_path: Path) -> None:
    policy = tmp_path / "v1.yaml"
    text = POLICY.read_text(encoding="utf-8").replace("effective_from: 2026", "effective_from: 2096")
    policy.write_text(text.replace("max_order_shares: 5000", "max_order_shares: 4000"), encoding="utf-8")
    shutil.copy(cases_file(POLICY), cases_file(policy))
    paper = replace(_settings(tmp_path / "paper"), origin="paper")
    with pytest.raises(PolicyError, match=r"v1\.cases\.yaml:\d+"), open_desk(paper, policy, bundled_lake()):
        pass
    with log_to_read(paper) as folder, folder.store.reader() as reader:
        assert reader.activations() == []
    with open_desk(_settings(tmp_path / "research"), policy, bundled_lake()) as opened:
        assert opened.desk.active.generation.policy.version == 1


def test_a_candidate_is_named_by_its_file() -> None:
    assert read_candidate(POLICY).parsed.file == str(POLICY)


def test_the_shell_clock_is_in_utc() -> None:
    offset = shell_clock().utcoffset()
    assert offset is not None
    assert not offset


def test_what_becomes_of_candidates_is_told_and_counted_with_the_time_that_trying_took(tmp_path: Path) -> None:
    """Alerts on refused candidates look at a count that something moves."""
    settings, telemetry = Settings(home=tmp_path / "home", origin="paper"), Telemetry()
    with open_service(settings, bundled_lake(), telemetry) as service, capture_logs() as lines:
        service.reloads.warm()
        text = version(2, active_digest(service))
        submitted_candidate(service, b"nothing", "v2.yaml", "ann", Source.API)
        served = replace(service, clock=lambda: NOW)
        outcome = submitted_candidate(served, text, "v2.yaml", "ann", Source.WATCH, cases=CASES)
        again = submitted_candidate(served, text, "v2.yaml", "ann", Source.WATCH, cases=CASES)
        service.writer.submit(service.generations.in_force).result(10)
    told = [(line["log_level"], line["source"], line["state"]) for line in lines if line["event"] == "policy"]
    assert told == [("warning", "api", "refused"), ("info", "watch", "active")]
    value = telemetry.counted.registry.get_sample_value
    assert (outcome.state, again.state) == (CandidateState.ACTIVE, CandidateState.UNCHANGED)
    assert value("assay_policy_candidates_total", {"source": "api", "outcome": "refused"}) == 1
    assert value("assay_policy_candidates_total", {"source": "watch", "outcome": "active"}) == 1
    assert value("assay_policy_candidate_seconds_count") == 2
    assert value("assay_generation_swaps_total") == 1


def test_without_a_lake_the_bundled_data_are_decided_on() -> None:
    assert chosen_lake(Settings()).universe == bundled_lake().universe


def test_a_lake_needs_the_symbols_that_are_traded(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="give --universe A,B or set ASSAY_UNIVERSE"):
        chosen_lake(Settings(lake=tmp_path))


def test_facts_are_where_the_caller_or_the_settings_say(tmp_path: Path) -> None:
    assert fact_store(Settings(lake=tmp_path)).domains() == ()
    assert fact_store(Settings(), tmp_path).domains() == ()
    with pytest.raises(EdgeError, match="give --lake FOLDER or set ASSAY_LAKE"):
        fact_store(Settings())
