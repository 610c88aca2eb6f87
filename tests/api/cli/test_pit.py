"""`assay pit` lists contracts, and says no when a served feature no longer comes out."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from api.cli.app import app
from api.use_cases.leak_audit import feature_plan


def test_contracts_are_listed_for_programs() -> None:
    told = CliRunner().invoke(app, ["pit", "contracts", "--json"])
    assert told.exit_code == 0
    listed = json.loads(told.stdout)
    assert len(listed) == sum(node.contract is not None for node in feature_plan().nodes)
    assert listed["short_interest_frac"]["owner"] == "research"


def test_skew_of_a_home_without_a_log_names_the_mend(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["pit", "skew", "--home", str(tmp_path)])
    assert told.exit_code != 0
    assert "assay demo" in told.stderr
