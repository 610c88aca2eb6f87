"""Settings come from the environment, and every slip in it is named."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from api.settings import LogLevel, PolicyMode, Profile, Settings, settings
from nodes.vocabulary.errors import EdgeError


def test_an_empty_environment_gives_the_demo() -> None:
    assert settings({"HOME": "/home/someone"}) == Settings()


def test_the_shipped_policy_is_found_wherever_one_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert settings({}).policy.read_bytes().startswith(b"policy: us-equities")


def test_each_variable_sets_its_field() -> None:
    given = {
        "ASSAY_HOME": "elsewhere",
        "ASSAY_ORIGIN": "paper",
        "ASSAY_OPENING_CASH_USD": "250000.50",
        "ASSAY_FIRST_ON": "2006-01-03",
    }
    wanted = Settings(Path("elsewhere"), "paper", opening_cash_usd=Decimal("250000.50"), first_on=date(2006, 1, 3))
    assert settings(given) == wanted


def test_imported_facts_and_what_is_traded_of_them_are_settings() -> None:
    given = {"ASSAY_LAKE": "lake", "ASSAY_UNIVERSE": "AAPL, IBM", "ASSAY_UNIVERSE_ON": "2021-03-31"}
    wanted = Settings(lake=Path("lake"), universe=("AAPL", "IBM"), universe_on=date(2021, 3, 31))
    assert settings(given) == wanted


def test_an_unknown_variable_of_ours_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(EdgeError, match=r"ASSAY_HOUSE is unknown; use one of .*ASSAY_HOME"):
        settings({"ASSAY_HOUSE": "var"})


@pytest.mark.parametrize(
    ("variable", "text"), [("ASSAY_FIRST_ON", "3 January"), ("ASSAY_OPENING_CASH_USD", "a million")]
)
def test_a_value_that_cannot_be_read_is_quoted(variable: str, text: str) -> None:
    with pytest.raises(EdgeError, match=rf"{variable}='{text}' cannot be read: .*; correct or unset it"):
        settings({variable: text})


def test_an_empty_value_is_refused() -> None:
    with pytest.raises(EdgeError, match="ASSAY_HOME is empty; give it a value or unset it"):
        settings({"ASSAY_HOME": ""})


def test_the_variables_of_a_server_set_their_fields() -> None:
    given = {
        "ASSAY_PROFILE": "production",
        "ASSAY_POLICY_MODE": "direct",
        "ASSAY_ACCOUNTS": "paper, second",
        "ASSAY_WORKERS": "2",
        "ASSAY_PORT": "8080",
        "ASSAY_BEHIND_TLS_PROXY": "1",
        "ASSAY_LOG_LEVEL": "warning",
        "ASSAY_MARKET_ON": "2012-06-01",
    }
    found = settings(given)
    assert (found.profile, found.mode, found.log_level) == (Profile.PRODUCTION, PolicyMode.DIRECT, LogLevel.WARNING)
    assert (found.accounts, found.workers, found.port) == (("paper", "second"), 2, 8080)
    assert (found.behind_tls_proxy, found.market_on) == (True, date(2012, 6, 1))


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("ASSAY_PROFILE", "staging"),
        ("ASSAY_WORKERS", "0"),
        ("ASSAY_PORT", "http"),
        ("ASSAY_BEHIND_TLS_PROXY", "yes"),
        ("ASSAY_ACCOUNTS", "a,,b"),
        ("ASSAY_ACCOUNTS", "a,a"),
        ("ASSAY_LOG_LEVEL", "chatty"),
    ],
)
def test_a_variable_of_a_server_that_cannot_be_read_is_quoted(variable: str, text: str) -> None:
    with pytest.raises(EdgeError, match=rf"{variable}='{text}' cannot be read"):
        settings({variable: text})
