from __future__ import annotations

from tests.api.cli.invoking import answer, invoked


def test_help_names_every_subject() -> None:
    shown = answer("--help")
    for command in (
        "demo", "run", "verify", "replay", "decisions", "trace", "policy", "catalog", "graph", "log", "kill-switch",
    ):  # fmt: skip
        assert f" {command} " in shown


def test_the_version_is_told() -> None:
    assert answer("--version").startswith("assay 0.")


def test_a_mistyped_command_is_answered_with_the_nearest() -> None:
    result = invoked("decision")
    assert result.exit_code == 2
    assert "decisions" in result.stderr
