"""The broker that settings name is the one that orders go to, or nothing starts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.brokers.interactive_brokers.venue import IbVenue
from api.bootstrap import shell_clock
from api.broker_parts import BROKER, chosen_broker
from api.settings import BrokerKind, Settings
from api.use_cases.guarded_broker import GuardedRemote
from nodes.vocabulary.errors import EdgeError


def settings(home: Path, broker: BrokerKind = BrokerKind.SIMULATED) -> Settings:
    return Settings(home=home, origin="paper", broker=broker)


def test_the_simulated_broker_is_a_file_of_the_home(tmp_path: Path) -> None:
    with chosen_broker(settings(tmp_path), shell_clock) as broker:
        assert not isinstance(broker, GuardedRemote)
        assert (tmp_path / BROKER).exists()


def test_research_has_no_broker_whatever_is_set(tmp_path: Path) -> None:
    research = replace(settings(tmp_path, BrokerKind.IB), origin="research/mine")
    with chosen_broker(research, shell_clock) as broker:
        assert broker is None


def test_a_broker_somewhere_else_is_asked_only_when_there_is_something_to_ask(tmp_path: Path) -> None:
    with chosen_broker(settings(tmp_path, BrokerKind.IB), shell_clock) as broker:
        assert isinstance(broker, GuardedRemote)
        assert isinstance(broker.inner.venue, IbVenue)  # type: ignore[attr-defined]  # of the one that there is
        assert broker.stood(()) == ()


@pytest.mark.parametrize("kind", [BrokerKind.ALPACA, BrokerKind.FIX])
def test_a_broker_that_lacks_what_it_needs_does_not_start(tmp_path: Path, kind: BrokerKind) -> None:
    """EXE-17: secrets come from the environment, and none is made up."""
    with (
        pytest.raises(EdgeError, match=f"broker {kind.value} lacks what it needs"),
        chosen_broker(settings(tmp_path, kind), shell_clock),
    ):
        pass


def test_secrets_of_brokers_are_not_shown(tmp_path: Path) -> None:
    found = replace(settings(tmp_path), broker_key="AK-1", broker_secret="s3cr3t")  # noqa: S106  # made up
    assert "AK-1" not in repr(found)
    assert "s3cr3t" not in repr(found)
