"""`assay policy impact`: the same report for persons, for programs and as the bytes that are bound."""

from __future__ import annotations

from pathlib import Path

import pytest

from governance.impact_report import impact_digest, impact_facts
from tests.api.cli.invoking import answer, invoked, json_answer

SHIPPED = Path("policies/us-equities/v1.yaml")


@pytest.fixture
def strict(tmp_path: Path) -> str:
    """A candidate that lets an account order once a session, in small sizes."""
    text = SHIPPED.read_text(encoding="utf-8").replace("max_day_orders_count: 3", "max_day_orders_count: 1")
    file = tmp_path / "v2.yaml"
    file.write_text(text.replace("max_order_shares: 5000", "max_order_shares: 200"), encoding="utf-8")
    return str(file)


def test_an_impact_is_told_to_persons(home: str, strict: str) -> None:
    """ENG-06."""
    told = answer("policy", "impact", strict, "--home", home)
    assert "judged, all decisions" in told
    assert "an estimate" in told
    assert "message-rate" in told
    assert "to deny" in told


def test_an_impact_is_told_to_programs_and_kept_as_bytes(home: str, strict: str, tmp_path: Path) -> None:
    file = tmp_path / "impact.bin"
    told = json_answer("policy", "impact", strict, "--home", home, "--last", "4", "--rows", "2", "-o", str(file))
    assert (told["report"]["n_decisions"], len(told["decisions"])) == (4, 2)
    body = file.read_bytes()
    assert told["impact_digest"] == f"sha256:{impact_digest(body).hex()}"
    assert impact_facts(body)["n_decisions"] == 4


def test_the_path_is_told_with_it(home: str, strict: str) -> None:
    told = answer("policy", "impact", strict, "--home", home, "--path", "--rows", "0", "--last", "1")
    assert "deepest fall" in told
    assert "parted" in told


def test_a_home_without_a_log_and_a_faulty_policy_are_refused(home: str, strict: str, tmp_path: Path) -> None:
    lost = invoked("policy", "impact", strict, "--home", str(tmp_path / "none"))
    assert lost.exit_code != 0
    assert "holds no decision log" in lost.output
    faulty = tmp_path / "faulty.yaml"
    faulty.write_text("policy: x", encoding="utf-8")
    refused = invoked("policy", "impact", str(faulty), "--home", home)
    assert refused.exit_code != 0
    assert "faulty.yaml:1:1" in refused.output.replace("\n", "")
