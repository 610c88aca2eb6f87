"""A server does not start with settings that are unsafe together, and names all of them at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.profiles import is_loopback, require_safe
from api.settings import BrokerKind, PolicyMode, Profile, Settings
from nodes.vocabulary.errors import EdgeError

SAFE = Settings(origin="paper")
PRODUCTION = replace(SAFE, profile=Profile.PRODUCTION)
ALPACA = replace(SAFE, broker=BrokerKind.ALPACA, broker_key="key", broker_secret="secret")  # noqa: S106  # made up


def _require(settings: Settings, *, has_token_keys: bool = True, is_read_only: bool = False) -> None:
    require_safe(settings, has_token_keys=has_token_keys, is_read_only=is_read_only)


@pytest.mark.parametrize(
    "settings",
    [
        SAFE,
        ALPACA,
        replace(SAFE, broker=BrokerKind.IB),
        PRODUCTION,
        replace(PRODUCTION, host="0.0.0.0", behind_tls_proxy=True),  # noqa: S104  # that is the point
        replace(PRODUCTION, host="10.0.0.5", tls_certificate=Path("c.pem"), tls_key=Path("k.pem")),
        replace(PRODUCTION, policy_mode=PolicyMode.DIRECT),
    ],
)
def test_safe_combinations_start(settings: Settings) -> None:
    _require(settings)


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (replace(SAFE, host="0.0.0.0"), r"ASSAY_HOST=0\.0\.0\.0 can be reached from outside"),  # noqa: S104
        (replace(SAFE, port=0), "ASSAY_PORT=0 is no port"),
        (replace(SAFE, tls_key=Path("k.pem")), "go together"),
        (replace(SAFE, origin="research/mine"), "'research/mine' is research and takes no orders"),
        (
            replace(ALPACA, broker_secret=None),
            "broker alpaca without a key, set ASSAY_BROKER_KEY and",
        ),
        (replace(ALPACA, workers=2), "ASSAY_WORKERS=2 with broker alpaca, which one process may talk to, use 1"),
        (replace(ALPACA, accounts=("a", "b")), "ASSAY_ACCOUNTS=a,b with broker alpaca, where there is one, name one"),
        (replace(SAFE, broker=BrokerKind.FIX), "broker fix without a session, set ASSAY_BROKER_FILE"),
        (replace(PRODUCTION, host="10.0.0.5"), r"ASSAY_HOST=10\.0\.0\.5 without TLS"),
    ],
)
def test_unsafe_combinations_do_not(settings: Settings, why: str) -> None:
    with pytest.raises(EdgeError, match=why):
        _require(settings)


def test_production_does_not_start_without_keys_for_tokens() -> None:
    """SEC-17: no default secret."""
    with pytest.raises(EdgeError, match=r"no keys for tokens, make some with `assay token keys rotate`"):
        _require(PRODUCTION, has_token_keys=False)


def test_everything_unsafe_is_named_at_once() -> None:
    settings = replace(PRODUCTION, host="10.0.0.5", port=70_000, origin="research/x")
    with pytest.raises(EdgeError, match=r"profile production does not start: .*ASSAY_PORT.*research.*TLS.*keys"):
        _require(settings, has_token_keys=False)


def test_a_research_log_may_be_shown() -> None:
    _require(replace(SAFE, origin="research/x"), is_read_only=True)


@pytest.mark.parametrize(
    ("given", "mode"),
    [
        ({}, PolicyMode.DIRECT),
        ({"profile": Profile.PRODUCTION}, PolicyMode.APPROVED),
        ({"profile": Profile.PRODUCTION, "policy_mode": PolicyMode.DIRECT}, PolicyMode.DIRECT),
        ({"policy_mode": PolicyMode.APPROVED}, PolicyMode.APPROVED),
    ],
)
def test_production_asks_for_a_second_person_unless_told_otherwise(given: dict[str, Any], mode: PolicyMode) -> None:
    assert Settings(**given).mode is mode


@pytest.mark.parametrize(
    ("host", "is_local"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("192.0.2.1", False),
        ("::", False),
        ("example.org", False),
    ],
)
def test_the_loopback_is_known(host: str, is_local: bool) -> None:  # noqa: FBT001  # a column of the table above
    assert is_loopback(host) is is_local
