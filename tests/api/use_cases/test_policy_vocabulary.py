"""UI-01: what an editor completes is what the compiler knows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.lake.lake import Lake
from api.use_cases.candidates import CandidateFiles
from api.use_cases.policy_check import policy_check
from api.use_cases.policy_vocabulary import PolicyVocabulary, policy_vocabulary, suffix_units
from api.use_cases.service import Service
from tests.api.use_cases.policies_at import active_digest, service_at, version


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, lake: Lake) -> Iterator[Service]:
    with service_at(tmp_path_factory.mktemp("words") / "home", lake) as opened:
        yield opened


@pytest.fixture(scope="module")
def found(service: Service) -> PolicyVocabulary:
    return policy_vocabulary(service)


def test_names_carry_unit_type_and_meaning(found: PolicyVocabulary) -> None:
    words = {word.name: word for word in found.words}
    participation = words["participation_frac"]
    assert (participation.kind, participation.unit, participation.type) == ("node", "Frac", "number")
    assert participation.doc
    assert participation.uses == ("require",)
    assert participation.read_by
    assert words["cash_usd"].doc  # a field of the snapshot is described where it is declared
    assert words["participation_cap_shares"].uses == ("require", "cap")


def test_limits_and_parameters_say_what_the_active_policy_gives(found: PolicyVocabulary) -> None:
    words = {word.name: word for word in found.words}
    assert (words["max_participation_frac"].kind, words["max_participation_frac"].value) == ("limit", "0.0004")
    assert "erc" in words["portfolio_method"].choices
    unset = [word for word in found.words if word.kind == "parameter" and word.value is None]
    assert all(word.read_by for word in unset)


def test_every_name_that_is_offered_for_rules_compiles_in_one(service: Service, found: PolicyVocabulary) -> None:
    text = version(2, active_digest(service)).decode()
    for word in [word for word in found.words if "require" in word.uses and word.kind in {"node", "input"}][::6]:
        rule = (
            f"\n  - id: offered\n    require: {word.name} IS NOT NULL AND {word.name} = {word.name}\n    then: warn\n"
            "    because: x\n    plain: x\n    source: x\n"
        )
        told = policy_check(service, CandidateFiles((text + rule).encode(), "v2.yaml", is_draft=True))
        assert not [fault for fault in told.faults if "unknown" in fault.what], word.name


def test_keys_are_those_of_the_schema_with_their_meaning(found: PolicyVocabulary) -> None:
    keys = {(key.of, key.name): key for key in found.keys}
    assert keys["rule", "then"].choices == ("deny", "review", "warn")
    assert keys["policy", "version"].is_required
    assert not keys["policy", "sources"].is_required
    assert all(key.doc for key in found.keys)


def test_endings_say_unit_and_type() -> None:
    endings = {suffix: (unit, kind) for suffix, unit, kind in suffix_units()}
    assert endings["_usd"] == ("Usd", "amount")
    assert endings["_on"] == ("", "date")
    assert endings["_weights"] == ("Weights", "weights")
