"""A plan whose features and contracts do not fit does not compile, and says all that is wrong. PIT-01."""

from __future__ import annotations

import pytest

from adapters.lake.domains.registry import DOMAINS
from dataflows.engine.contracts import is_feature, module_sheet
from dataflows.engine.recorded import recorded_plan
from dataflows.features import PARAMETERS, compiled_features
from nodes.vocabulary.domains import SOURCE_DOMAINS
from nodes.vocabulary.errors import PlanError, PolicyError
from policies.parse import parsed_policy
from tests.dataflows.engine.contracted import SHEET, plan


def complaints(sheet: str) -> str:
    with pytest.raises((PlanError, PolicyError), match=r"contracted\.contracts\.yaml") as caught:
        plan(sheet)
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  mood_score:", "  moods_score:", "moods_score is no node of the module; did you mean mood_score?"),
        ("unit: usd", "unit: frac", "price_usd is UsdColumn, its contract says frac; write unit: usd"),
        ("unit: usd", "unit: usd\n    dtype: int64", "price_usd in usd cannot be int64; write dtype: float64"),
        ("lag: 9h", "lag: 1h", "lag of ratings was 3600 s, shorter than the domain's 32400 s"),
        (
            "window: lag_sessions",
            "window: lags_sessions",
            "window of price_usd counts lags_sessions, which is no",
        ),
        ("sources: [bars_daily]", "sources: [bars_daily, ratings]", "price_usd reads bars_daily; its contract says"),
    ],
)
def test_what_does_not_fit_is_named_with_its_mend(old: str, new: str, said: str) -> None:
    assert said in complaints(SHEET.replace(old, new, 1))


def test_a_feature_without_contract_does_not_compile() -> None:
    without = SHEET[: SHEET.index("  raters_count:")]
    assert "feature raters_count has no contract; write its contract: sources, unit and range" in complaints(without)


def test_an_unknown_domain_is_named() -> None:
    assert "gossip is no domain" in complaints(SHEET.replace("ratings", "gossip"))


def test_all_that_does_not_fit_comes_at_once() -> None:
    broken = SHEET.replace("unit: usd", "unit: frac").replace("lag: 9h", "lag: 1h").replace("unit: count", "unit: usd")
    found = complaints(broken)
    assert all(word in found for word in ("its contract says frac", "lag of ratings", "its contract says usd"))


def test_the_contracts_are_in_the_manifest_and_move_its_digest() -> None:
    one, other = plan(), plan(SHEET.replace("[1.0, 100.0]", "[1.0, 200.0]"))
    assert one.digest != other.digest
    assert recorded_plan(one.manifest).node("price_usd").contract == one.node("price_usd").contract


def test_every_shipped_feature_has_a_contract_and_says_its_formula() -> None:
    """At least 60 features over all domains, each with formula, unit, missing law and source."""
    shipped = compiled_features(parsed_policy(PARAMETERS.read_bytes(), PARAMETERS.name))
    features = [node for node in shipped.nodes if is_feature(node)]
    assert len(features) >= 60
    assert all(node.contract is not None for node in features)
    said = {node.name: (node.doc.formula, node.doc.unit, node.doc.missing, node.doc.source) for node in features}
    assert [name for name, parts in said.items() if not all(parts)] == []
    read = {term.domain for node in features if node.contract for term in node.contract.sources}
    assert read == set(SOURCE_DOMAINS)


def test_every_domain_of_the_vocabulary_is_one_of_the_lake() -> None:
    assert set(SOURCE_DOMAINS) <= set(DOMAINS)
    subjects = {name: domain.subject for name, domain in SOURCE_DOMAINS.items() if domain.subject != "symbol"}
    assert all(subject is None or subject in DOMAINS[name].schema for name, subject in subjects.items())


def test_a_module_without_a_sheet_has_no_contracts() -> None:
    assert module_sheet("nodes.market.bars").contracts == {}
