"""`assay policy prove`: what is proved, what is shown, and the exit code that says whether something loosens."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.cli.invoking import invoked

SHIPPED = Path("policies/us-equities/v1.yaml")


@pytest.fixture
def looser(tmp_path: Path) -> str:
    text = SHIPPED.read_text(encoding="utf-8").replace("min_order_notional_usd: 2500", "min_order_notional_usd: 2000")
    file = tmp_path / "v2.yaml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_looser_policy_is_shown_by_what_it_lets_through(home: str, looser: str) -> None:
    """ENG-08."""
    told = invoked("policy", "prove", looser, "--home", home, "--claim", "candidate-allows")
    assert told.exit_code == 1
    assert "There are inputs for which the candidate acts where the live policy denies" in told.stdout
    assert "minimum-size" in told.stdout
