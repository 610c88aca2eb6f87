"""`assay bundle`: one file, and how to check it."""

from __future__ import annotations

from pathlib import Path

from tests.api.cli.invoking import answer, invoked
from tests.governance.bundle_examples import DecidedHome, decided, verifier

__all__ = ["decided"]


def test_a_bundle_is_written_with_how_to_check_it(decided: DecidedHome, tmp_path: Path) -> None:
    """ENG-09: one file a decision."""
    target = tmp_path / "bundle.html"
    said = answer("bundle", "latest", "--home", str(decided.path), "-o", str(target))
    assert "entries proved against the checkpoint of" in said
    assert f"verify_bundle.py {target} '{decided.vkey}'" in said
    assert verifier().main([str(target), decided.vkey]) == 0


def test_a_redacted_bundle_names_what_is_masked_and_what_may_tell_it(decided: DecidedHome, tmp_path: Path) -> None:
    """ENG-10."""
    target = tmp_path / "bundle.html"
    home = ("--home", str(decided.path))
    said = " ".join(answer("bundle", *home, "--redact", "adv_shares", "-o", str(target)).split())
    assert "masked: adv_shares, last_adv_shares" in said
    assert "participation_cap_shares" in said.partition("shown, and may tell a masked value: ")[2]
    assert "bodies are left out; the file says which and why" in said


def test_a_bundle_goes_to_standard_output_whole(decided: DecidedHome) -> None:
    file = answer("bundle", "latest", "--home", str(decided.path), "-o", "-").encode()
    assert verifier().Bundle(file, decided.vkey).size


def test_what_cannot_be_masked_is_refused_in_words(decided: DecidedHome) -> None:
    refused = invoked("bundle", "latest", "--home", str(decided.path), "--redact", "symbol")
    assert refused.exit_code != 0
    assert "the decision's own entry says it" in " ".join(refused.output.split())
