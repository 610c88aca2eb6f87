"""`assay serve`: what it assumes, and what it tells who starts it."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.cli.serving import greet, serving_settings
from api.http.domains import DOMAINS
from api.settings import Profile
from tests.api.cli.invoking import invoked
from tests.api.cli.paper import Paper


def test_serving_assumes_a_paper_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASSAY_HOME", raising=False)
    found = serving_settings(None)
    assert (found.home, found.origin, found.host, found.port) == (Path("var/paper"), "paper", "127.0.0.1", 8000)


def test_the_command_line_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_PORT", "9000")
    assert serving_settings(None).port == 9000
    assert serving_settings(None, port=9001, host=None).port == 9001


def test_a_log_that_is_there_keeps_its_name(home: str) -> None:
    assert serving_settings(Path(home)).origin == "research/cli"


def test_a_developer_is_told_how_to_get_a_token_and_gets_none_by_itself(tmp_path: Path) -> None:
    """SEC-17: no bypass in development."""
    paper = Paper(width=200)
    greet(paper.console, serving_settings(tmp_path / "home"))
    assert f"assay token issue --home {tmp_path / 'home'}" in paper.text
    assert "eyJ" not in paper.text
    assert "$USER" not in paper.text  # containers have none
    assert not (tmp_path / "home").exists()


def test_production_is_not_told_how(tmp_path: Path) -> None:
    paper = Paper(width=200)
    greet(paper.console, serving_settings(tmp_path / "home", profile=Profile.PRODUCTION))
    assert "token" not in paper.text
    assert not (tmp_path / "home").exists()


def test_a_research_log_is_not_served_for_orders(home: str) -> None:
    result = invoked("serve", "--home", home)
    assert result.exit_code == 14
    assert "is research and takes no orders, serve it with --read-only" in result.stderr


def test_a_home_without_a_log_cannot_be_shown(tmp_path: Path) -> None:
    result = invoked("serve", "--home", str(tmp_path / "none"), "--read-only")
    assert result.exit_code == 14
    assert "holds no decision log" in result.stderr
    assert not (tmp_path / "none").exists()


def test_a_domain_that_is_served_alone_has_its_own_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """PORT-01: unless another one is named."""
    monkeypatch.delenv("ASSAY_PORT", raising=False)
    assert serving_settings(None, DOMAINS["events"]).port == 8010
    assert serving_settings(None, DOMAINS["events"], port=9001).port == 9001
    monkeypatch.setenv("ASSAY_PORT", "9000")
    assert serving_settings(None, DOMAINS["events"]).port == 9000


def test_an_unknown_domain_is_named_with_those_that_there_are(tmp_path: Path) -> None:
    """SCOPE-01."""
    result = invoked("serve", "--home", str(tmp_path / "none"), "--only", "prices")
    assert result.exit_code == 14
    assert "domain 'prices' is unknown" in result.stderr
    assert "serve one of signal, market-data, fundamentals" in result.stderr


def test_a_domain_that_only_reads_needs_a_log_that_is_there(tmp_path: Path) -> None:
    result = invoked("serve", "--home", str(tmp_path / "none"), "--only", "fundamentals")
    assert result.exit_code == 14
    assert "holds no decision log" in result.stderr
    assert not (tmp_path / "none").exists()
